// @ts-check
// The browser's address, history and title: every search, opened page and tab has an entry of its own.

import { t } from './dom.js';
import { EVERYTHING } from './facet.js';

/** @typedef {import('./app.js').App} App @typedef {import('./app.js').Link} Link */

const LONGEST_QUERY = 2000;
/** Where an entry of the history has its picture: no address is long enough for one. */
const PICTURE = 'pagelightPicture';

function readBox(/** @type {string | null} */ text) {
  const box = (text ?? '').split(',').map(Number);
  return box.length === 4 && box.every(Number.isFinite) ? box : null;
}

const boxText = (/** @type {number[]} */ box) => box.map((edge) => edge.toFixed(4)).join(',');

function readLike(/** @type {URLSearchParams} */ query) {
  const [document, page] = [query.get('like') ?? '', Number.parseInt(query.get('like_page') ?? '', 10)];
  return document && page > 0 ? { document, page, box: readBox(query.get('box')) } : null;
}

/** @returns {Link} `document` without `page` limits the search to that document */
export function readLink() {
  const query = new URLSearchParams(location.search);
  const asked = Number.parseInt(query.get('page') ?? '', 10);
  const named = query.getAll('document');
  // A document alone is opened; beside a question it is where to search.
  const page = asked > 0 || query.has('q') || query.has('like') || named.length !== 1 ? asked : 1;
  const isViewed = page > 0 && named.length > 0;
  return {
    tab: query.get('tab') === 'library' ? 'library' : 'search',
    q: (query.get('q') ?? '').slice(0, LONGEST_QUERY),
    document: isViewed ? named[0] : '',
    page: isViewed ? page : 0,
    place: isViewed ? readBox(query.get('place')) : null,
    documents: isViewed ? query.getAll('in') : named,
    like: readLike(query),
    picture: history.state?.[PICTURE] ?? null,
    only: { tags: query.getAll('tag'), types: query.getAll('type'), languages: query.getAll('language'), added_from: query.get('from') ?? '', added_to: query.get('to') ?? '', dated_from: query.get('dated_from') ?? '', dated_to: query.get('dated_to') ?? '' },
  };
}

/** @param {App} app */
export function makeAddress(app) {
  const trimmed = (/** @type {string} */ path) => path.replace(/\/+$/, '');
  // As a part of someone else's page the address is theirs.
  const isOurs = trimmed(new URL(app.rootUrl, location.href).pathname) === trimmed(location.pathname);

  /** The address that shows the same again. */
  function link(/** @type {Link} */ { tab, q, document, page, place, documents, only, like }) {
    const url = new URL(isOurs ? location.pathname : `${app.rootUrl}/`, location.href);
    const { searchParams } = url;
    for (const name of ['__theme']) {
      const kept = new URLSearchParams(location.search).get(name);
      if (isOurs && kept) searchParams.set(name, kept);
    }
    if (q) searchParams.set('q', q);
    if (like) {
      searchParams.set('like', like.document);
      searchParams.set('like_page', String(like.page));
      if (like.box) searchParams.set('box', boxText(like.box));
    }
    if (document && page) {
      searchParams.set('document', document);
      searchParams.set('page', String(page));
      if (place) searchParams.set('place', boxText(place));
    }
    for (const name of documents) searchParams.append(document && page ? 'in' : 'document', name);
    for (const tag of only.tags) searchParams.append('tag', tag);
    for (const type of only.types) searchParams.append('type', type);
    if (only.added_from) searchParams.set('from', only.added_from);
    if (only.added_to) searchParams.set('to', only.added_to);
    for (const language of only.languages) searchParams.append('language', language);
    if (only.dated_from) searchParams.set('dated_from', only.dated_from);
    if (only.dated_to) searchParams.set('dated_to', only.dated_to);
    if (tab === 'library') searchParams.set('tab', 'library');
    return url;
  }

  function titleOf(/** @type {Link} */ { tab, q, document, page, like, picture }) {
    const parts = tab === 'library' ? [t('library')] : [q && t('quoted', { text: q }), like && t(like.box ? 'like place' : 'like page', { document: like.document, page: like.page }), picture && t('like picture', { name: picture.name }), document && t('document page', { document, page })];
    return [...parts.filter(Boolean), app.brand.title].join(' · ');
  }

  /** Go there: a new entry, unless it is the present one or `replace` says that it stands for it. */
  function write(/** @type {Link} */ state, { replace = false } = {}) {
    if (!isOurs) return;
    const url = link(state);
    const picture = state.picture ?? null;
    const before = history.state?.[PICTURE] ?? null;
    if (url.href !== location.href || picture?.picture !== before?.picture) {
      const go = (/** @type {any} */ entry) => history[replace ? 'replaceState' : 'pushState'](entry, '', url);
      try {
        go({ ...history.state, [PICTURE]: picture });
      } catch {
        go({ ...history.state, [PICTURE]: null }); // too large for this browser
      }
    }
    window.document.title = titleOf(state);
  }

  return {
    link,
    write,
    read: () => (isOurs ? readLink() : { tab: /** @type {'search'} */ ('search'), q: '', document: '', page: 0, documents: [], only: EVERYTHING, like: null }),
    /** Back and forward. */
    onchange(/** @type {(state: Link) => void} */ handler) {
      if (!isOurs) return;
      addEventListener('popstate', () => {
        const state = readLink();
        window.document.title = titleOf(state);
        handler(state);
      });
    },
  };
}
