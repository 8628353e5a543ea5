// @ts-check
// Opening pages: at once with what is known of them, their light and their matches as they come.

import { isShown, motion, NARROW, t, whenIdle } from './dom.js';
import { likePayload } from './like.js';

/** Milliseconds after opening, until the rest of the document is asked for its matches. */
const MATCHES_AFTER = 400;
/** Cards after the opened one whose pictures are fetched before they are looked at. */
const MOST_AHEAD = 3;
/** Milliseconds of rest before the address follows the scrolling. */
const ADDRESS_AFTER = 300;

/**
 * @typedef {object} Asked what is shown now
 * @property {import('./library_state.js').LibraryDocument[]} documents
 * @property {import('./results.js').Found | null} found
 * @property {import('./like.js').Like | null} like
 *
 * @param {import('./app.js').App} app
 * @param {{reader: ReturnType<typeof import('./reader.js').makeReader>, lights: ReturnType<typeof import('./lights.js').makeLights>, results: ReturnType<typeof import('./results.js').makeResults>, now: () => Asked, onopen: () => void, onsettled: () => void, onwrite: (isNew: boolean) => void, onlost: () => void}} options
 *   onopen: before a page is shown; onsettled: one is shown; onwrite: the address changes; onlost: there is no such page
 */
export function makeOpening(app, { reader, lights, results, now, onopen, onsettled, onwrite, onlost }) {
  /** Rises with every opening: late answers are told from present ones. */
  let opened = 0;
  let addressTimer = 0;
  let matchesTimer = 0;

  const example = () => {
    const { found, like } = now();
    return found && like ? likePayload(like) : null;
  };

  /**
   * Show a page at once with what is known of it, and fetch the rest.
   * @param {{document?: string, document_id?: string, pages?: number, page: number, regions?: import('./cards.js').Region[] | null, place?: number[]}} wanted
   * @param {{focus?: boolean, isNew?: boolean, isScrolling?: boolean}} how isNew: an entry of the history of its own
   */
  async function open(wanted, { focus = false, isNew = true, isScrolling = false } = {}) {
    const turn = ++opened;
    const { documents, found, like } = now();
    const query = found?.query ?? '';
    const known = documents.find((document) => document.document_id === wanted.document_id) ?? documents.find((document) => document.document === wanted.document);
    if (known?.pages && wanted.page > known.pages) {
      app.toast(t('said no page', { page: wanted.page, document: known.document, pages: known.pages }));
      wanted = { ...wanted, page: known.pages };
    }
    onopen();
    const isOpen = known && reader.view?.document_id === known.document_id && reader.view.query === query;
    const lit = known && lights.get(known.document_id, wanted.page, query);
    if (known) reader.fetchNow(known.document_id, wanted.page);
    // Asked for before anything is drawn, which takes as long.
    const coming = lit || (isOpen && reader.has(wanted.page)) ? null : lights.ask({ document: wanted.document_id ?? wanted.document, page: wanted.page, query, like: example() });
    if (known) {
      const regions = (!wanted.place && wanted.regions) || regionsOf(known.document_id, wanted.page);
      reader.open({ document: known.document, document_id: known.document_id, pages: known.pages, page: wanted.page, query, isLike: Boolean(like), place: wanted.place }, regions);
      if (lit) reader.take(lit);
      onwrite(isNew);
      settle();
    }
    markCards();
    if (focus) reader.focus();
    if (isScrolling && NARROW.matches) reader.element.scrollIntoView({ behavior: motion(), block: 'start' });
    if (!coming) {
      whenIdle(fetchAhead);
      return;
    }
    try {
      const model = await coming;
      if (turn !== opened || !model) return;
      lights.keep(model);
      if (!known) {
        reader.open(model);
        onwrite(isNew);
        settle();
      }
      reader.take(model);
      markCards();
      whenIdle(fetchAhead);
    } catch (error) {
      if (turn !== opened) return;
      const { message: text, status } = /** @type {Error & {status?: number}} */ (error);
      if (known && status !== 404) {
        reader.setNote(text, true);
        return;
      }
      reader.clear();
      onlost();
      app.toast(known ? t('document gone', { name: known.document }) : text);
    }
  }

  const regionsOf = (/** @type {string} */ documentId, /** @type {number} */ page) => now().found?.hits.find((hit) => hit.document_id === documentId && hit.page === page)?.regions ?? [];

  /** The reader was scrolled to another page: its light follows, and the address, without an entry for each. */
  function scrolled(/** @type {number} */ page) {
    const turn = ++opened;
    markCards();
    clearTimeout(addressTimer);
    addressTimer = window.setTimeout(async () => {
      if (turn !== opened || !reader.view) return;
      onwrite(false);
      const { query, document_id } = reader.view;
      if (!query || reader.has(page)) return;
      try {
        const model = lights.get(document_id, page, query) ?? await lights.ask({ document: document_id, page, query, like: example() });
        if (turn !== opened || !model) return;
        lights.keep(model);
        reader.take(model, { isScrolled: true });
      } catch {
        // The page can be read without its light.
      }
    }, ADDRESS_AFTER);
  }

  /** After a page was opened: where else in the document it matches. */
  function settle() {
    const { view } = reader;
    if (!view) return;
    onsettled();
    const { found, like } = now();
    if (!found) return;
    const { query } = found;
    const known = new Map(found.hits.filter((hit) => hit.document_id === view.document_id && hit.level !== 'none').map((hit) => [hit.page, { strength: hit.shown, level: hit.level }]));
    reader.setMatches(known);
    clearTimeout(matchesTimer);
    if (view.pages < 2 || like) return;
    const { document_id } = view;
    matchesTimer = window.setTimeout(async () => {
      try {
        const { pages } = await app.ask('matching_pages', { query, document_id });
        if (reader.view?.document_id === document_id && now().found?.query === query) reader.setMatches(new Map([...pages.map((/** @type {[number, number, import('./cards.js').Level]} */ [page, strength, level]) => [page, { strength, level }]), ...known]));
      } catch {
        // The found pages are marked already.
      }
    }, MATCHES_AFTER);
  }

  /** Light and pictures of the pages that may be looked at next. */
  async function fetchAhead() {
    const { found } = now();
    await lights.goOn();
    if (found !== now().found || !found || !isShown(results.element)) return;
    const at = found.hits.findIndex((hit) => hit.document_id === reader.view?.document_id && hit.page === reader.view?.page);
    for (const hit of found.hits.slice(at + 1, at + 1 + MOST_AHEAD)) if (hit.level !== 'none') reader.fetchAhead(hit.document_id, hit.page);
  }

  function markCards() {
    if (reader.view) results.mark(reader.view.document_id, reader.view.page, reader.view.place);
  }

  return {
    open,
    scrolled,
    settle,
    fetchAhead,
    markCards,
    /** What is on its way is not wanted any more. */
    cancel() {
      opened++;
      clearTimeout(matchesTimer);
    },
  };
}
