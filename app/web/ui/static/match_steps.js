// @ts-check
// From match to match: the places of the present page in order, then the next page that matches.

import { h, isStill, placed } from './dom.js';

/** Milliseconds that a place of the receipt is pointed at. */
const SPOT_MS = 1600;

/**
 * @param {{pages: ReturnType<typeof import('./pages.js').makePages>, page: () => number, onpage: (page: number) => void, onplace: (box: number[]) => void}} options
 *   page: the one that is looked at, 0: none; onpage: another one is to be shown; onplace: a place of this one was gone to
 */
export function makeMatchSteps({ pages, page, onpage, onplace }) {
  /** Matching pages of the document, and how well they do. @type {Map<number, import('./cards.js').Match>} */
  let matches = new Map();
  let regionAt = 0;

  function flash(/** @type {number} */ rank) {
    const mark = pages.slot(page())?.element.querySelectorAll('.pl-box')[rank];
    const from = { outline: '4px solid var(--pl-light-strong)' };
    mark?.animate?.([from, isStill() ? from : { outline: '12px solid transparent' }], { duration: 500 });
  }

  /** Bring a place of the page into view, and show for a moment where it is. */
  function point(/** @type {number[]} */ box) {
    const slot = pages.slot(page());
    if (!slot) return;
    pages.place(box);
    const spot = h('div', { class: 'pl-spot', style: placed(box) });
    slot.element.append(spot);
    setTimeout(() => spot.remove(), SPOT_MS);
  }

  return {
    /** The next place on this page, or the best one of the next page that matches. */
    step(/** @type {number} */ by) {
      const current = page();
      if (!current) return;
      const regions = pages.slot(current)?.regions ?? [];
      const inOrder = [...regions].sort((a, b) => a.box[1] - b.box[1]);
      const at = inOrder.indexOf(regions[regionAt]) + by;
      if (inOrder[at]) {
        regionAt = regions.indexOf(inOrder[at]);
        pages.place(inOrder[at].box);
        flash(regionAt);
        onplace(inOrder[at].box);
        return;
      }
      const numbers = [...matches.keys()].sort((a, b) => a - b);
      const after = numbers.filter((number) => (by > 0 ? number > current : number < current));
      const next = by > 0 ? after[0] ?? numbers[0] : after.at(-1) ?? numbers.at(-1);
      if (next && next !== current) onpage(next);
      else flash(regionAt);
    },
    zoom() {
      const regions = pages.slot(page())?.regions ?? [];
      const box = regions[regionAt]?.box ?? regions[0]?.box;
      if (box) pages.zoomTo(box);
    },
    point,
    /** The place of the page that is looked at, from which the next one is told. */
    at(/** @type {number[]} */ box) {
      const at = pages.slot(page())?.regions.findIndex((region) => String(region.box) === String(box)) ?? -1;
      regionAt = Math.max(0, at);
      if (at < 0) point(box);
      else flash(at);
    },
    /** Another page is looked at. */
    reset() { regionAt = 0; },
    set matches(/** @type {typeof matches} */ found) { matches = found; },
  };
}
