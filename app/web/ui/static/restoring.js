// @ts-check
// A search as an address says it, and what an address says as a search.

import { t } from './dom.js';
import { EVERYTHING } from './facet.js';

/**
 * @typedef {import('./app.js').Link} Link
 * @typedef {import('./library_state.js').LibraryDocument} LibraryDocument
 * @typedef {import('./results.js').Found | null} Found
 * @typedef {import('./reader.js').View | null} View
 * @typedef {ReturnType<typeof import('./facet.js').makeFacet>} Facet
 */

/**
 * What the address says of a search and the opened page.
 * @param {{found: Found, like: import('./like.js').Like | null, view: View, documents: LibraryDocument[], facet: Facet}} shown
 * @returns {Link}
 */
export function linkOf({ found, like, view, documents, facet }) {
  const twins = view ? documents.filter((document) => document.document === view.document).length : 0;
  return {
    tab: 'search', q: found && !like ? found.query : '', like: found && like && !('picture' in like) ? like : null,
    picture: found && like && 'picture' in like ? like : null,
    document: view ? (twins > 1 ? view.document_id : view.document) : '', page: view?.page ?? 0, place: view?.place ?? null,
    documents: found ? facet.names : [],
    only: found ? facet.only : EVERYTHING,
  };
}

/**
 * @param {import('./app.js').App} app
 * @param {{facet: Facet, search: (how: object) => Promise<void>, reset: () => void, now: () => {documents: LibraryDocument[], found: Found, view: View}, onopen: (page: {document?: string, document_id?: string, page: number, place?: number[]}) => Promise<void>, onread: () => void}} options
 *   onopen: a page is to be shown; onread: a document is read without a question
 * @returns {(state: Link) => Promise<void>} shows what an address says
 */
export function makeRestoring(app, { facet, search, reset, now, onopen, onread }) {
  return async (state) => {
    facet.choose(state.documents, state.only);
    const { documents, found, view } = now();
    const named = (/** @type {string} */ name) => documents.find((one) => one.document_id === name || one.document === name);
    const isThere = found?.query === state.q && view && (view.document === state.document || view.document_id === state.document);
    const lost = state.documents.find((name) => !named(name));
    const wanted = state.document ? state : null;
    const place = state.place ?? undefined;
    if (lost) app.toast(t('said no document', { name: t('quoted', { text: lost }) }));
    if (state.picture) await search({ example: state.picture, wanted, isNew: false });
    else if (state.like) {
      const { document, page, box } = state.like;
      await search({ example: { document, document_id: named(document)?.document_id ?? document, page, box }, wanted, isNew: false });
    } else if (state.q && isThere && state.page) await onopen({ ...view, page: state.page, place });
    else if (state.q) await search({ query: state.q, wanted: state, isNew: false });
    else if (state.document) {
      onread();
      await onopen({ document: state.document, document_id: named(state.document)?.document_id, page: state.page, place });
    } else reset();
  };
}
