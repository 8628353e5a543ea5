// @ts-check
// A line under the box while documents are being read: results may be missing.

import { h, linkButton, t } from './dom.js';

/** @typedef {{documents: number, pages_done: number, pages_total: number}} Indexing */

/** @param {() => void} onagain the search is to be repeated */
export function makeReadingHint(onagain) {
  const text = h('span', {});
  const again = linkButton(t('search again'), onagain);
  const element = h('div', { class: 'pl-hint', hidden: true }, h('span', { class: 'pl-pulse', 'aria-hidden': 'true' }), text, again);
  return {
    element,
    /** indexing: null while nothing is read */
    draw(/** @type {Indexing | null} */ indexing, /** @type {boolean} */ hasResults) {
      element.hidden = !indexing;
      if (!indexing) return;
      const { documents, pages_done, pages_total } = indexing;
      const progress = pages_total ? t('pages of', { done: pages_done, count: pages_total }) : t('count pages', { count: pages_done });
      text.textContent = `${t('still reading', { count: documents, progress })} ${hasResults ? t('results so far') : t('searchable already')}`;
      again.hidden = !hasResults;
    },
  };
}
