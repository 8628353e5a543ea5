// @ts-check
// The search tab's parts in their places: the box above, the results beside the reader, or the start page.

import { h } from './dom.js';

/** @typedef {'loading' | 'empty' | 'idle' | 'results' | 'reading'} State empty: no documents; idle: nothing is asked; reading: a document without a question */

/** @param {HTMLElement[]} top @param {HTMLElement} results @param {HTMLElement} reader */
export function makeSearchLayout(top, results, reader) {
  // Without results the document's name is the page's heading.
  const title = h('h1', { class: 'pl-unseen pl-reading-title' });
  const columns = h('div', { class: 'pl-columns' }, results, reader);
  const welcome = h('div', { class: 'pl-welcome' });
  const element = h('div', { class: 'pl-search', 'data-state': 'loading' }, top, title, columns, welcome);

  return {
    element,
    welcome,
    setState(/** @type {State} */ state) {
      element.dataset.state = state;
      title.hidden = state !== 'reading';
    },
    set title(/** @type {string} */ text) { title.textContent = text; },
    get state() { return element.dataset.state; },
    /** An answer is waited for. */
    get isBusy() { return element.classList.contains('pl-busy'); },
    set isBusy(/** @type {boolean} */ is) { element.classList.toggle('pl-busy', is); },
    /** The results stand without a page beside them. */
    set isAlone(/** @type {boolean} */ is) { columns.classList.toggle('pl-alone', is); },
  };
}
