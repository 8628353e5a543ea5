// @ts-check
// Where to search: a button that opens the choice of documents, tags, kinds of file, and days of adding.

import { dayText, fileName, h, locale, redrawn, t } from './dom.js';
import { icon } from './icons.js';

/**
 * @typedef {import('./library_state.js').LibraryDocument} LibraryDocument
 * @typedef {{tags: string[], types: string[], languages: string[], added_from: string, added_to: string, dated_from: string, dated_to: string}} Only which documents are wanted; what is empty is not asked for
 */

/** @type {Only} */
export const EVERYTHING = { tags: [], types: [], languages: [], added_from: '', added_to: '', dated_from: '', dated_to: '' };

/** Whether a filter asks for anything. */
export function isFiltered(/** @type {Only} */ only) {
  return Object.values(only).some((value) => value.length);
}

/** The filter as the API's parameters, and those of an address: [name, value]. @returns {[string, string][]} */
export function parametersOf(/** @type {Only} */ only) {
  const { tags, types, languages, ...dates } = only;
  const lists = /** @type {const} */ ([['tag', tags], ['type', types], ['language', languages]]);
  return [...lists.flatMap(([name, values]) => values.map((value) => /** @type {[string, string]} */ ([name, value]))), ...Object.entries(dates).filter(([, value]) => value)];
}

/** A span of days in words; empty where none is asked for. */
export function spanText(/** @type {string} */ from, /** @type {string} */ to) {
  return from || to ? `${from ? dayText(from) : '…'} – ${to ? dayText(to) : '…'}` : '';
}

/** What a language is called in the reader's own. */
export function languageName(/** @type {string} */ code) {
  return new Intl.DisplayNames([locale()], { type: 'language' }).of(code) ?? code;
}

/** The days of adding, and those of the documents themselves. */
const SPANS = /** @type {const} */ ([['column added', 'added_from', 'added from', 'added_to', 'added to'], ['column dated', 'dated_from', 'dated from', 'dated_to', 'dated to']]);

/** From this many documents on a filter helps. */
const FILTER_FROM = 8;
/** Documents that are listed; the filter finds the others. */
const MOST_SHOWN = 200;

/**
 * onchange: the choice changed; nothing chosen means all documents.
 * @param {() => void} onchange
 */
