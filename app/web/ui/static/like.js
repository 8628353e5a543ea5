// @ts-check
// An example as the query: a page, a piece of one, or a picture; and what stands in the box while it is.

import { pageImage } from './app.js';
import { h, t } from './dom.js';
import { iconButton } from './icons.js';

/** @typedef {import('./app.js').App} App @typedef {{document: string, document_id: string, page: number, box: number[] | null} | {picture: string, name: string}} Like */

/** Pixels of a picture that is sent, across its longer side: a page is read at about as many. */
const MOST_PIXELS = 1000;
const QUALITY = 0.85;
const CHIP_WIDTH = 160;

/** What the results of an example are called. */
export function likeLabel(/** @type {Like} */ like) {
  if ('picture' in like) return t('like picture', { name: like.name });
  return t(like.box ? 'like place' : 'like page', { document: like.document, page: like.page });
}

/** What the server is asked with. */
export function likePayload(/** @type {Like} */ like) {
  return 'picture' in like ? { picture: like.picture } : { document_id: like.document_id || like.document, page: like.page, box: like.box };
}

/** The first picture among what was dropped or pasted. @returns {File | null} */
export function pictureIn(/** @type {DataTransfer | null} */ transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith('image/')) ?? null;
}

/** A picture file, made small enough to be sent with every question. @returns {Promise<Like>} */
export async function likeOf(/** @type {File} */ file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height));
  const canvas = h('canvas', { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff'; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  // Safari has no WebP to write, and gives a PNG, which would be too large to send.
  const webp = canvas.toDataURL('image/webp', QUALITY);
  const address = webp.startsWith('data:image/webp') ? webp : canvas.toDataURL('image/jpeg', QUALITY);
  return { picture: address.slice(address.indexOf(',') + 1), name: file.name || t('pasted picture') };
}

/** The example in the box, with a way to drop it. */
export function likeChip(/** @type {App} */ app, /** @type {Like} */ like, /** @type {() => void} */ onclear) {
  const source = 'picture' in like ? pictureSource(like.picture)
    : `${pageImage(app, like.document_id, like.page, CHIP_WIDTH)}${like.box ? `&box=${like.box.map((edge) => edge.toFixed(4)).join(',')}` : ''}`;
  return h('span', { class: 'pl-like' }, h('img', { src: source, alt: '' }), h('span', { class: 'pl-like-name' }, likeLabel(like)), iconButton('close', t('drop example'), onclear));
}

/** A picture's address from what is sent of it. */
function pictureSource(/** @type {string} */ base64) {
  return `data:image/${base64.startsWith('UklG') ? 'webp' : 'jpeg'};base64,${base64}`;
}
