// @ts-check
// The whole document in one scroll: a slot for every page, pictures only near the view, zoom, turning and panning.

import { makeBoxDrawing } from './box_drawing.js';
import { h, t } from './dom.js';
import { makeSlot } from './page_slot.js';

/** @typedef {import('./page_slot.js').Slot} Slot */

const MOST_ZOOM = 6;
const ZOOM_STEP = 1.3;
/** Of the stage, what a match fills when it is zoomed to. */
const MATCH_WIDTH = 0.9;
const MATCH_HEIGHT = 0.75;
/** Of a page's height, what a row of a table or a line or two take: where it is wider than the stage it is read along, not shrunk to fit. */
const ROW_HEIGHT = 0.035;
/** Pixels across of a page whose print is read well. */
export const READABLE_WIDTH = 900;
/** Slots that a document may have at once; of a longer one, so many around the page. */
const MOST_SLOTS = 1500;
const SLOTS_AROUND = 250;
const A4 = 210 / 297;
/** Milliseconds after a jump in which scrolling is our own. */
const SETTLE_MS = 250;
/** Widths of pictures as the server draws them: at rest, and the sharpest, for zooming in. */
const WIDTHS = [480, 640, 960, 1280, 1600];
const SHARPEST = 2400;
/** Milliseconds of rest after zooming, until sharper pictures are asked for. */
const SHARPEN_AFTER = 150;

/**
 * @param {import('./app.js').App} app
 * @param {{onpage: (page: number) => void, onzoom: (zoom: number) => void, onregion: (region: any, at: HTMLElement) => void, onselect: (slot: Slot, box: number[], at: HTMLElement) => void}} options
 *   onselect: a box was drawn on a page; onpage: another page was scrolled to
 */
