// @ts-check
// Taking things along: the page as a picture, the hits as a PDF with highlights, a table, JSON, or citations.

import { h, saveFile, t } from './dom.js';
import { parametersOf } from './facet.js';
import { likePayload } from './like.js';

/** @typedef {import('./cards.js').Hit} Hit @typedef {import('./results.js').Found} Found */

/** The page with its heat map and boxes as a PNG; null where there is no picture, or the browser forbids to read it. */
export async function pagePicture(/** @type {import('./page_slot.js').Slot} */ slot, /** @type {boolean} */ isLit, /** @type {boolean} */ hasBoxes) {
  const { heatCanvas, regions } = slot;
  const picture = await slot.picture().catch(() => null);
  if (!picture) return null;
  const canvas = h('canvas', { width: picture.naturalWidth, height: picture.naturalHeight });
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0);
  if (isLit) {
    context.globalCompositeOperation = slot.isDark ? 'screen' : 'multiply';
    context.drawImage(heatCanvas, 0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = 'source-over';
  }
  context.strokeStyle = '#c96f00';
  (hasBoxes ? regions : []).forEach(({ box: [x0, y0, x1, y1] }, rank) => {
    context.lineWidth = (rank === 0 ? 3 : 1.5) * (canvas.width / 1000);
    context.strokeRect(x0 * canvas.width, y0 * canvas.height, (x1 - x0) * canvas.width, (y1 - y0) * canvas.height);
  });
  return blobOf(canvas);
}

/** A box of the page as a PNG. */
export async function crop(/** @type {import('./page_slot.js').Slot} */ slot, /** @type {number[]} */ [x0, y0, x1, y1]) {
  const picture = await slot.picture().catch(() => null);
  if (!picture) return null;
  const [width, height] = [picture.naturalWidth, picture.naturalHeight];
  const canvas = h('canvas', { width: Math.max(1, Math.round((x1 - x0) * width)), height: Math.max(1, Math.round((y1 - y0) * height)) });
  canvas.getContext('2d').drawImage(picture, -x0 * width, -y0 * height);
  return blobOf(canvas);
}

/** @returns {Promise<Blob | null>} */
async function blobOf(/** @type {HTMLCanvasElement} */ canvas) {
  try {
    return await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  } catch {
    // A page that embeds this app from elsewhere may show the image but not read it.
    return null;
  }
}

const excerptOf = (/** @type {Hit} */ hit) => hit.excerpt.map(([text]) => text).join('');

