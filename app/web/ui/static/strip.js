// @ts-check
// The pages of the opened document as a strip of thumbnails, with a mark where they match.

import { pageImage } from './app.js';
import { afterPaint, h, t } from './dom.js';
import { LATER, loadSeen } from './pictures.js';
import { strengthWord } from './cards.js';

const THUMB_WIDTH = 160;

/**
 * @param {import('./app.js').App} app
 * @param {(page: number) => void} onpage
 */
export function makeStrip(app, onpage) {
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
    if (!element.clientHeight) return;
    const [top, bottom] = [node.offsetTop, node.offsetTop + node.offsetHeight];
    if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight) element.scrollTop = (top + bottom - element.clientHeight) / 2;
  }

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
          return [page, h('button', { type: 'button', class: 'pl-strip-page', onclick: () => onpage(page) }, image, h('span', {}, String(page)))];
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
