// @ts-check
// Keys that read on: by screens to the end of a page, then to the next one.

import { motion } from './dom.js';

/** @type {Record<string, number>} */
const SCREENS = { PageDown: 1, PageUp: -1 };
/** @type {Record<string, number>} */
const TURNS = { ArrowRight: 1, ArrowLeft: -1 };
/** Of the stage, what is scrolled at once; a line of what was read stays. */
const SCREEN = 0.88;
/** Pixels of a page that are not worth scrolling to by themselves. */
const LEAST_REST = 14;

/** Scroll by a screen within the page. @returns {boolean} whether there was anything left of it */
function scrolled(/** @type {HTMLElement} */ stage, /** @type {HTMLElement} */ page, /** @type {number} */ by) {
  const [area, frame] = [page.getBoundingClientRect(), stage.getBoundingClientRect()];
  const rest = by > 0 ? area.bottom - frame.bottom : frame.top - area.top;
  if (rest <= LEAST_REST) return false;
  stage.scrollBy({ top: by * Math.min(rest + LEAST_REST, SCREEN * frame.height), behavior: motion() });
  return true;
}

/**
 * @param {string} key
 * @param {{stage: HTMLElement, page: HTMLElement | undefined, step: (by: number) => void}} options page: the one that is looked at
 * @returns {boolean} whether the key reads on
 */
export function readOn(key, { stage, page, step }) {
  // Of what is wider than the stage the arrows show the rest.
  const isTurn = key in TURNS && stage.scrollWidth <= stage.clientWidth;
  if (isTurn) step(TURNS[key]);
  else if (key in SCREENS && !(page && scrolled(stage, page, SCREENS[key]))) step(SCREENS[key]);
  return isTurn || key in SCREENS;
}
