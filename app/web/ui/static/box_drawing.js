// @ts-check
// A box that is drawn on a page with the mouse or a finger.

import { h, placed } from './dom.js';

/** @typedef {import('./page_slot.js').Slot} Slot */

/** Of the page, what a drawn box measures at least, or it was a slip of the hand. */
const LEAST_BOX = 0.008;

/**
 * @param {HTMLElement} stage
 * @param {{slotAt: (page: number) => Slot | undefined, onbox: (slot: Slot, box: number[], band: HTMLElement) => void}} options
 *   onbox: a box was drawn, as the page is shown
 */
export function makeBoxDrawing(stage, { slotAt, onbox }) {
  /** @type {{slot: Slot, x: number, y: number, band: HTMLElement} | null} */
  let begun = null;

  function share(/** @type {PointerEvent} */ event, /** @type {Slot} */ slot) {
    const area = slot.element.getBoundingClientRect();
    const inside = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
    return [inside((event.clientX - area.left) / area.width), inside((event.clientY - area.top) / area.height)];
  }

  function stretch(/** @type {PointerEvent} */ event) {
    if (!begun) return [0, 0, 0, 0];
    const [x, y] = share(event, begun.slot);
    const box = [Math.min(x, begun.x), Math.min(y, begun.y), Math.max(x, begun.x), Math.max(y, begun.y)];
    Object.assign(begun.band.style, placed(box));
    return box;
  }

  return {
    /** The next drag draws a box, until it is stopped. */
    start: () => stage.classList.add('pl-selecting'),
    stop() {
      stage.classList.remove('pl-selecting');
      stage.querySelector('.pl-band')?.remove();
      begun = null;
    },
    get isOn() { return stage.classList.contains('pl-selecting'); },
    /** Whether the pointer is the drawing's. */
    begin(/** @type {PointerEvent} */ event) {
      if (!stage.classList.contains('pl-selecting')) return false;
      const target = /** @type {Element} */ (event.target);
      const page = /** @type {HTMLElement | null} */ (target.closest('.pl-page'));
      const slot = page && slotAt(Number(page.dataset.page));
      if (!slot || target.closest('.pl-band')) return true;
      event.preventDefault();
      stage.querySelector('.pl-band')?.remove();
      const [x, y] = share(event, slot);
      begun = { slot, x, y, band: h('div', { class: 'pl-band' }) };
      slot.element.append(begun.band);
      stage.setPointerCapture(event.pointerId);
      return true;
    },
    stretch,
    end(/** @type {PointerEvent} */ event) {
      if (!begun) return;
      const { slot, band } = begun;
      const box = stretch(event);
      begun = null;
      if (Math.min(box[2] - box[0], box[3] - box[1]) < LEAST_BOX) band.remove();
      else onbox(slot, box, band);
    },
  };
}
