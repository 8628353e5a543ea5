// @ts-check
// One Pagelight on a page: its element, its server, and the events between its parts. Two on one page stay apart.

import { t, told } from './dom.js';

/**
 * @typedef {object} Link where somebody is: everything that the address says
 * @property {'search' | 'library'} tab
 * @property {string} q
 * @property {string} document a name or an id
 * @property {number} page 0: none
 * @property {number[] | null} [place] a box of the page, where one was chosen
 * @property {string[]} documents to search in, by name
 * @property {{document: string, page: number, box: number[] | null} | null} like the example in place of a question
 * @property {{picture: string, name: string} | null} [picture] a picture in place of a question, which the history keeps
 * @property {import('./facet.js').Only} only which documents to search in
 *
 * @typedef {object} App
 * @property {HTMLElement} root what the scripts fill
 * @property {HTMLElement} container Gradio's frame around it
 * @property {string} rootUrl where this Pagelight is mounted, without a trailing slash
 * @property {{title: string, hasLogo: boolean}} brand its name, and whether it has a logo of its own at /logo
 * @property {boolean} canWrite whether this person may change the library; others search only
 * @property {(file: File) => Promise<{path: string}>} upload
 * @property {(name: string, payload?: object) => Promise<any>} ask call a server function; rejects with a line to show
 * @property {(name: string, detail?: any) => void} emit
 * @property {(name: string, handler: (detail: any) => void) => void} listen
 * @property {(text: string) => void} announce said by screen readers
 * @property {(text: string, action?: {label: string, run: () => void}) => void} toast
 */

/**
 * @param {{element: HTMLElement, server: Record<string, Function>, upload: any, rootUrl: string, brand: {title: string, hasLogo: boolean}}} given by the loader
 * @returns {App}
 */
export function createApp({ element, server, upload, rootUrl, brand }) {
  const root = /** @type {HTMLElement} */ (element.querySelector('.pl'));
  const container = /** @type {HTMLElement} */ (element.closest('.gradio-container') ?? document.body);
  const events = new EventTarget();
  const emit = (/** @type {string} */ name, /** @type {any} */ detail = {}) => { events.dispatchEvent(new CustomEvent(name, { detail })); };

  async function ask(/** @type {string} */ name, payload = {}) {
    let reply = null;
    try {
      reply = await server[name](payload);
    } catch {
      // Told apart from an answer below.
    }
    if (reply === null || typeof reply !== 'object') {
      throw Object.assign(new Error(t('no answer')), { isGone: true });
    }
    if (reply.error) throw Object.assign(new Error(told(reply.error)), { status: reply.status });
    // What is not allowed is not shown: the styles hide it.
    if (reply.access) root.dataset.access = reply.access;
    return reply;
  }

  return {
    root,
    container,
    rootUrl,
    brand,
    get canWrite() { return root.dataset.access !== 'read'; },
    upload,
    ask,
    emit,
    listen: (name, handler) => events.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail)),
    announce: (text) => emit('announce', { text }),
    toast: (text, action) => emit('toast', { text, action }),
  };
}

/** A page's picture, `width` pixels wide. */
export function pageImage(/** @type {App} */ app, /** @type {string} */ documentId, /** @type {number} */ page, /** @type {number} */ width) {
  return `${app.rootUrl}/pages/${encodeURIComponent(documentId)}/${page}.webp?w=${width}`;
}

/** The document as a PDF, under its own name. */
export function documentAt(/** @type {App} */ app, /** @type {string} */ documentId, /** @type {string} */ name, page = 1) {
  const file = `${name.replace(/\.[^.]{1,5}$/, '') || 'document'}.pdf`;
  return `${app.rootUrl}/documents/${encodeURIComponent(documentId)}/${encodeURIComponent(file)}#page=${page}`;
}
