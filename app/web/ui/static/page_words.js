// @ts-check
// The words of the opened document's pages: to be selected, copied, and read out of a place.

import { whenIdle } from './dom.js';

/** Milliseconds after which the words of a page are fetched: what is flicked past needs none. */
const WORDS_AFTER = 150;

/**
 * Words lie over their pages once they are fetched: those of the present page after its picture, of others when the pointer gets there.
 * @param {import('./app.js').App} app
 * @param {ReturnType<typeof import('./pages.js').makePages>} pages
 * @param {() => {document_id: string, page: number} | null} opened
 */
export function makePageWords(app, pages, opened) {
  let timer = 0;

  async function fill(/** @type {import('./page_slot.js').Slot | undefined} */ slot) {
    const view = opened();
    if (!view || !slot || slot.hasWords) return;
    slot.hasWords = true;
    try {
      const { words } = await app.ask('page_text', { document_id: view.document_id, page: slot.number });
      slot.setWords(words);
    } catch {
      // A page without words can be read all the same.
      slot.hasWords = false;
    }
  }

  pages.stage.addEventListener('pointerover', (/** @type {PointerEvent} */ event) => {
    const page = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.pl-page'));
    if (page) fill(pages.slot(Number(page.dataset.page)));
  });

  // The words of a selection in reading order, with the document's lines.
  pages.stage.addEventListener('copy', (/** @type {ClipboardEvent} */ event) => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const chosen = [...pages.stage.querySelectorAll('.pl-text span')].filter((node) => range.intersectsNode(node));
    if (!chosen.length) return;
    let text = '';
    let [last, right] = [NaN, 0];
    for (const node of chosen) {
      const area = node.getBoundingClientRect();
      if (text) text += Math.abs(area.bottom - last) > area.height * 0.6 || area.left < right - area.height ? '\n' : ' ';
      text += node.textContent;
      [last, right] = [area.bottom, area.right];
    }
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  });

  return {
    /** Those of the present page. */
    fetchSoon() {
      clearTimeout(timer);
      timer = window.setTimeout(() => whenIdle(() => fill(pages.slot(opened()?.page ?? 0))), WORDS_AFTER);
    },
    /** What stands in a box of a page. */
    async textIn(/** @type {number} */ page, /** @type {number[]} */ [x0, y0, x1, y1]) {
      try {
        const { words } = await app.ask('page_text', { document_id: opened()?.document_id, page });
        return words.filter((/** @type {number[]} */ [, a, b, c, d]) => (a + c) / 2 >= x0 && (a + c) / 2 <= x1 && (b + d) / 2 >= y0 && (b + d) / 2 <= y1).map((/** @type {string[]} */ [word]) => word).join(' ');
      } catch {
        return '';
      }
    },
  };
}
