// @ts-check
// The library's documents as a table: in any order, one at a time or many at once.

import { documentAt, pageImage } from './app.js';
import { makeBulkBar } from './bulk_bar.js';
import { chooseNewer, confirmDelete, showDetails } from './document_dialog.js';
import { count, dayText, fileName, h, isFilesFault, linkButton, sizeText, t, told } from './dom.js';
import { languageName } from './facet.js';
import { icon, iconButton } from './icons.js';
import { pictureSeen } from './pictures.js';

/** @typedef {import('./library_state.js').LibraryDocument} LibraryDocument @typedef {import('./refused.js').Refused} Refused */

/** Rows that are drawn at first, and added by a click. */
const ROWS = 100;
/** From this many documents on a filter helps. */
const FILTER_FROM = 9;
const COVER_WIDTH = 160;
/** Columns that a table can be ordered by, each in the direction that people want first. @type {Record<string, (a: LibraryDocument, b: LibraryDocument) => number>} */
const ORDERS = {
  document: (a, b) => a.document.localeCompare(b.document, undefined, { numeric: true }),
  added: (a, b) => b.added.localeCompare(a.added),
  size: (a, b) => b.bytes - a.bytes,
  pages: (a, b) => b.pages - a.pages,
  language: (a, b) => languageOf(a).localeCompare(languageOf(b)),
  state: (a, b) => a.state.localeCompare(b.state),
};

const LARGEST_FIRST = ['added', 'size', 'pages'];

/** What a document is written in; empty where that is not known. */
function languageOf(/** @type {LibraryDocument} */ { language }) {
  return language ? languageName(language) : '';
}

/**
 * @param {import('./app.js').App} app
 * @param {import('./library_state.js').Library} library
 */
