// @ts-check
// What is shown before anything is asked: examples from the library and its covers, or an invitation.

import { pageImage } from './app.js';
import { button, fileName, h, linkButton, message, t, TOUCH } from './dom.js';
import { languageName, spanText } from './facet.js';
import { icon, iconButton } from './icons.js';
import { pictureSeen, SOON } from './pictures.js';

/** @typedef {import('./app.js').App} App @typedef {import('./library_state.js').LibraryDocument} LibraryDocument */

/** Covers that are shown; the library tab has the rest. */
const MOST_COVERS = 12;
const COVER_WIDTH = 320;

function queryChips(/** @type {string} */ label, /** @type {string[]} */ queries, /** @type {(text: string) => void} */ onquery) {
  return h('div', { class: 'pl-examples' }, h('span', { class: 'pl-faint' }, label),
    queries.map((text) => h('button', { type: 'button', class: 'pl-example', dir: 'auto', onclick: () => onquery(text) }, text)));
}

/** @typedef {{q: string, documents: string[], only: import('./facet.js').Only}} Saved a search that is kept in this browser */

/** A kept search in words, with its limits. */
export function savedLabel(/** @type {Saved} */ { q, documents, only }) {
  return [q, ...documents, ...only.tags, ...only.types, ...(only.languages ?? []).map(languageName), spanText(only.added_from, only.added_to), spanText(only.dated_from ?? '', only.dated_to ?? '')].filter(Boolean).join(' · ');
}

/** @param {Saved[]} saved @param {{onopen: (saved: Saved) => void, onforget: (saved: Saved) => void}} options */
function savedChips(saved, { onopen, onforget }) {
  return h('div', { class: 'pl-examples' }, h('span', { class: 'pl-faint' }, t('saved')),
    saved.map((one) => h('span', { class: 'pl-saved' },
      h('button', { type: 'button', class: 'pl-example', onclick: () => onopen(one) }, savedLabel(one)),
      iconButton('close', t('forget search', { query: savedLabel(one) }), () => onforget(one)))));
}

/** The first pages of documents that can be opened. */
export function coverShelf(/** @type {App} */ app, /** @type {LibraryDocument[]} */ ready, /** @type {(document: LibraryDocument) => void} */ onopen) {
  const covers = ready.slice(0, MOST_COVERS).map((document) => h('li', {}, h('button', {
    type: 'button', class: 'pl-cover', 'aria-label': t('open document', { name: document.document }), onclick: () => onopen(document),
  },
  h('span', { class: 'pl-cover-frame' }, pictureSeen(pageImage(app, document.document_id, 1, COVER_WIDTH), SOON)),
  h('span', { class: 'pl-cover-name' }, fileName(document.document)),
  h('span', { class: 'pl-faint' }, t('count pages', { count: document.pages })))));
  const more = ready.length - covers.length;
  return h('section', { class: 'pl-shelf', 'aria-label': t('documents') },
    h('h2', {}, t('in your library')),
    h('ul', {}, covers),
    more > 0 && linkButton(t('more documents', { count: more }), () => app.emit('show-tab', { tab: 'library' })));
}

export function emptyLibrary(/** @type {App} */ app, /** @type {string} */ level = 'h1') {
  return h('div', { class: 'pl-invitation' },
    h('div', { class: 'pl-beam', 'aria-hidden': 'true' }, h('i', {}), h('i', {}), h('i', {}), h('i', {})),
    h(level, {}, t('library empty')),
    h('p', {}, t(TOUCH.matches ? 'library empty touch' : 'library empty text')),
    h('button', { type: 'button', class: 'pl-button pl-primary', onclick: () => app.emit('choose-files') }, icon('upload'), t('add documents')));
}

/**
 * What can be asked, in rows: kept searches, examples, recent questions; empty ones are left out.
 * @param {{saved: Saved[], examples: string[], recent: string[], onopen: (saved: Saved) => void, onforget: (saved: Saved) => void, onquery: (text: string) => void}} options
 * @returns {HTMLElement[]}
 */
export function suggestionRows({ saved, examples, recent, onopen, onforget, onquery }) {
  return [saved.length && savedChips(saved, { onopen, onforget }), examples.length && queryChips(t('try'), examples, onquery), recent.length && queryChips(t('recent'), recent, onquery)].filter(Boolean);
}

/**
 * In place of results. isEmpty: there are no documents; isInside: not all of them were searched; weak: how many pages are the nearest all the same
 * @param {App} app
 * @param {{query: string, isEmpty: boolean, isLike: boolean, isReading: boolean, isInside: boolean, weak: number, onall: () => void}} found
 */
export function nothingFound(app, { query, isEmpty, isLike, isReading, isInside, weak, onall }) {
  if (isEmpty) return emptyLibrary(app, 'h2');
  if (isLike) return message(t('nothing like it'), t('nothing like it text'));
  if (isReading) return message(t('nothing matches yet', { query }), t('nothing matches yet text'));
  return message(weak ? t('nothing matches', { query }) : t('nothing found', { query }), isInside ? t('search elsewhere') : t(app.canWrite ? 'try other words' : 'try only words'), isInside && button(t('search all'), onall));
}
