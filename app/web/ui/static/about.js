// @ts-check
// What is known of the library as a whole, in a dialog: what it holds, which model reads it, what is kept, where, and what helps.

import { button, count, h, linkButton, sizeText, t } from './dom.js';
import { languageName } from './facet.js';
import { showDialog } from './help.js';

/**
 * @typedef {{version: string, documents: number, pages: number, model: string, form: string, page_bytes: number | null, used: Record<'index' | 'files' | 'cache', number | null>, has_server: boolean, folder: string, reads_scans: boolean, tesseract: string[], has_office: boolean, indexing: number[] | null, deepening: number[] | null}} About
 *   model: empty for the built-in one; what somebody may not see is null or empty
 */

/** Tesseract's languages by their names: "deu", "chi_sim". */
function languageNames(/** @type {string[]} */ codes) {
  return [...new Set(codes.map((code) => (/^[a-z]{3}(_|$)/.test(code) ? languageName(code.slice(0, 3)) : code)))].join(', ');
}

/** @param {About} about @returns {[string, string][]} */
function facts({ version, documents, pages, model, form, page_bytes, used, has_server, folder, reads_scans, tesseract, has_office, indexing, deepening }) {
  const kept = [page_bytes !== null && t('about page size', { size: sizeText(page_bytes) }), has_server && t('about qdrant'), form];
  const scans = !reads_scans ? t('about scans off') : tesseract.length ? t('about tesseract', { languages: languageNames(tesseract) }) : t('about no tesseract');
  const [waiting, done, total] = indexing ?? [];
  const reading = waiting === undefined ? '' : total ? t('activity', { done: count(done), total: count(total) }) : t('activity counting');
  return [
    [t('about holds'), `${t('count documents', { count: documents })}, ${t('count pages', { count: pages })}`],
    [t('about model'), model || t('about builtin')],
    [t('about kept'), kept.filter(Boolean).join(' · ')],
    [t('about room'), used.index === null ? '' : t('about sizes', { index: sizeText(used.index), files: sizeText(used.files ?? 0), cache: sizeText(used.cache ?? 0) })],
    [t('about folder'), folder],
    [t('about scans'), scans],
    [t('about office'), t(has_office ? 'about libreoffice' : 'about no libreoffice')],
    [t('about background'), reading || (deepening ? t('deepening', { done: count(deepening[0]), total: count(deepening[1]) }) : t('about idle'))],
    [t('about version'), version],
  ];
}

/** A way to the dialog. @param {import('./app.js').App} app */
export function makeAboutOpener(app) {
  let isAsking = false;

  async function open() {
    if (isAsking) return;
    isAsking = true;
    try {
      const about = await app.ask('about_library');
      // Whoever went on meanwhile is left alone.
      if (opener.offsetParent && !document.querySelector('dialog[open]')) show(about);
    } catch (error) {
      app.toast(/** @type {Error} */ (error).message, { label: t('try again'), run: open });
    }
    isAsking = false;
  }

  function show(/** @type {About} */ about) {
    const dialog = h('dialog', { class: 'pl-dialog pl-details', 'aria-labelledby': 'pl-about-title' },
      h('h2', { id: 'pl-about-title' }, t('about library')),
      h('dl', {}, facts(about).filter(([, text]) => text).map(([term, text]) => h('div', {}, h('dt', {}, term), h('dd', {}, text)))),
      h('div', { class: 'pl-dialog-actions' }, button(t('close'), () => dialog.close(), { autofocus: true })));
    showDialog(app, dialog);
  }

  const opener = linkButton(t('about library'), open, { class: 'pl-link pl-about-opener' });
  return opener;
}
