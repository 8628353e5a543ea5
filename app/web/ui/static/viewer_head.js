// @ts-check
// The head of the reader: the way back, the document's name, its pages by number, and what is done with it as a whole.

import { documentAt } from './app.js';
import { fileName, h, t } from './dom.js';
import { icon, iconButton } from './icons.js';

/**
 * @param {import('./app.js').App} app
 * @param {{onpage: (page: number) => void, onback: () => void, onleave: () => void, actions: {similar: () => void, cite: () => void, download: () => void, fill: () => void}}} options
 *   onpage: to be gone to; onleave: the number is left for the page itself
 */
export function makeViewerHead(app, { onpage, onback, onleave, actions }) {
  /** @type {import('./reader.js').View | null} */
  let view = null;
  const title = h('h2', { class: 'pl-viewer-title' });
  const input = h('input', { class: 'pl-page-input', inputmode: 'numeric', autocomplete: 'off', 'aria-label': t('jump to page'), title: t('jump to page'), onchange: jump, onfocus: () => input.select(), onblur: () => { if (view) input.value = String(view.page); } });
  const total = h('span', {});
  const where = h('span', { class: 'pl-viewer-where' }, h('span', {}, t('page word')), ' ', input, ' ', total);
  const previous = iconButton('left', t('previous page'), () => step(-1));
  const next = iconButton('right', t('next page'), () => step(1));
  const openLink = h('a', { class: 'pl-button pl-quiet', target: '_blank', rel: 'noopener', title: t('open pdf here') }, icon('open'), h('span', {}, t('open pdf')));
  const backLabel = h('span', {});
  const back = h('button', { type: 'button', class: 'pl-back pl-button pl-quiet', onclick: onback }, icon('left'), backLabel);
  const element = h('header', { class: 'pl-viewer-head' }, back,
    h('div', { class: 'pl-viewer-name' }, title, h('div', { class: 'pl-pager' }, previous, where, next)),
    h('div', { class: 'pl-actions' }, iconButton('pages', t('similar pages'), actions.similar), openLink, iconButton('copy', t('copy citation'), actions.cite), iconButton('download', t('download page'), actions.download), iconButton('expand', t('full screen'), actions.fill)));

  function step(/** @type {number} */ by) {
    const page = (view?.page ?? 0) + by;
    if (view && page >= 1 && page <= view.pages) onpage(page);
  }

  function jump() {
    const page = Number.parseInt(input.value, 10);
    if (view && page >= 1 && page <= view.pages) {
      onpage(page);
      onleave();
    } else if (view) input.value = String(view.page);
  }

  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') onleave();
  });

  return {
    element,
    step,
    focus: () => input.focus(),
    draw(/** @type {import('./reader.js').View} */ present, /** @type {string} */ label) {
      view = present;
      title.replaceChildren(fileName(view.document));
      // Somebody may be typing a number while the pages still move.
      if (document.activeElement !== input) input.value = String(view.page);
      input.style.width = `${String(view.pages).length + 2}ch`;
      total.textContent = view.pages ? t('of pages', { count: view.pages }) : '';
      previous.disabled = view.page <= 1;
      next.disabled = view.page >= view.pages;
      openLink.href = documentAt(app, view.document_id, view.document, view.page);
      backLabel.textContent = label;
    },
  };
}
