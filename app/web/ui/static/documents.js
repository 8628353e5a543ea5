// The library's documents as a table, and the question before one is deleted.

const DOCUMENT_STATES = {
  indexed: 'ready', running: 'reading', queued: 'waiting', failed: 'failed', cancelled: 'stopped',
};
/** From this many documents on a filter helps. */
const FILTER_FROM = 9;

/** onopen(document), ondelete(document) */
function makeDocuments({ onopen, ondelete }) {
  let rootUrl = '';
  let documents = [];
  let drawn = '';
  const heading = h('h2', {});
  const filter = h('input', { type: 'search', class: 'pl-field', placeholder: 'Find a document', 'aria-label': 'Find a document', oninput: () => draw() });
  const rows = h('tbody');
  const table = h('table', { class: 'pl-table' },
    h('thead', {}, h('tr', {}, ['Document', 'Pages', 'State'].map((name) => h('th', { scope: 'col' }, name)), h('th', { scope: 'col' }, h('span', { class: 'pl-unseen' }, 'Actions')))), rows);
  const empty = h('p', { class: 'pl-faint pl-table-empty' });
  const box = h('section', { class: 'pl-documents' }, h('header', {}, heading, filter), table, empty);

  function show(url, found) {
    rootUrl = url;
    documents = found;
    // Drawing again would take the focus and close what is open, so only changes are drawn.
    if (JSON.stringify(found) !== drawn) draw();
    drawn = JSON.stringify(found);
  }

  function draw() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const shown = documents.filter((document) => document.document.toLocaleLowerCase().includes(wanted));
    const focused = window.document.activeElement?.closest?.('tr')?.dataset.id;
    const action = window.document.activeElement?.dataset?.action;
    heading.textContent = documents.length ? plural(documents.length, 'document') : 'Documents';
    filter.hidden = documents.length < FILTER_FROM;
    rows.replaceChildren(...shown.map(row));
    table.hidden = !shown.length;
    empty.hidden = shown.length > 0;
    empty.textContent = documents.length ? 'No document has this name.' : 'Nothing here yet.';
    if (focused && action) rows.querySelector(`tr[data-id="${CSS.escape(focused)}"] [data-action="${action}"]`)?.focus();
  }

  function row(document) {
    const ready = document.pages_indexed > 0;
    const name = ready
      ? h('button', { type: 'button', class: 'pl-document-name', title: document.document, 'data-action': 'view', onclick: () => onopen(document) }, document.document)
      : h('span', { class: 'pl-document-name', title: document.document }, document.document);
    const cover = h('span', { class: 'pl-row-thumb' }, ready ? h('img', { src: pageImage(rootUrl, document.document_id, 1, 160), alt: '', loading: 'lazy' }) : icon('file'));
    const partly = document.pages > 0 && document.pages_indexed < document.pages;
    const pages = document.pages ? (partly ? `${document.pages_indexed.toLocaleString()} of ${document.pages.toLocaleString()}` : document.pages.toLocaleString()) : '–';
    return h('tr', { 'data-id': document.document_id },
      h('td', { class: 'pl-cell-name' }, h('div', { class: 'pl-name-and-cover' }, cover, name)),
      h('td', { class: 'pl-cell-pages' }, h('span', { class: 'pl-only-narrow' }, 'Pages '), pages),
      h('td', { class: 'pl-cell-state' }, h('span', { class: `pl-state pl-state-${document.state.replace(' ', '-')}` }, DOCUMENT_STATES[document.state] ?? document.state), document.reason && h('span', { class: 'pl-reason' }, document.reason)),
      h('td', { class: 'pl-cell-actions' },
        h('a', { class: 'pl-icon-button', href: documentAt(rootUrl, document.document_id), target: '_blank', rel: 'noopener', 'aria-label': `Open the PDF of ${document.document}`, title: 'Open PDF', 'data-action': 'pdf' }, icon('open')),
        iconButton('trash', `Delete ${document.document}`, () => confirmDelete(document), { 'data-action': 'delete' })));
  }

  function confirmDelete(document) {
    const dialog = h('dialog', { class: 'pl-dialog', 'aria-labelledby': 'pl-dialog-title' });
    const remove = h('button', { type: 'button', class: 'pl-button pl-danger', onclick: async () => {
      remove.disabled = true;
      remove.textContent = 'Deleting…';
      await ondelete(document);
      dialog.close();
    } }, 'Delete');
    dialog.append(
      h('h2', { id: 'pl-dialog-title' }, 'Delete this document?'),
      h('p', { class: 'pl-dialog-name' }, document.document),
      h('p', {}, 'Its pages leave the search, and its file is removed from the library. This cannot be undone.'),
      h('div', { class: 'pl-dialog-actions' }, h('button', { type: 'button', class: 'pl-button', autofocus: true, onclick: () => dialog.close() }, 'Keep it'), remove));
    dialog.addEventListener('close', () => dialog.remove());
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
    root.append(dialog);
    dialog.showModal();
  }

  return { element: box, show };
}
