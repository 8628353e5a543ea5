// @ts-check
// The texts of the interface in the reader's language; each language is one file of texts/.

import english from './texts/en.js';

/** Languages that have a file. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it'];

/** @type {Record<string, any>} */
let texts = english;
let language = 'en';
let plurals = new Intl.PluralRules('en');

/** The first of the browser's languages that there is. */
function preferred() {
  const wanted = navigator.languages?.length ? navigator.languages : [navigator.language ?? 'en'];
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag)) ?? 'en';
}

export async function loadTexts() {
  const wanted = preferred();
  try {
    texts = wanted === 'en' ? english : { ...english, ...(await import(`./texts/${wanted}.js`)).default };
    language = wanted;
    plurals = new Intl.PluralRules(wanted);
  } catch {
    // English is here already.
  }
  return language;
}

/** The server's own sentences in the reader's language: pairs of a pattern and a key. */
const said = Object.entries(/** @type {Record<string, string>} */ (english)).filter(([key]) => key.startsWith('said '))
  .map(([key, text]) => /** @type {[RegExp, string]} */ ([new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>.+)')}$`), key]));

/** A sentence of the server's in the reader's language; empty where that has no words for it. */
function sentenceTold(/** @type {string} */ text) {
  for (const [pattern, key] of said) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, value.replace(' or ', ` ${t('or')} `)]);
    return t(key, Object.fromEntries(values));
  }
  return '';
}

/** What is wrong with a file itself: reading it once more ends the same. */
const FAULTS = ['empty', 'kind', 'text', 'web page', 'damaged', 'password', 'no pages', 'picture', 'form', 'office'].map((key) => `said ${key}`);

/** Whether a document failed for what its file is, so that another file helps and another try does not. */
export function isFilesFault(/** @type {string} */ reason) {
  return FAULTS.includes(said.find(([pattern]) => pattern.test(reason))?.[1] ?? '');
}

/** What is said of a page, as a sentence of its own. */
function reasonTold(/** @type {string} */ text) {
  return sentenceTold(`${text[0].toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`) || text;
}

/** A remark on pages: which were skipped and why, or what to bear in mind of them. */
function remarkTold(/** @type {string} */ text) {
  const skipped = /^Skipped (page \d.+)\.$/.exec(text);
  if (skipped) {
    const parts = skipped[1].split(/; (?=page \d|and \d+ more$)/).map((part) => {
      const [, page, reason] = /^page (\d+): (.+)$/.exec(part) ?? [];
      return page ? t('remark page', { pages: page, text: reasonTold(reason) }) : part.replace(/^and (\d+) more$/, '+ $1');
    });
    return t('remark skipped', { text: parts.join(' ') });
  }
  const found = /^(?:(Pages?) ([\d, and]+)|(\d+) pages): (.+)$/.exec(text);
  if (!found) return text;
  const [, kind, pages, number, reason] = found;
  const values = { pages: (pages ?? '').replace(' and ', ` ${t('and')} `), count: Number(number), text: reasonTold(reason) };
  return t(number ? 'remark many pages' : kind === 'Page' ? 'remark page' : 'remark pages', values);
}

/** What the server said, in the reader's language where that has words for it. */
export function told(/** @type {string} */ text) {
  if (language === 'en' || !text) return text;
  // Sentence by sentence: a document may have several remarks.
  return sentenceTold(text) || (text.match(/.+?[.!?](?= |$)|.+$/g) ?? []).map((part) => sentenceTold(part.trim()) || remarkTold(part.trim())).join(' ');
}

/** The reader's language with the habits of their country in dates and numbers. */
export function locale() {
  return (navigator.languages ?? []).find((tag) => tag.slice(0, 2).toLowerCase() === language) ?? language;
}

/**
 * The text of a key, its {places} filled in; `count` also chooses between singular and plural.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const entry = texts[key];
  const text = typeof entry === 'object' ? entry[plurals.select(Number(values.count))] ?? entry.other : entry ?? key;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ place, /** @type {string} */ name) => {
    const value = values[name];
    return value === undefined ? place : typeof value === 'number' ? value.toLocaleString(locale()) : value;
  });
}
