// @ts-check
// The choice of documents to search in: a button that opens a list to tick.

import { fileName, h, t } from './dom.js';
import { icon } from './icons.js';

/** @typedef {import('./library_state.js').LibraryDocument} LibraryDocument */

/** From this many documents on a filter helps. */
const FILTER_FROM = 8;

/**
 * onchange(ids): the choice changed; no ids means all documents.
 * @param {(ids: string[]) => void} onchange
 */
export function makeFacet(onchange) {
  /** @type {LibraryDocument[]} */
  let documents = [];
  /** @type {Set<string>} */
  let chosen = new Set();

  const label = h('span', { class: 'pl-facet-label' });
  const button = h('button', { type: 'button', class: 'pl-button pl-facet-button', 'aria-expanded': 'false', onclick: () => toggle() }, icon('file'), label, icon('down'));
  const filter = h('input', { type: 'search', class: 'pl-field', placeholder: t('find a document'), 'aria-label': t('find a document'), oninput: () => draw() });
  const list = h('ul', { class: 'pl-facet-list' });
  const clearButton = h('button', { type: 'button', class: 'pl-link', onclick: () => { chosen.clear(); changed(); } }, t('search all'));
  const popup = h('div', { class: 'pl-facet-popup', hidden: true, role: 'group', 'aria-label': t('search in') }, filter, list, clearButton);
  const box = h('div', { class: 'pl-facet' }, button, popup);

  function toggle(/** @type {boolean} */ open = popup.hidden) {
    popup.hidden = !open;
    button.setAttribute('aria-expanded', open);
    if (open) {
      filter.value = '';
      draw();
      (filter.hidden ? list.querySelector('input') : filter)?.focus();
    }
  }

  function changed() {
    draw();
    onchange([...chosen]);
  }

  function draw() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const shown = documents.filter((document) => document.document.toLocaleLowerCase().includes(wanted));
    filter.hidden = documents.length < FILTER_FROM;
    list.replaceChildren(...shown.map((document) => h('li', {}, h('label', {},
      h('input', { type: 'checkbox', checked: chosen.has(document.document_id), onchange: (/** @type {any} */ event) => tick(document.document_id, event.target.checked) }),
      h('span', { class: 'pl-facet-name' }, fileName(document.document)),
      h('span', { class: 'pl-faint' }, document.pages ? t('count pages', { count: document.pages }) : '')))));
    if (!shown.length) list.append(h('li', { class: 'pl-faint' }, t('no such document')));
    const only = documents.filter((document) => chosen.has(document.document_id));
    label.textContent = only.length === 0 ? t('all documents') : only.length === 1 ? only[0].document : t('count documents', { count: only.length });
    button.title = only.map((document) => document.document).join(', ');
    button.classList.toggle('pl-chosen', only.length > 0);
    clearButton.hidden = only.length === 0;
    box.hidden = documents.length < 2;
  }

  function tick(/** @type {string} */ documentId, /** @type {boolean} */ on) {
    if (on) chosen.add(documentId);
    else chosen.delete(documentId);
    // The list stays as it is under the person's fingers; only the label moves.
    const position = list.scrollTop;
    const focused = [...list.querySelectorAll('input')].indexOf(document.activeElement);
    changed();
    list.scrollTop = position;
    list.querySelectorAll('input')[focused]?.focus();
  }

  document.addEventListener('pointerdown', (event) => {
    if (!popup.hidden && !box.contains(/** @type {Node} */ (event.target))) toggle(false);
  });
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || popup.hidden) return;
    event.stopPropagation();
    toggle(false);
    button.focus();
  });

  return {
    element: box,
    /** Chosen documents that are gone are dropped. */
    show(/** @type {LibraryDocument[]} */ found) {
      documents = found.filter((document) => document.pages_indexed > 0);
      chosen = new Set([...chosen].filter((id) => documents.some((document) => document.document_id === id)));
      draw();
    },
    /** By ids or names, as deep links have them. */
    choose(/** @type {string[]} */ names) {
      chosen = new Set(documents.filter((d) => names.includes(d.document_id) || names.includes(d.document)).map((d) => d.document_id));
      draw();
    },
    get chosen() { return [...chosen]; },
    get names() { return documents.filter((document) => chosen.has(document.document_id)).map((document) => document.document); },
  };
}
