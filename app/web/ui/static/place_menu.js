// @ts-check
// What can be done with a place on a page: find the like of it, copy its text or its picture, or ask with its text.

import { copyText, saveFile, t } from './dom.js';
import { crop, makeMenu } from './exports.js';

/** Characters of a place's text that are asked with. */
const LONGEST_QUESTION = 200;

/**
 * Open it at a mark.
 * @param {import('./app.js').App} app
 * @param {{slot: import('./page_slot.js').Slot, box: number[], mark: HTMLElement, name: string, text: string, onlike: () => void, onquery: (text: string) => void}} place
 *   name: of the file that its picture is saved as; text: what stands there
 */
export function openPlaceMenu(app, { slot, box, mark, name, text, onlike, onquery }) {
  /** @type {[string, () => void][]} */
  const items = [[t('more like this'), onlike]];
  if (text) items.push([t('copy text'), async () => app.toast((await copyText(text)) ? t('text copied') : t('no copying'))]);
  items.push([t('save picture'), async () => {
    const blob = await crop(slot, box);
    if (blob) saveFile(`${name}.png`, blob);
    else app.toast(t('no picture'));
  }]);
  if (text) items.push([t('ask with place'), () => onquery(text.replace(/\s+/g, ' ').slice(0, LONGEST_QUESTION))]);
  const menu = makeMenu(t('what to do with place', { number: 1 }), items);
  menu.classList.add('pl-region-menu');
  mark.querySelector('.pl-menu-box')?.remove();
  mark.append(menu);
  menu.querySelector('button').click();
}
