// @ts-check
// What a changed library does to what is shown: results of documents that are gone or have another name are found anew.

import { t } from './dom.js';

/** @typedef {import('./library_state.js').LibraryDocument} LibraryDocument @typedef {{documents: LibraryDocument[], indexing: {documents: number, pages_done: number, pages_total: number} | null}} State */

/** What the results and the filter show of documents. */
const stampOf = (/** @type {LibraryDocument[]} */ documents) => JSON.stringify(documents.map((one) => [one.document_id, one.document, one.pages_indexed, one.tags, one.language, one.dated]));

/**
 * @param {import('./app.js').App} app
 * @param {{element: HTMLElement, reader: {view: import('./reader.js').View | null, clear: () => void, rename: (name: string) => void}, now: () => {documents: LibraryDocument[], found: import('./results.js').Found | null}, ontake: (state: State) => void, onother: () => void, onread: () => void, onagain: () => void, onrest: () => void}} options
 *   ontake: every look at the library; onother: its documents are others; onread: what was being read is read, or was changed here;
 *   onagain: the results are out of date; onrest: what is shown without a question may be
 */
export function heedLibrary(app, { element, reader, now, ontake, onother, onread, onagain, onrest }) {
  app.listen('library', (state) => {
    if (state.failure) return;
    const isOther = stampOf(now().documents) !== stampOf(state.documents);
    ontake(state);
    if (!isOther) return;
    onother();
    const { view } = reader;
    const { documents, found } = now();
    const names = new Map(documents.map((one) => [one.document_id, one.document]));
    if (view && !names.has(view.document_id)) {
      reader.clear();
      // Whoever deletes it is at the library, and told there.
      if (element.offsetParent) app.toast(t('document gone', { name: view.document }));
    } else if (view && names.get(view.document_id) !== view.document) reader.rename(names.get(view.document_id) ?? '');
    if (found?.hits.some((hit) => names.get(hit.document_id) !== hit.document)) onagain();
    else onrest();
  });
  app.listen('library-changed', () => {
    onread();
    // Under somebody's eyes results stay as they are, while there are any.
    if (!now().found?.matched || !element.offsetParent) onagain();
  });
}
