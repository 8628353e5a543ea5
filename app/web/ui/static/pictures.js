// @ts-check
// Pictures of pages, a few at a time, what is looked at first: a browser opens six connections to a server, which draws
// two pages at a time, and neither that page nor the answers to questions must wait behind thumbnails.

import { h, isShown } from './dom.js';

/** The page that is looked at; what stands beside it; what may be looked at next. */
export const NOW = 0;
export const SOON = 1;
export const LATER = 2;

/** Pictures that are fetched at once: besides the page that is looked at, and while that is on its way. */
const AT_ONCE = 3;
const BESIDE = 1;
/** Pictures that are kept for the next pages, so that the browser need not ask for them again. */
const MOST_AHEAD = 8;

/** @typedef {{image: HTMLImageElement, source: string, rank: number}} Wanted */

/** @type {Wanted[]} */
let waiting = [];
/** Of the page that is looked at, and of others. @type {Set<HTMLImageElement>} */
const urgent = new Set();
/** @type {Map<HTMLImageElement, Wanted>} */
const running = new Map();
/** @type {HTMLImageElement[]} */
let ahead = [];
/** Pictures that did not come. @type {Map<HTMLImageElement, Wanted>} */
const failed = new Map();
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
  if (rank === NOW) {
    urgent.add(image);
    putOff();
  } else running.set(image, { image, source, rank });
  const end = () => ended(image);
  image.addEventListener('load', end, { once: true });
  image.addEventListener('error', () => {
    if (image.isConnected) failed.set(image, { image, source, rank });
    image.removeAttribute('src'); // a browser draws a torn picture where one did not come
    ended(image);
  }, { once: true });
  image.fetchPriority = rank === NOW ? 'high' : 'low';
  image.src = source;
}

/** What is out of sight gives its connection back; it is asked for again when it is seen. */
function putOff() {
  for (const { image, source, rank } of [...running.values()]) {
    if (!seen.has(image) || isShown(image)) continue;
    drop(image);
    if (image.isConnected) loadSeen(image, source, rank);
  }
}

/** It is here, or not wanted any more. */
function ended(/** @type {HTMLImageElement} */ image) {
  const [wasUrgent, wasRunning] = [urgent.delete(image), running.delete(image)];
  if (wasUrgent || wasRunning) goOn();
}

function goOn() {
  waiting = waiting.filter(({ image }) => image.isConnected || !seen.has(image)); // gone, since it was seen
  while (running.size < (urgent.size ? BESIDE : AT_ONCE) && waiting.length) {
    const next = waiting.reduce((best, one) => (one.rank < best.rank ? one : best));
    waiting = waiting.filter((one) => one !== next);
    begin(next);
  }
}

/** The server is back: what did not come is asked for once more. */
export function loadAgain() {
  const all = [...failed.values()];
  failed.clear();
  for (const { image, source, rank } of all) if (image.isConnected) load(image, source, rank);
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

/** A picture without a description that is fetched when it comes into view. */
export function pictureSeen(/** @type {string} */ source, rank = LATER) {
  const image = h('img', { alt: '' });
  loadSeen(image, source, rank);
  return image;
}

/** Whatever was to come into the element is not wanted any more. */
export function drop(/** @type {HTMLImageElement} */ image) {
  waiting = waiting.filter((one) => one.image !== image);
  failed.delete(image);
  image.removeAttribute('src');
  ended(image);
}

/** Fetch a picture that is about to be looked at, or may be. */
export function fetchAhead(/** @type {string} */ source, rank = LATER) {
  const known = ahead.find((image) => image.dataset.source === source);
  if (known && rank === NOW && waiting.some((one) => one.image === known)) load(known, source, rank);
  if (known) return;
  const image = new Image();
  image.dataset.source = source;
  ahead.push(image);
  for (const old of ahead.slice(0, -MOST_AHEAD)) drop(old);
  ahead = ahead.slice(-MOST_AHEAD);
  load(image, source, rank);
}
