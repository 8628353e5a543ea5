// @ts-check
// Elements. Text from people and files reaches the page through textContent and setAttribute only; nothing here or
// elsewhere builds HTML from strings.

import { isFilesFault, locale, t, told } from './texts.js';

/** @typedef {Node | string | null | undefined | false} Child */

const STILL = matchMedia('(prefers-reduced-motion: reduce)');
const THOUSAND = 1000;
/** Units of sizes, each a thousand of the one before it. */
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
/** Milliseconds after which something is done though the browser is busy. */
const IDLE_MS = 1000;
/** Hebrew, Arabic, and scripts beside them. */
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** Whether things may move, and how scrolling does. */
export const isStill = () => STILL.matches;
export const motion = () => (isStill() ? 'auto' : 'smooth');
/** Fingers, and a keyboard on the screen. */
export const TOUCH = matchMedia('(hover: none) and (pointer: coarse)');
export const NARROW = matchMedia('(max-width: 799px)');

/**
 * An element: `h('a', {class: 'x', href: url, onclick: fn}, 'text', child, null)`.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  /** @type {any} */
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(node.style, value);
    else if (name === 'value' || name === 'checked' || name === 'disabled') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(.../** @type {(Node | string)[]} */ (children.flat().filter((child) => child !== null && child !== undefined && child !== false)));
  return node;
}

/**
 * An element of SVG, whose attributes are plain.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...Element} children
 */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** A button of words. */
export function button(/** @type {string} */ label, /** @type {(event: any) => void} */ onclick, /** @type {Record<string, any>} */ attributes = {}) {
  return h('button', { type: 'button', class: 'pl-button', onclick, ...attributes }, label);
}

/** A button that looks like a link. */
export function linkButton(/** @type {string} */ label, /** @type {(event: any) => void} */ onclick, /** @type {Record<string, any>} */ attributes = {}) {
  return button(label, onclick, { class: 'pl-link', ...attributes });
}

/**
 * A file's name that may break anywhere but in its extension; its text is the name itself.
 * @param {string} name
 */
export function fileName(name) {
  const dot = name.lastIndexOf('.');
  const isLong = dot > 0 && name.length - dot <= 6;
  // Letters that join, or are read from the right, stay together.
  const end = isLong ? (FROM_RIGHT.test(name) ? dot : Math.max(0, dot - 2)) : name.length;
  // Where a line has to break, it does so behind a mark rather than inside a word.
  const parts = (name.slice(0, end).match(/[^_\-.]*[_\-.]|[^_\-.]+$/g) ?? []).flatMap((part, i) => (i ? [h('wbr'), part] : [part]));
  return h('span', { class: 'pl-file-name', title: name }, h('span', { class: 'pl-file-stem' }, parts), isLong && h('span', { class: 'pl-file-end' }, name.slice(end)));
}

/** What is said where something is missing or went wrong, with what can be done. */
export function message(/** @type {string} */ title, /** @type {string} */ text, /** @type {Child[]} */ ...actions) {
  return h('div', { class: 'pl-message' }, h('h2', {}, title), text && h('p', {}, text), ...actions);
}

/** A region as a frame in percent of the page. */
export function regionMark(/** @type {{box: number[], score: number}} */ { box, score }, /** @type {number} */ rank) {
  return h('div', { class: rank === 0 ? 'pl-box pl-best' : 'pl-box', 'data-score': score, style: placed(box) });
}

/** The style that puts something at a box of the page. */
export function placed(/** @type {number[]} */ [x0, y0, x1, y1]) {
  const percent = (/** @type {number} */ value) => `${(100 * value).toFixed(3)}%`;
  return { left: percent(x0), top: percent(y0), width: percent(x1 - x0), height: percent(y1 - y0) };
}

/** Whether an element is part of what is shown, scrolled to or not. */
export function isShown(/** @type {HTMLElement} */ node) {
  return node.checkVisibility?.() ?? node.getClientRects().length > 0;
}

/** Draw anew what is in an element: whoever is at one of its buttons or boxes stays there. */
export function redrawn(/** @type {HTMLElement} */ box, /** @type {Child[]} */ children) {
  const nameOf = (/** @type {any} */ node) => node.dataset.value ?? node.getAttribute('aria-label') ?? node.textContent;
  const { activeElement } = document;
  const name = activeElement && box.contains(activeElement) ? nameOf(activeElement) : '';
  const { scrollTop } = box;
  box.replaceChildren(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  box.scrollTop = scrollTop;
  if (name) /** @type {HTMLElement[]} */ ([...box.querySelectorAll('button, input')]).find((node) => nameOf(node) === name)?.focus({ preventScroll: true });
}

/** Whether a key belongs to a field that is being typed in. */
export function isTyping(/** @type {Event} */ event) {
  return Boolean(/** @type {Element} */ (event.target).closest?.('input:not([type="range"]):not([type="checkbox"]), textarea, select, [contenteditable]'));
}

/** Whether it worked; the clipboard API exists on https and localhost only. */
export async function copyText(/** @type {string} */ text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'pl-unseen', value: text });
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

/** Save a text or a blob as a file. */
export function saveFile(/** @type {string} */ name, /** @type {Blob | string} */ content, type = 'text/plain') {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name.replace(/[\\/:*?"<>|]+/g, ' ').trim() }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Values kept in the browser; a frame without storage forgets them. */
export const stored = {
  /** @template T @param {string} key @param {T} otherwise @returns {T} */
  get(key, otherwise, place = 'localStorage') {
    try {
      const text = /** @type {any} */ (window)[place].getItem(key);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  },
  set(/** @type {string} */ key, /** @type {any} */ value, place = 'localStorage') {
    try {
      /** @type {any} */ (window)[place].setItem(key, JSON.stringify(value));
    } catch {
      // Kept until the page is loaded again.
    }
  },
};

/** "3 of 12" with the reader's own digits and separators. */
export function count(/** @type {number} */ number) {
  return number.toLocaleString(locale());
}

/** A file's size in words. */
export function sizeText(/** @type {number} */ bytes) {
  let [unit, number] = [0, bytes];
  while (Math.round(number) >= THOUSAND && unit + 1 < UNITS.length) [unit, number] = [unit + 1, number / THOUSAND];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: UNITS[unit], unitDisplay: unit ? 'short' : 'long', maximumFractionDigits: number < 10 ? 1 : 0 }).format(number);
}

/** A day, of a moment in UTC or of a date. */
export function dayText(/** @type {string} */ iso) {
  return iso ? new Date(iso.includes('T') ? `${iso}Z` : `${iso}T12:00`).toLocaleDateString(locale(), { dateStyle: 'medium' }) : '–';
}

/** Do something once the present state is on the screen. */
export function afterPaint(/** @type {() => void} */ run) {
  requestAnimationFrame(() => setTimeout(run));
}

/** Do something when the browser has nothing else to do. Safari has no word for that. */
export function whenIdle(/** @type {() => void} */ run) {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: IDLE_MS });
  else setTimeout(run, IDLE_MS / 10);
}

export { isFilesFault, locale, t, told };