export function makeFacet(onchange) {
  /** @type {LibraryDocument[]} */
  let documents = [];
  /** @type {Set<string>} */
  let chosen = new Set();
  /** @type {Only} */
  let only = { ...EVERYTHING };

  const label = h('span', { class: 'pl-facet-label' }, t('all documents'));
  const button = h('button', { type: 'button', class: 'pl-button pl-facet-button', 'aria-expanded': 'false', onclick: () => toggle() }, icon('file'), label, icon('down'));
  const filter = h('input', { type: 'search', class: 'pl-field', placeholder: t('find a document'), 'aria-label': t('find a document'), oninput: () => draw() });
  const list = h('ul', { class: 'pl-facet-list' });
  const clearButton = h('button', { type: 'button', class: 'pl-link', onclick: () => { chosen.clear(); only = { ...EVERYTHING }; changed(); button.focus(); } }, t('search all'));
  const tags = h('div', { class: 'pl-facet-chips', role: 'group', 'aria-label': t('tags') });
  const types = h('div', { class: 'pl-facet-chips', role: 'group', 'aria-label': t('kind of file') });
  const languages = h('div', { class: 'pl-facet-chips', role: 'group', 'aria-label': t('language') });
  /** @type {Map<'added_from' | 'added_to' | 'dated_from' | 'dated_to', any>} */
  const days = new Map();
  const dayField = (/** @type {'added_from' | 'added_to' | 'dated_from' | 'dated_to'} */ name, /** @type {string} */ title) => {
    const field = h('input', { type: 'date', class: 'pl-field', 'aria-label': t(title), onchange: () => { only = { ...only, [name]: field.value }; changed(); } });
    days.set(name, field);
    return field;
  };
  const dates = SPANS.map(([title, from, fromTitle, to, toTitle]) => h('div', { class: 'pl-facet-days' }, h('span', { class: 'pl-faint' }, t(title)), dayField(from, fromTitle), h('span', { 'aria-hidden': 'true' }, '–'), dayField(to, toTitle)));
  const popup = h('div', { class: 'pl-facet-popup', hidden: true, role: 'group', 'aria-label': t('search in') }, filter, list, tags, types, languages, dates, clearButton);
  const box = h('div', { class: 'pl-facet' }, button, popup);

  function toggle(/** @type {boolean} */ open = popup.hidden) {
    popup.hidden = !open;
    button.setAttribute('aria-expanded', open);
    if (open) {
      filter.value = '';
      draw();
      (filter.hidden ? list.querySelector('input') : filter)?.focus();
    }
  }

  function changed() {
    draw();
    onchange();
  }

  function draw() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const shown = documents.filter((document) => document.document.toLocaleLowerCase().includes(wanted));
    filter.hidden = documents.length < FILTER_FROM;
    // A closed list needs no rows, and nobody reads a thousand.
    redrawn(list, (popup.hidden ? [] : shown.slice(0, MOST_SHOWN)).map((document) => h('li', {}, h('label', {},
      h('input', { type: 'checkbox', 'aria-label': document.document, 'data-value': document.document_id, checked: chosen.has(document.document_id), onchange: (/** @type {any} */ event) => tick(document.document_id, event.target.checked) }),
      h('span', { class: 'pl-facet-name' }, fileName(document.document)),
      h('span', { class: 'pl-faint' }, document.pages ? t('count pages', { count: document.pages }) : '')))));
    if (!shown.length) list.append(h('li', { class: 'pl-faint' }, t('no such document')));
    else if (shown.length > MOST_SHOWN) list.append(h('li', { class: 'pl-faint' }, t('more documents', { count: shown.length - MOST_SHOWN })));
    drawChips(tags, 'tags', documents.flatMap((document) => document.tags));
    drawChips(types, 'types', documents.map((document) => document.type));
    types.hidden = types.querySelectorAll('button').length < 2 && !only.types.length;
    drawChips(languages, 'languages', documents.map((document) => document.language).filter(Boolean));
    languages.hidden = languages.querySelectorAll('button').length < 2 && !only.languages.length;
    for (const [name, field] of days) field.value = only[name];
    dates[1].hidden = !documents.some((document) => document.dated) && !only.dated_from && !only.dated_to;
    label.textContent = text() || t('all documents');
    button.title = named().map((document) => document.document).join(', ');
    button.classList.toggle('pl-chosen', Boolean(text()));
    clearButton.hidden = !text();
    box.hidden = documents.length < 2;
  }

  const named = () => documents.filter((document) => chosen.has(document.document_id));

  /** What is chosen, in words; empty where everything is searched. */
  function text() {
    const [{ document: name } = { document: '' }, ...others] = named();
    return [others.length ? t('count documents', { count: others.length + 1 }) : name, ...only.tags, ...only.types.map((type) => type.toUpperCase()), ...only.languages.map(languageName), spanText(only.added_from, only.added_to), spanText(only.dated_from, only.dated_to)]
      .filter(Boolean).join(' · ');
  }

  function drawChips(/** @type {HTMLElement} */ row, /** @type {'tags' | 'types' | 'languages'} */ name, /** @type {string[]} */ there) {
    const shown = (/** @type {string} */ value) => (name === 'types' ? value.toUpperCase() : name === 'languages' ? languageName(value) : value);
    const values = [...new Set([...only[name], ...there])].sort((a, b) => shown(a).localeCompare(shown(b)));
    row.hidden = !values.length;
    redrawn(row, [h('span', { class: 'pl-faint' }, row.getAttribute('aria-label')), ...values.map((value) => h('button', {
      type: 'button', class: 'pl-chip', 'data-value': value, 'aria-pressed': String(only[name].includes(value)),
      onclick: () => { only = { ...only, [name]: only[name].includes(value) ? only[name].filter((each) => each !== value) : [...only[name], value] }; changed(); },
    }, shown(value)))]);
  }

  function tick(/** @type {string} */ documentId, /** @type {boolean} */ on) {
    if (on) chosen.add(documentId);
    else chosen.delete(documentId);
    changed();
  }

  document.addEventListener('pointerdown', (event) => {
    if (!popup.hidden && !box.contains(/** @type {Node} */ (event.target))) toggle(false);
  });
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || popup.hidden) return;
    event.stopPropagation();
    toggle(false);
    button.focus();
  });

  return {
    element: box,
    /** Chosen documents that are gone are dropped. */
    show(/** @type {LibraryDocument[]} */ found) {
      documents = found.filter((document) => document.pages_indexed > 0);
      chosen = new Set([...chosen].filter((id) => documents.some((document) => document.document_id === id)));
      draw();
    },
    /** By ids or names, as deep links have them. */
    choose(/** @type {string[]} */ names, /** @type {Only} */ wanted = EVERYTHING) {
      only = { ...EVERYTHING, ...wanted };  // saved searches of older days lack some
      chosen = new Set(documents.filter((d) => names.includes(d.document_id) || names.includes(d.document)).map((d) => d.document_id));
      draw();
    },
    get chosen() { return [...chosen]; },
    get names() { return named().map((document) => document.document); },
    get only() { return only; },
    get text() { return text(); },
  };
}