export function makeDocuments(app, library) {
  /** @type {LibraryDocument[]} */
  let documents = [];
  /** @type {Refused[]} */
  let refused = [];
  /** @type {LibraryDocument[]} */
  let shown = [];
  /** Ids of the ticked rows. @type {Set<string>} */
  let selected = new Set();
  /** @type {Map<string, HTMLElement>} */
  const covers = new Map();
  let lastTicked = '';
  let drawn = '';
  let order = 'added';
  let isReversed = false;
  let mostRows = ROWS;
  const heading = h('h2', {});
  const filter = h('input', { type: 'search', class: 'pl-field', placeholder: t('find a document or tag'), 'aria-label': t('find a document or tag'), oninput: () => { mostRows = ROWS; draw(); } });
  const names = Object.keys(ORDERS);
  const columns = names.map((name) => h('th', { scope: 'col', class: `pl-head-${name}` }, h('button', { type: 'button', class: 'pl-sort', onclick: () => sortBy(name) }, t(`column ${name}`))));
  const sorter = h('select', { class: 'pl-field pl-sorter', 'aria-label': t('sort by'), onchange: () => sortBy(sorter.value) }, names.map((name) => h('option', { value: name }, t(`column ${name}`))));
  sorter.value = order;
  const turnButton = iconButton('sort', t('reverse order'), () => sortBy(order));
  const sorterBox = h('span', { class: 'pl-sorter-box' }, h('span', { class: 'pl-select' }, sorter, icon('down')), turnButton);
  const all = h('input', { type: 'checkbox', 'aria-label': t('select all'), onchange: () => tickAll(all.checked) });
  const rows = h('tbody');
  const table = h('table', { class: 'pl-table' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'pl-head-tick' }, all), columns, h('th', { scope: 'col', class: 'pl-head-actions' }, h('span', { class: 'pl-unseen' }, t('column actions'))))), rows);
  const bulk = makeBulkBar({ chosen: () => documents.filter((document) => selected.has(document.document_id)), tags: () => library.tags, ontags: library.changeTags, ondelete: (chosen) => confirmDelete(app, library, chosen), onall: () => tickAll(true), onclear: () => { selected.clear(); draw(); filter.hidden ? all.focus() : filter.focus(); } });
  const more = linkButton('', () => { mostRows += ROWS; draw(); }, { class: 'pl-link pl-table-more' });
  const empty = h('p', { class: 'pl-faint pl-table-empty' });
  const box = h('section', { class: 'pl-documents', 'aria-label': t('documents') }, h('header', {}, heading, sorterBox, filter), bulk.element, table, more, empty);

  function show(/** @type {LibraryDocument[]} */ found, /** @type {Refused[]} */ rejected) {
    documents = found;
    refused = rejected;
    const ids = new Set(found.map((document) => document.document_id));
    selected = new Set([...selected].filter((id) => ids.has(id)));
    for (const id of covers.keys()) if (!ids.has(id)) covers.delete(id);
    // Drawing again would take the focus and close what is open, so only changes are drawn.
    const now = JSON.stringify([found, rejected]);
    if (now !== drawn) draw();
    drawn = now;
  }

  function sortBy(/** @type {string} */ name) {
    isReversed = order === name && !isReversed;
    order = name;
    sorter.value = name;
    draw();
  }

  function tickAll(/** @type {boolean} */ isOn) {
    for (const { document_id } of shown) {
      if (isOn) selected.add(document_id);
      else selected.delete(document_id);
    }
    draw();
  }

  /** With Shift, everything from the row that was ticked before. */
  function tick(/** @type {string} */ id, /** @type {boolean} */ isOn, /** @type {boolean} */ isRange) {
    const ids = shown.map((document) => document.document_id);
    const [from, to] = [ids.indexOf(lastTicked), ids.indexOf(id)].sort((a, b) => a - b);
    for (const each of isRange && from >= 0 ? ids.slice(from, to + 1) : [id]) {
      if (isOn) selected.add(each);
      else selected.delete(each);
    }
    lastTicked = id;
    draw();
  }

  function draw() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    shown = documents.filter((document) => [document.document, ...document.tags].some((text) => text.toLocaleLowerCase().includes(wanted)));
    shown.sort(ORDERS[order]);
    if (isReversed) shown.reverse();
    columns.forEach((column, i) => {
      if (names[i] === order) column.setAttribute('aria-sort', isReversed === LARGEST_FIRST.includes(order) ? 'ascending' : 'descending');
      else column.removeAttribute('aria-sort');
    });
    const active = /** @type {HTMLElement | null} */ (window.document.activeElement);
    const [focused, action] = [active?.closest?.('tr')?.dataset.id, active?.dataset?.action];
    heading.textContent = documents.length ? t('count documents', { count: documents.length }) : t('documents');
    filter.hidden = documents.length < FILTER_FROM;
    sorterBox.hidden = documents.length < 2;
    rows.replaceChildren(...refused.map(refusedRow), ...shown.slice(0, mostRows).map(row));
    more.hidden = shown.length <= mostRows;
    more.textContent = t('more documents', { count: Math.max(0, shown.length - mostRows) });
    table.hidden = !shown.length && !refused.length;
    const ticked = shown.filter((document) => selected.has(document.document_id)).length;
    all.checked = ticked > 0 && ticked === shown.length;
    all.indeterminate = ticked > 0 && ticked < shown.length;
    bulk.draw(ticked === shown.length);
    empty.hidden = !table.hidden;
    empty.textContent = documents.length ? t('no such document') : t('nothing here');
    if (focused && action) rows.querySelector(`tr[data-id="${CSS.escape(focused)}"] [data-action="${action}"]`)?.focus();
  }

  /** The same element whenever the table is drawn, so that it does not flicker. */
  function coverOf(/** @type {string} */ documentId) {
    const cover = covers.get(documentId) ?? pictureSeen(pageImage(app, documentId, 1, COVER_WIDTH));
    covers.set(documentId, cover);
    return cover;
  }

  function row(/** @type {LibraryDocument} */ document) {
    const isReady = document.pages_indexed > 0;
    const { document_id, document: label } = document;
    const name = isReady
      ? h('button', { type: 'button', class: 'pl-document-name', 'aria-label': label, 'data-action': 'view', onclick: () => app.emit('open-document', { document_id }) }, fileName(label))
      : h('span', { class: 'pl-document-name' }, fileName(label));
    const tags = h('span', { class: 'pl-tags' }, document.older && h('span', { class: 'pl-tag pl-tag-older' }, t('older version')), document.tags.map((/** @type {string} */ tag) => h('span', { class: 'pl-tag' }, tag)));
    const cover = h('span', { class: 'pl-row-thumb' }, isReady ? coverOf(document_id) : icon('file'));
    const isPart = document.pages > 0 && document.pages_indexed < document.pages;
    const pages = document.pages ? (isPart ? t('some of', { some: document.pages_indexed, all: document.pages }) : count(document.pages)) : '–';
    const inWords = document.pages ? (isPart ? t('pages of', { done: document.pages_indexed, count: document.pages }) : t('count pages', { count: document.pages })) : '–';
    const canRetry = ['failed', 'cancelled', 'interrupted'].includes(document.state);
    const box = h('input', { type: 'checkbox', checked: selected.has(document_id), 'aria-label': t('select file', { name: label }), 'data-action': 'tick', onclick: (/** @type {MouseEvent} */ event) => tick(document_id, box.checked, event.shiftKey) });
    return h('tr', { 'data-id': document_id, class: selected.has(document_id) ? 'pl-ticked' : null },
      h('td', { class: 'pl-cell-tick' }, box),
      h('td', { class: 'pl-cell-name' }, h('div', { class: 'pl-name-and-cover' }, cover, h('div', { class: 'pl-name-and-tags' }, name, tags, reasonText(document.state === 'cancelled' ? '' : document.reason)))),
      h('td', { class: 'pl-cell-added' }, dayText(document.added)),
      h('td', { class: 'pl-cell-size' }, sizeText(document.bytes)),
      h('td', { class: 'pl-cell-pages' }, h('span', { class: 'pl-only-wide' }, pages), h('span', { class: 'pl-only-narrow' }, inWords)),
      h('td', { class: 'pl-cell-language' }, languageOf(document) || '–'),
      stateCell(document.state, t(`document ${document.state}`)),
      h('td', { class: 'pl-cell-actions' },
        canRetry && isFilesFault(document.reason) && iconButton('upload', t('replace file', { name: label }), () => chooseNewer(library, document), { 'data-action': 'replace' }),
        canRetry && !isFilesFault(document.reason) && iconButton('retry', document.state === 'cancelled' ? t('resume file', { name: label }) : t('retry file', { name: label }), () => library.retry(document_id), { 'data-action': 'retry' }),
        iconButton('edit', t('edit file', { name: label }), () => showDetails(app, library, document), { 'data-action': 'edit' }),
        h('a', { class: 'pl-icon-button', href: documentAt(app, document_id, label), target: '_blank', rel: 'noopener', 'aria-label': t('open pdf of', { name: label }), title: t('open pdf'), 'data-action': 'pdf' }, icon('open')),
        iconButton('trash', t('delete file', { name: label }), () => confirmDelete(app, library, [document]), { 'data-action': 'delete' })));
  }

  function refusedRow(/** @type {Refused} */ file) {
    return h('tr', { 'data-id': file.id, class: 'pl-refused' },
      h('td', { class: 'pl-cell-tick' }),
      h('td', { class: 'pl-cell-name' }, h('div', { class: 'pl-name-and-cover' }, h('span', { class: 'pl-row-thumb' }, icon('alert')), h('div', { class: 'pl-name-and-tags' }, h('span', { class: 'pl-document-name' }, fileName(file.name)), reasonText(file.reason)))),
      h('td', { class: 'pl-cell-added' }, '–'),
      h('td', { class: 'pl-cell-size' }, '–'),
      h('td', { class: 'pl-cell-pages' }, '–'),
      h('td', { class: 'pl-cell-language' }, '–'),
      stateCell('failed', t('not added')),
      h('td', { class: 'pl-cell-actions' }, iconButton('close', t('dismiss file', { name: file.name }), () => library.dismissRefused(file.id), { 'data-action': 'dismiss' })));
  }

  function stateCell(/** @type {string} */ state, /** @type {string} */ text) {
    return h('td', { class: 'pl-cell-state' }, h('span', { class: `pl-state pl-state-${state.replace(' ', '-')}` }, text));
  }

  const reasonText = (/** @type {string} */ reason) => reason && h('span', { class: 'pl-reason' }, told(reason));

  return { element: box, show };
}