/** Hits as CSV (RFC 4180); a cell that a spreadsheet would take for a formula starts with an apostrophe. */
export function asTable(/** @type {Hit[]} */ hits) {
  const cell = (/** @type {string | number} */ value) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const rows = hits.map((hit, i) => [i + 1, hit.document, hit.page, hit.strength, hit.sources.join(' '), excerptOf(hit), hit.document_id]);
  return [['rank', 'document', 'page', 'strength', 'sources', 'excerpt', 'document_id'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Hits as a list of citations in Markdown, each with its sentence and a link. */
export function asCitations(/** @type {string} */ query, /** @type {Hit[]} */ hits, /** @type {(hit: Hit) => URL} */ linkOf) {
  const plain = (/** @type {string} */ text) => text.replace(/([\\`*_[\]<>#])/g, '\\$1').replace(/\s+/g, ' ');
  const lines = hits.map((hit) => `- [${plain(hit.document)}, ${t('page', { page: hit.page })}](${linkOf(hit).href.replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29'))})${hit.excerpt.length ? `: ${hit.excerpt.map(([text, isMarked]) => (isMarked ? `**${plain(text)}**` : plain(text))).join('')}` : ''}`);
  return `# ${plain(query)}\n\n${lines.join('\n')}\n`;
}

/**
 * The menu of what can be taken along.
 * @param {import('./app.js').App} app
 * @param {{found: () => Found | null, opened: () => {document_id: string, page: number} | null, complete: () => Promise<void>, documents: () => string[], only: () => import('./facet.js').Only, linkOf: (hit: Hit) => URL}} options
 *   opened: the page that is read
 */
export function makeExports(app, { found, opened, complete, documents, only, linkOf }) {
  const name = () => `${found()?.query ?? 'hits'}`.slice(0, 60);

  /** Where a file of these results is had, with the filters. */
  function addressOf(/** @type {string} */ what, /** @type {Found} */ result, /** @type {string[]} */ among = documents()) {
    const address = new URL(`${app.rootUrl}/api/v1/${what}`, location.href);
    address.searchParams.set('top_k', String(result.hits.length));
    for (const id of among) address.searchParams.append('document', id);
    for (const [name, value] of parametersOf(only())) address.searchParams.append(name, value);
    return address;
  }

  /** The found pages, or those of one document, with what matches highlighted. */
  function exportPdf(/** @type {Found} */ result, among = documents()) {
    const address = addressOf('export', result, among);
    address.searchParams.set('query', result.query);
    h('a', { href: address.href, download: `${name()}.pdf` }).click();
  }

  /** The page that is read, with what matches highlighted. */
  function exportPage(/** @type {Found} */ { query }) {
    const page = opened();
    if (!page) return;
    const address = new URL(`${app.rootUrl}/api/v1/documents/${page.document_id}/pages/${page.page}/export`, location.href);
    address.searchParams.set('query', query);
    h('a', { href: address.href, download: `${name()}.pdf` }).click();
  }

  /** The example is sent along: no address holds a picture. */
  async function exportLike(/** @type {Found} */ result) {
    const like = likePayload(/** @type {any} */ (result.like));
    const sent = 'picture' in like
      ? fetch(addressOf('export/picture', result), { method: 'POST', body: Uint8Array.from(atob(String(like.picture)), (letter) => letter.charCodeAt(0)), headers: { 'Content-Type': 'application/octet-stream' } })
      : fetch(`${app.rootUrl}/api/v1/export/like`, { method: 'POST', body: JSON.stringify({ document: like.document_id, page: like.page, box: like.box, top_k: result.hits.length, documents: documents(), ...only() }), headers: { 'Content-Type': 'application/json' } });
    const file = `${name()}.pdf`;
    try {
      const answer = await sent;
      if (!answer.ok) throw new Error((await answer.json()).error);
      saveFile(file, await answer.blob(), 'application/pdf');
    } catch (error) {
      app.toast(/** @type {Error} */ (error).message);
    }
  }
  /** Save the hits, once all of their places are known. */
  async function save(/** @type {string} */ ending, /** @type {string} */ type, /** @type {(result: Found) => string} */ textOf) {
    const result = found();
    if (!result) return;
    const file = `${name()}.${ending}`;
    try {
      await complete();
      saveFile(file, textOf(result), type);
    } catch (error) {
      app.toast(/** @type {Error} */ (error).message);
    }
  }
  const items = [
    [t('export pdf'), () => {
      const result = /** @type {Found} */ (found());
      if (result.like) exportLike(result);
      else exportPdf(result);
    }],
    [t('export page'), () => exportPage(/** @type {Found} */ (found())), () => !opened() || Boolean(found()?.like)],
    [t('export document'), () => exportPdf(/** @type {Found} */ (found()), [opened()?.document_id ?? '']), () => !opened() || Boolean(found()?.like)],
    [t('export csv'), () => save('csv', 'text/csv', ({ hits }) => asTable(hits))],
    [t('export json'), () => save('json', 'application/json', (result) => JSON.stringify(plainOf(result), null, 2))],
    [t('export markdown'), () => save('md', 'text/markdown', ({ query, hits }) => asCitations(query, hits, linkOf))],
  ];
  return makeMenu(t('take along'), /** @type {MenuItem[]} */ (items));
}

/** What the API gives, with the sentence beside it. */
function plainOf(/** @type {Found} */ { query, matched, hits }) {
  return { query, matched, hits: hits.map(({ shown, excerpt, ...hit }) => ({ ...hit, excerpt: excerpt.map(([text]) => text).join('') })) };
}

/** @typedef {[string, () => void, (() => boolean)?]} MenuItem its text, what it does, and when it is left out */

/** A button that opens a list of actions. */
export function makeMenu(/** @type {string} */ label, /** @type {MenuItem[]} */ items) {
  const list = h('div', { class: 'pl-menu', role: 'menu', hidden: true, 'aria-label': label }, items.map(([text, run]) => h('button', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: () => { close(); run(); } }, text)));
  const opener = h('button', { type: 'button', class: 'pl-link pl-menu-button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => (list.hidden ? open() : close()) }, label);
  const box = h('div', { class: 'pl-menu-box' }, opener, list);
  const entries = () => /** @type {HTMLElement[]} */ ([...list.children]).filter((entry) => !entry.hidden);

  function open() {
    items.forEach(([, , isOut], i) => { list.children[i].hidden = Boolean(isOut?.()); });
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    entries()[0]?.focus();
  }
  function close() {
    if (list.hidden) return;
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
    opener.focus();
  }
  list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === 'ArrowDown') all[(at + 1) % all.length].focus();
    else if (event.key === 'ArrowUp') all[(at - 1 + all.length) % all.length].focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.stopPropagation();
    if (event.key !== 'Tab') event.preventDefault();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.hidden && !box.contains(/** @type {Node} */ (event.target))) {
      list.hidden = true;
      opener.setAttribute('aria-expanded', 'false');
    }
  });
  return box;
}
