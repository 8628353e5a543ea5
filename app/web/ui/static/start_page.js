// @ts-check
// The start page: what can be asked and opened while nothing is, or an invitation to add documents.

import { button, message, redrawn, t } from './dom.js';
import { coverShelf, emptyLibrary, savedLabel, suggestionRows } from './welcome.js';

/**
 * @typedef {import('./library_state.js').LibraryDocument} LibraryDocument
 * @typedef {{documents: LibraryDocument[], indexing: object | null}} Held what the library holds
 *
 * @param {import('./app.js').App} app
 * @param {{element: HTMLElement, box: ReturnType<typeof import('./question_box.js').makeQuestionBox>, saved: ReturnType<typeof import('./saved_searches.js').makeSavedSearches>, onstate: (state: 'idle' | 'empty') => void, onopen: (document: LibraryDocument) => void, onquery: (query: string) => void, onsaved: (saved: import('./welcome.js').Saved) => void}} options
 *   element: below the box; onstate: whether there is anything to ask
 */
export function makeStartPage(app, { element, box, saved, onstate, onopen, onquery, onsaved }) {
  /** @type {string[]} */
  let examples = [];
  let fetched = 0;
  /** @type {Held} */
  let held = { documents: [], indexing: null };
  let drawn = '';

  function draw(/** @type {Held} */ { documents, indexing } = held) {
    held = { documents, indexing };
    const isReady = documents.some((document) => document.pages_indexed > 0);
    onstate(isReady || indexing ? 'idle' : 'empty');
    const rows = { saved: isReady ? saved.all : [], examples, recent: isReady ? saved.recent : [] };
    const ready = documents.filter((document) => document.pages_indexed > 0);
    // Drawing again would come between somebody and what they are about to click.
    const now = JSON.stringify([rows, ready.map(({ document_id, document, pages }) => [document_id, document, pages]), Boolean(indexing)]);
    if (now === drawn) return;
    drawn = now;
    box.suggest(suggestionRows({ ...rows, onopen: onsaved, onforget: forget, onquery }));
    if (isReady) redrawn(element, [coverShelf(app, ready, onopen)]);
    else element.replaceChildren(indexing ? message(t('reading your documents'), t('reading your documents text')) : emptyLibrary(app));
  }

  function forget(/** @type {import('./welcome.js').Saved} */ one) {
    saved.forget(one);
    draw();
    box.focus();
  }

  return {
    draw,
    /** What may be asked or opened instead of typing it. @returns {import('./proposals.js').Proposal[]} */
    proposals: (/** @type {LibraryDocument[]} */ documents) => [
      ...saved.recent.map((text) => /** @type {const} */ ({ kind: 'recent', text, run: () => onquery(text) })),
      ...saved.all.map((one) => /** @type {const} */ ({ kind: 'saved', text: savedLabel(one), run: () => onsaved(one) })),
      ...examples.map((text) => /** @type {const} */ ({ kind: 'example', text, run: () => onquery(text) })),
      ...documents.filter((document) => document.pages_indexed > 0).map((document) => /** @type {const} */ ({ kind: 'document', text: document.document, run: () => onopen(document) })),
    ],
    /** The server does not say what there is. */
    fail(/** @type {Error} */ error, /** @type {() => void} */ again) {
      drawn = '';
      onstate('idle');
      element.replaceChildren(message(t('not ready'), error.message, button(t('try again'), again)));
    },
    /** Examples of what can be asked; nothing to start with is no failure. */
    async fetchExamples() {
      const mine = ++fetched;
      const reply = await app.ask('examples').catch(() => ({ examples }));
      if (mine === fetched) ({ examples } = reply);
    },
  };
}
