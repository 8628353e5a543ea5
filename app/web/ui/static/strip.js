// @ts-check
// The pages of the opened document as a strip of thumbnails, with a mark where they match.

import { pageImage } from './app.js';
import { afterPaint, h, t } from './dom.js';
import { LATER, loadSeen } from './pictures.js';
import { strengthWord } from './cards.js';

const THUMB_WIDTH = 160;

/**
 * @param {import('./app.js').App} app
 * @param {{onpage: (page: number) => void, onleave: () => void}} options onleave: the page itself has the keys
 */
export function makeStrip(app, { onpage, onleave }) {
  const list = h('ol', {});
  const element = h('nav', { class: 'pl-strip', 'aria-label': t('pages of document') }, list);
  /** @type {Map<number, any>} */
  let buttons = new Map();
  let key = '';
  /** @type {Map<number, import('./cards.js').Match>} */
  let matches = new Map();
  let finds = new Set();
  let current = 0;

  function label(/** @type {number} */ page) {
    const match = matches.get(page);
    return [t('page', { page }), match && t(`match ${strengthWord(match.level)}`), finds.has(page) && t('has found words')].filter(Boolean).join(', ');
  }

  function drawMarks() {
    for (const [page, node] of buttons) {
      const match = matches.get(page);
      node.classList.toggle('pl-matches', match !== undefined);
      node.classList.toggle('pl-has-finds', finds.has(page));
      node.style.setProperty('--pl-strength', String(match?.strength ?? 0));
      node.setAttribute('aria-label', label(page));
    }
  }

  /** Pictures above the present page may still change their height, until somebody scrolls. */
  let isHeld = true;
  new ResizeObserver(() => { if (isHeld) drawCurrent(); }).observe(list);
  for (const kind of ['wheel', 'touchmove', 'pointerdown']) element.addEventListener(kind, () => { isHeld = false; }, { passive: true });

  function drawCurrent() {
    const node = buttons.get(current);
    if (!node) return;
    node.setAttribute('aria-current', 'page');
    if (!element.contains(document.activeElement)) enter(node);
    if (!element.clientHeight) return;
    const [top, bottom] = [node.offsetTop, node.offsetTop + node.offsetHeight];
    if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight) element.scrollTop = (top + bottom - element.clientHeight) / 2;
  }

  /** One thumbnail is the way in for the Tab key; arrows lead to the others. */
  function enter(/** @type {HTMLElement} */ node) {
    for (const each of list.querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
    node.tabIndex = 0;
  }

  function choose(/** @type {number} */ page, /** @type {MouseEvent} */ { detail }) {
    onpage(page);
    // Whoever points at a thumbnail reads the page next: keys scroll that.
    if (detail) onleave();
  }

  element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const all = [...buttons.values()];
    const from = all.indexOf(document.activeElement);
    if (from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(element.clientHeight / all[from].offsetHeight) - 1);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: screen, PageUp: -screen, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const to = all[Math.max(0, Math.min(all.length - 1, from + steps[event.key]))];
    enter(to);
    to.focus();
  });

  return {
    element,
    /** The thumbnails come after the page itself. */
    show(/** @type {string} */ documentId, /** @type {number[]} */ pages) {
      const now = `${documentId} ${pages[0]} ${pages.at(-1)}`;
      if (now === key) return;
      key = now;
      buttons = new Map();
      list.replaceChildren();
      afterPaint(() => {
        if (now !== key) return;
        buttons = new Map(pages.map((page) => {
          const image = h('img', { alt: '' });
          loadSeen(image, pageImage(app, documentId, page, THUMB_WIDTH), LATER);
          return [page, h('button', { type: 'button', class: 'pl-strip-page', tabindex: '-1', onclick: (/** @type {MouseEvent} */ event) => choose(page, event) }, image, h('span', {}, String(page)))];
        }));
        list.replaceChildren(...[...buttons.values()].map((node) => h('li', {}, node)));
        drawMarks();
        drawCurrent();
      });
    },
    mark(/** @type {number} */ page) {
      if (page === current && buttons.get(page)?.hasAttribute('aria-current')) return;
      buttons.get(current)?.removeAttribute('aria-current');
      current = page;
      isHeld = true;
      afterPaint(drawCurrent);
    },
    setMatches(/** @type {Map<number, import('./cards.js').Match>} */ found) {
      matches = found;
      drawMarks();
    },
    setFinds(/** @type {Set<number>} */ found) {
      finds = found;
      drawMarks();
    },
  };
}