export function makePages(app, { onpage, onzoom, onregion, onselect }) {
  const sheets = h('div', { class: 'pl-sheets' });
  const stage = h('div', { class: 'pl-stage', tabindex: '0', role: 'group', 'aria-label': t('stage label') }, sheets);
  /** @type {Map<number, Slot>} */
  let slots = new Map();
  let documentId = '';
  let name = '';
  let total = 0;
  let ratio = A4;
  let current = 0;
  let zoom = 1;
  let turn = 0;
  let settled = 0;
  /** Where the view was put: a browser may tell of it late. */
  let placedAt = NaN;
  let placing = 0;
  let sharpening = 0;
  /** Where the view was put, until somebody scrolls: pictures above may still change their height. @type {number[] | null | undefined} */
  let held;
  let isHeld = false;
  /** @type {{x: number, y: number, left: number, top: number} | null} */
  let grip = null;

  const nearness = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const slot = slots.get(Number(/** @type {HTMLElement} */ (target).dataset.page));
      if (!slot || slot.element !== target) continue;
      if (isIntersecting) slot.mount(pictureWidth());
      else slot.unmount();
    }
  }, { root: stage, rootMargin: '120% 0px' });

  // Asking the stage itself would lay the whole page out in the middle of opening another one.
  let stageWidth = 0;
  new ResizeObserver(([{ contentRect }]) => { stageWidth = contentRect.width; }).observe(stage);

  /** Pixels across of a page's picture that look sharp without zoom. */
  function pictureWidth() {
    const pixels = (stageWidth || innerWidth / 2) * devicePixelRatio;
    return WIDTHS.find((width) => width >= pixels) ?? /** @type {number} */ (WIDTHS.at(-1));
  }

  /** The slots are not shown any more. */
  function leave() {
    nearness.disconnect();
    for (const slot of slots.values()) slot.unmount();
  }

  function build(/** @type {number} */ page) {
    leave();
    const [first, last] = total <= MOST_SLOTS ? [1, total] : [Math.max(1, page - SLOTS_AROUND), Math.min(total, page + SLOTS_AROUND)];
    slots = new Map();
    for (let number = first; number <= last; number++) {
      const slot = makeSlot(app, documentId, name, number, ratio, { onratio: (found) => hold(number, found), onregion });
      slot.turn(turn);
      slots.set(number, slot);
    }
    sheets.replaceChildren(...[...slots.values()].map((slot) => slot.element));
    for (const slot of slots.values()) nearness.observe(slot.element);
  }

  /** A picture told its form: the view stays where it was put. */
  function hold(/** @type {number} */ number, /** @type {number} */ found) {
    if (number === current) ratio = found;
    if (isHeld) place(held);
  }

  function mark(/** @type {number} */ page) {
    slots.get(current)?.element.classList.remove('pl-current');
    current = page;
    slots.get(page)?.element.classList.add('pl-current');
    sharpen();
  }

  /** Bring a box of the current page, or its top, into view: with the next picture of the screen, when all is laid out. */
  function place(/** @type {number[] | null | undefined} */ box) {
    settled = performance.now() + SETTLE_MS;
    cancelAnimationFrame(placing);
    placing = requestAnimationFrame(() => placeNow(box));
  }

  function placeNow(/** @type {number[] | null | undefined} */ box) {
    const slot = slots.get(current);
    if (!slot) return;
    settled = performance.now() + SETTLE_MS;
    const frame = stage.getBoundingClientRect();
    const area = slot.element.getBoundingClientRect();
    const [x0, y0, x1, y1] = turned(box ?? [0, 0, 1, 0]);
    const top = area.top - frame.top + stage.scrollTop;
    const left = area.left - frame.left + stage.scrollLeft;
    const isWhole = area.height <= stage.clientHeight;
    const middle = top + ((y0 + y1) / 2) * area.height - stage.clientHeight / 2;
    stage.scrollTop = box && !isWhole ? Math.max(Math.min(middle, top + area.height - stage.clientHeight + 12), top - 12) : top - 12;
    // What is wider than the stage is shown from its beginning on.
    const over = ((x1 - x0) * area.width - MATCH_WIDTH * stage.clientWidth) / 2;
    if (zoom > 1) stage.scrollLeft = left + ((x0 + x1) / 2) * area.width - stage.clientWidth / 2 - Math.max(0, over);
    placedAt = stage.scrollTop;
  }

  /** A box of the page as the turned page shows it; turned by what is left to 360, the way back. */
  function turned(/** @type {number[]} */ [x0, y0, x1, y1], degrees = turn) {
    if (degrees === 90) return [1 - y1, x0, 1 - y0, x1];
    if (degrees === 180) return [1 - x1, 1 - y1, 1 - x0, 1 - y0];
    if (degrees === 270) return [y0, 1 - x1, y1, 1 - x0];
    return [x0, y0, x1, y1];
  }

  const drawing = makeBoxDrawing(stage, { slotAt: (page) => slots.get(page), onbox: (slot, box, band) => onselect(slot, turned(box, (360 - turn) % 360), band) });

  /** Keep the point under (clientX, clientY), or the middle of the stage, where it is. */
  function setZoom(/** @type {number} */ wanted, /** @type {number} */ clientX = NaN, /** @type {number} */ clientY = NaN) {
    const view = stage.getBoundingClientRect();
    const x = Number.isNaN(clientX) ? view.left + view.width / 2 : clientX;
    const y = Number.isNaN(clientY) ? view.top + view.height / 2 : clientY;
    const anchor = slots.get(current)?.element ?? sheets;
    const before = anchor.getBoundingClientRect();
    const across = (x - before.left) / before.width;
    const down = (y - before.top) / before.height;
    zoom = Math.min(MOST_ZOOM, Math.max(1, wanted));
    settled = performance.now() + SETTLE_MS;
    isHeld = false;
    sheets.style.width = `${zoom * 100}%`;
    const after = anchor.getBoundingClientRect();
    stage.scrollLeft += after.left + across * after.width - x;
    stage.scrollTop += after.top + down * after.height - y;
    stage.classList.toggle('pl-zoomed', zoom > 1);
    onzoom(zoom);
    sharpen();
  }

  /** A picture that is sharp at this zoom, for the page that is looked at. */
  function sharpen() {
    clearTimeout(sharpening);
    if (zoom > 1) sharpening = window.setTimeout(() => slots.get(current)?.sharpen(SHARPEST), SHARPEN_AFTER);
  }

  /** How much a box of the current page may grow to fill the stage, its page no wider than `widest` pixels. */
  function zoomFor(/** @type {number[]} */ box, widest = Infinity) {
    const slot = slots.get(current);
    const [x0, y0, x1, y1] = turned(box);
    const width = sheets.clientWidth / zoom;
    const height = width / (slot?.ratio ?? A4);
    const readable = y1 - y0 <= ROW_HEIGHT ? READABLE_WIDTH / width : 0;
    return Math.min(Math.max(readable, MATCH_WIDTH * stage.clientWidth / Math.max(1, (x1 - x0) * width)), MATCH_HEIGHT * stage.clientHeight / Math.max(1, (y1 - y0) * height), widest / width, MOST_ZOOM);
  }

  /** The page under the stage's upper middle, looked for from the current one on. */
  function seen() {
    const { top, height } = stage.getBoundingClientRect();
    const line = top + height * 0.4;
    let page = current;
    for (let step = 0; step < slots.size; step++) {
      const area = slots.get(page)?.element.getBoundingClientRect();
      if (!area) return current;
      if (area.top > line && slots.has(page - 1)) page--;
      else if (area.bottom < line && slots.has(page + 1)) page++;
      else break;
    }
    return page;
  }

  let isWaiting = false;
  stage.addEventListener('scroll', () => {
    if (isWaiting || performance.now() < settled || stage.scrollTop === placedAt) return;
    placedAt = NaN;
    isHeld = false;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      const page = seen();
      if (!current || page === current) return;
      mark(page);
      onpage(page);
    });
  }, { passive: true });
  for (const kind of ['wheel', 'touchmove', 'keydown']) stage.addEventListener(kind, () => { isHeld = false; settled = 0; }, { passive: true });

  stage.addEventListener('wheel', (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    setZoom(zoom * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });

  // Fingers scroll by themselves; a mouse takes hold of the page, or selects its words.
  stage.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => {
    const onWords = /** @type {Element} */ (event.target).closest('.pl-text span, button');
    if (drawing.begin(event)) return;
    if (event.pointerType !== 'mouse' || event.button !== 0 || zoom === 1 || onWords) return;
    grip = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop };
    stage.setPointerCapture(event.pointerId);
    stage.classList.add('pl-panning');
  });
  stage.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
    drawing.stretch(event);
    if (!grip) return;
    isHeld = false;
    stage.scrollLeft = grip.left - (event.clientX - grip.x);
    stage.scrollTop = grip.top - (event.clientY - grip.y);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    stage.addEventListener(end, (/** @type {PointerEvent} */ event) => {
      drawing.end(event);
      grip = null;
      stage.classList.remove('pl-panning');
    });
  }
  stage.addEventListener('dblclick', (/** @type {MouseEvent} */ event) => {
    if (!/** @type {Element} */ (event.target).closest('.pl-text span, button')) setZoom(zoom > 1 ? 1 : 2.2, event.clientX, event.clientY);
  });

  return {
    stage,
    /** Show a page of a document; `box` is brought into view. */
    show(/** @type {{document: string, document_id: string, pages: number, page: number}} */ view, /** @type {number[] | null | undefined} */ box) {
      const isOther = view.document_id !== documentId || view.pages !== total;
      if (isOther) {
        [documentId, name, total, ratio, turn] = [view.document_id, view.document, Math.max(view.pages, view.page), A4, 0];
        current = 0;
        build(view.page);
      } else if (!slots.has(view.page)) build(view.page);
      if (isOther && zoom !== 1) setZoom(1);
      mark(view.page);
      slots.get(view.page)?.mount(pictureWidth(), true);
      held = box;
      isHeld = true;
      place(box);
    },
    slot: (/** @type {number} */ page) => slots.get(page),
    get slots() { return [...slots.values()]; },
    get current() { return current; },
    /** Bring a box of the current page into view. */
    place(/** @type {number[] | null | undefined} */ box) {
      held = box;
      isHeld = true;
      place(box);
    },
    zoomTo(/** @type {number[]} */ box, widest = Infinity) {
      setZoom(zoomFor(box, widest));
      place(box);
    },
    zoomFor,
    /** The next drag draws a box, until it is ended. */
    select: drawing.start,
    endSelecting: drawing.stop,
    get isSelecting() { return drawing.isOn; },
    zoomIn: () => setZoom(zoom * ZOOM_STEP),
    zoomOut: () => setZoom(zoom / ZOOM_STEP),
    fit: () => setZoom(1),
    rotate() {
      turn = (turn + 90) % 360;
      for (const slot of slots.values()) slot.turn(turn);
      place(held);
    },
    pictureWidth,
    clear() {
      leave();
      slots = new Map();
      [documentId, current] = ['', 0];
      sheets.replaceChildren();
    },
  };
}
