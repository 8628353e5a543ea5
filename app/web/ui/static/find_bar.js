// @ts-check
// Find in the opened document: its own words, with the next and the previous place.

import { h, t } from './dom.js';
import { iconButton } from './icons.js';

/** Milliseconds of rest after the last letter. */
const PAUSE_MS = 250;

/** @typedef {{page: number, boxes: number[][]}} Place one place may go over a line's end */

/**
 * @param {import('./app.js').App} app
 * @param {{ondraw: (places: Place[], current: number) => void, onclose: () => void}} options ondraw: what is found, and which is shown
 */
export function makeFindBar(app, { ondraw, onclose }) {
  /** @type {Place[]} */
  let places = [];
  let current = -1;
  let timer = 0;
  let asked = 0;
  /** What the places are of. */
  let foundText = '';
  let documentId = '';
  let startPage = 1;
  const input = h('input', { type: 'search', class: 'pl-field', placeholder: t('find in document'), 'aria-label': t('find in document'), oninput: () => {
    clearTimeout(timer);
    timer = window.setTimeout(find, PAUSE_MS);
  } });
  const state = h('span', { class: 'pl-find-state', role: 'status' });
  const element = h('div', { class: 'pl-find-bar', role: 'search', 'aria-label': t('find in document'), hidden: true }, input,
    iconButton('up', t('previous place'), () => step(-1)), iconButton('down', t('next place'), () => step(1)), state, iconButton('close', t('close find'), close));

  async function find() {
    clearTimeout(timer);
    const turn = ++asked;
    const text = input.value.trim();
    let found = { places: /** @type {Place[]} */ ([]) };
    try {
      if (text) found = await app.ask('find_text', { document_id: documentId, text });
    } catch (error) {
      if (turn === asked) state.textContent = /** @type {Error} */ (error).message;
      return;
    }
    if (turn !== asked) return;
    foundText = text;
    places = found.places;
    current = places.length ? Math.max(0, places.findIndex((place) => place.page >= startPage)) : -1;
    draw(text);
  }

  function draw(/** @type {string} */ text) {
    state.textContent = !text ? '' : places.length ? t('place of', { number: current + 1, count: places.length }) : t('no place');
    ondraw(places, current);
  }

  function step(/** @type {number} */ by) {
    if (!places.length) return;
    current = (current + by + places.length) % places.length;
    draw(input.value.trim());
  }

  function close() {
    clearTimeout(timer);
    asked++; // whatever is on its way
    element.hidden = true;
    foundText = '';
    input.value = '';
    places = [];
    current = -1;
    draw('');
    onclose();
  }

  element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && event.target === input) {
      event.preventDefault();
      if (places.length && foundText === input.value.trim()) step(event.shiftKey ? -1 : 1);
      else find();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  });

  return {
    element,
    open() {
      element.hidden = false;
      input.focus();
      input.select();
    },
    close,
    /** Another document, or another page of it, is shown. */
    at(/** @type {string} */ id, /** @type {number} */ page) {
      startPage = page;
      if (id === documentId) return;
      documentId = id;
      if (!element.hidden) find();
    },
    get isOpen() { return !element.hidden; },
  };
}
