// @ts-check
// The library's documents as a table, and the question before one is deleted.

import { documentAt, pageImage } from './app.js';
import { button, count, fileName, h, t } from './dom.js';
import { showDialog } from './help.js';
import { icon, iconButton } from './icons.js';

/** @typedef {import('./library_state.js').LibraryDocument} LibraryDocument @typedef {import('./library_state.js').Refused} Refused */

/** From this many documents on a filter and an order help. */
const FILTER_FROM = 9;
const COVER_WIDTH = 160;
/** @type {Record<string, (a: LibraryDocument, b: LibraryDocument) => number>} */
const ORDERS = {
  document: (a, b) => a.document.localeCompare(b.document, undefined, { numeric: true }),
  pages: (a, b) => b.pages - a.pages,
  state: (a, b) => a.state.localeCompare(b.state),
};

/**
 * @param {import('./app.js').App} app
 * @param {import('./library_state.js').Library} library
 */
export function makeDocuments(app, library) {
  /** @type {LibraryDocument[]} */
  let documents = [];
  /** @type {Refused[]} */
  let refused = [];
  let drawn = '';
  let order = '';
  let isReversed = false;
  const heading = h('h2', {});
  const filter = h('input', { type: 'search', class: 'pl-field', placeholder: t('find a document'), 'aria-label': t('find a document'), oninput: () => draw() });
  const columns = ['document', 'pages', 'state'].map((name) => h('th', { scope: 'col' }, h('button', { type: 'button', class: 'pl-sort', onclick: () => sortBy(name) }, t(`column ${name}`))));
  const rows = h('tbody');
  const table = h('table', { class: 'pl-table' }, h('thead', {}, h('tr', {}, columns, h('th', { scope: 'col' }, h('span', { class: 'pl-unseen' }, t('column actions'))))), rows);
  const empty = h('p', { class: 'pl-faint pl-table-empty' });
  const box = h('section', { class: 'pl-documents', 'aria-label': t('documents') }, h('header', {}, heading, filter), table, empty);

  function show(/** @type {LibraryDocument[]} */ found, /** @type {Refused[]} */ rejected) {
    documents = found;
    refused = rejected;
    // Drawing again would take the focus and close what is open, so only changes are drawn.
    const now = JSON.stringify([found, rejected]);
    if (now !== drawn) draw();
    drawn = now;
  }

  function sortBy(/** @type {string} */ name) {
    isReversed = order === name && !isReversed;
    order = name;
    draw();
  }

  function draw() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const shown = documents.filter((document) => document.document.toLocaleLowerCase().includes(wanted));
    if (order) shown.sort(ORDERS[order]);
    if (isReversed) shown.reverse();
    columns.forEach((column, i) => {
      const isOrder = ['document', 'pages', 'state'][i] === order;
      if (isOrder) column.setAttribute('aria-sort', isReversed ? 'descending' : 'ascending');
      else column.removeAttribute('aria-sort');
    });
    const active = /** @type {HTMLElement | null} */ (window.document.activeElement);
    const [focused, action] = [active?.closest?.('tr')?.dataset.id, active?.dataset?.action];
    heading.textContent = documents.length ? t('count documents', { count: documents.length }) : t('documents');
    filter.hidden = documents.length < FILTER_FROM;
    rows.replaceChildren(...refused.map(refusedRow), ...shown.map(row));
    table.hidden = !shown.length && !refused.length;
    empty.hidden = !table.hidden;
    empty.textContent = documents.length ? t('no such document') : t('nothing here');
    if (focused && action) rows.querySelector(`tr[data-id="${CSS.escape(focused)}"] [data-action="${action}"]`)?.focus();
  }

  function row(/** @type {LibraryDocument} */ document) {
    const isReady = document.pages_indexed > 0;
    const name = isReady
      ? h('button', { type: 'button', class: 'pl-document-name', 'data-action': 'view', onclick: () => app.emit('open-document', { document_id: document.document_id }) }, fileName(document.document))
      : h('span', { class: 'pl-document-name' }, fileName(document.document));
    const cover = h('span', { class: 'pl-row-thumb' }, isReady ? h('img', { src: pageImage(app, document.document_id, 1, COVER_WIDTH), alt: '', loading: 'lazy' }) : icon('file'));
    const isPart = document.pages > 0 && document.pages_indexed < document.pages;
    const pages = document.pages ? (isPart ? t('some of', { some: document.pages_indexed, all: document.pages }) : count(document.pages)) : '–';
    const canRetry = ['failed', 'cancelled', 'interrupted'].includes(document.state);
    return h('tr', { 'data-id': document.document_id },
      h('td', { class: 'pl-cell-name' }, h('div', { class: 'pl-name-and-cover' }, cover, name)),
      h('td', { class: 'pl-cell-pages' }, h('span', { class: 'pl-only-narrow' }, `${t('column pages')} `), pages),
      stateCell(document.state, t(`document ${document.state}`), document.reason),
      h('td', { class: 'pl-cell-actions' },
        canRetry && iconButton('retry', document.state === 'cancelled' ? t('resume file', { name: document.document }) : t('retry file', { name: document.document }), () => library.retry(document.document_id), { 'data-action': 'retry' }),
        h('a', { class: 'pl-icon-button', href: documentAt(app, document.document_id, document.document), target: '_blank', rel: 'noopener', 'aria-label': t('open pdf of', { name: document.document }), title: t('open pdf'), 'data-action': 'pdf' }, icon('open')),
        iconButton('trash', t('delete file', { name: document.document }), () => confirmDelete(document), { 'data-action': 'delete' })));
  }

  function refusedRow(/** @type {Refused} */ file) {
    return h('tr', { 'data-id': file.id, class: 'pl-refused' },
      h('td', { class: 'pl-cell-name' }, h('div', { class: 'pl-name-and-cover' }, h('span', { class: 'pl-row-thumb' }, icon('alert')), h('span', { class: 'pl-document-name' }, fileName(file.name)))),
      h('td', { class: 'pl-cell-pages' }, h('span', { class: 'pl-only-narrow' }, `${t('column pages')} `), '–'),
      stateCell('failed', t('not added'), file.reason),
      h('td', { class: 'pl-cell-actions' }, iconButton('close', t('dismiss file', { name: file.name }), () => library.dismissRefused(file.id), { 'data-action': 'dismiss' })));
  }

  function stateCell(/** @type {string} */ state, /** @type {string} */ text, /** @type {string} */ reason) {
    return h('td', { class: 'pl-cell-state' }, h('span', { class: `pl-state pl-state-${state.replace(' ', '-')}` }, text), reason && h('span', { class: 'pl-reason' }, reason));
  }

  function confirmDelete(/** @type {LibraryDocument} */ document) {
    const remove = button(t('delete'), async () => {
      remove.disabled = true;
      remove.textContent = t('deleting');
      await library.remove(document);
      dialog.close();
    }, { class: 'pl-button pl-danger' });
    const dialog = h('dialog', { class: 'pl-dialog', 'aria-labelledby': 'pl-dialog-title' },
      h('h2', { id: 'pl-dialog-title' }, t('delete question')),
      h('p', { class: 'pl-dialog-name' }, document.document),
      h('p', {}, t('delete means')),
      h('div', { class: 'pl-dialog-actions' }, button(t('keep it'), () => dialog.close(), { autofocus: true }), remove));
    showDialog(app, dialog);
  }

  return { element: box, show };
}
