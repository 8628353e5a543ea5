// @ts-check
// The start page: what can be asked and opened while nothing is, or an invitation to add documents.

import { button, message, t } from './dom.js';
import { coverShelf, emptyLibrary, suggestionRows } from './welcome.js';

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
  /** @type {Held} */
  let held = { documents: [], indexing: null };

  function draw(/** @type {Held} */ { documents, indexing } = held) {
    held = { documents, indexing };
    const isReady = documents.some((document) => document.pages_indexed > 0);
    onstate(isReady || indexing ? 'idle' : 'empty');
    box.suggest(suggestionRows({ saved: isReady ? saved.all : [], examples, recent: isReady ? saved.recent : [], onopen: onsaved, onforget: forget, onquery }));
    if (isReady) element.replaceChildren(coverShelf(app, documents, onopen));
    else element.replaceChildren(indexing ? message(t('reading your documents'), t('reading your documents text')) : emptyLibrary(app));
  }

  function forget(/** @type {import('./welcome.js').Saved} */ one) {
    saved.forget(one);
    draw();
    box.focus();
  }

  return {
    draw,
    /** The server does not say what there is. */
    fail(/** @type {Error} */ error, /** @type {() => void} */ again) {
      onstate('idle');
      element.replaceChildren(message(t('not ready'), error.message, button(t('try again'), again)));
    },
    /** Examples of what can be asked; nothing to start with is no failure. */
    async fetchExamples() {
      ({ examples } = await app.ask('examples').catch(() => ({ examples })));
    },
  };
}
