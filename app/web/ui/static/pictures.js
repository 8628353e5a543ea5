// @ts-check
// Pictures of pages, a few at a time, what is looked at first: a browser opens six connections to a server, which draws
// one page at a time, and the answers to questions must not wait behind thumbnails.

/** The page that is looked at; what stands beside it; what may be looked at next. */
export const NOW = 0;
export const SOON = 1;
export const LATER = 2;

/** Pictures besides the page that is looked at that are fetched at once. */
const AT_ONCE = 3;
/** Pictures that are kept for the next pages, so that the browser need not ask for them again. */
const MOST_AHEAD = 8;

/** @typedef {{image: HTMLImageElement, source: string, rank: number}} Wanted */

/** @type {Wanted[]} */
let waiting = [];
/** @type {Set<HTMLImageElement>} */
const running = new Set();
/** @type {HTMLImageElement[]} */
let ahead = [];
/** What to do when an element comes into view. @type {WeakMap<Element, () => void>} */
const seen = new WeakMap();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    seen.get(target)?.();
  }
}, /** @type {any} */ ({ rootMargin: '200px', scrollMargin: '200px' }));

function begin(/** @type {Wanted} */ { image, source, rank }) {
  if (rank !== NOW) {
    running.add(image);
    const end = () => {
      if (running.delete(image)) goOn();
    };
    image.addEventListener('load', end, { once: true });
    image.addEventListener('error', end, { once: true });
  }
  image.fetchPriority = rank === NOW ? 'high' : 'low';
  image.src = source;
}

function goOn() {
  while (running.size < AT_ONCE && waiting.length) {
    const next = waiting.reduce((best, one) => (one.rank < best.rank ? one : best));
    waiting = waiting.filter((one) => one !== next);
    begin(next);
  }
}

/** Fetch a picture into an element, in its turn. */
export function load(/** @type {HTMLImageElement} */ image, /** @type {string} */ source, /** @type {number} */ rank) {
  drop(image);
  if (rank === NOW) begin({ image, source, rank });
  else {
    waiting.push({ image, source, rank });
    goOn();
  }
}

/** Fetch it when the element comes into view. */
export function loadSeen(/** @type {HTMLImageElement} */ image, /** @type {string} */ source, /** @type {number} */ rank) {
  seen.set(image, () => load(image, source, rank));
  watcher.observe(image);
}

/** Whatever was to come into the element is not wanted any more. */
export function drop(/** @type {HTMLImageElement} */ image) {
  waiting = waiting.filter((one) => one.image !== image);
  image.removeAttribute('src');
  if (running.delete(image)) goOn();
}

/** Fetch a picture that may be looked at next. */
export function fetchAhead(/** @type {string} */ source) {
  if (ahead.some((image) => image.dataset.source === source)) return;
  const image = new Image();
  image.dataset.source = source;
  ahead.push(image);
  for (const old of ahead.slice(0, -MOST_AHEAD)) drop(old);
  ahead = ahead.slice(-MOST_AHEAD);
  load(image, source, LATER);
}
