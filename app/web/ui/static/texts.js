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

/** What the server said, in the reader's language where that has words for it. */
export function told(/** @type {string} */ text) {
  for (const [pattern, key] of language === 'en' ? [] : said) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, value.replace(' or ', ` ${t('or')} `)]);
    return t(key, Object.fromEntries(values));
  }
  return text;
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
    return value === undefined ? place : typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}
