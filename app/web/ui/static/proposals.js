// @ts-check
// What is proposed while somebody types a question: those that were asked or kept, examples, and documents by name.

import { fileName, h, t } from './dom.js';
import { icon } from './icons.js';

/** @typedef {{kind: 'recent' | 'saved' | 'example' | 'document', text: string, run: () => void}} Proposal what the page knows anyway: no key asks the server */

const MOST = 7;
let lists = 0;
/** @type {Record<Proposal['kind'], [string, string]>} its icon, and the key of what it is called */
const KINDS = { recent: ['clock', 'recent'], saved: ['star', 'saved'], example: ['search', 'try'], document: ['file', 'document'] };

/** Without accents and capitals. */
const folded = (/** @type {string} */ text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
const wordsOf = (/** @type {string} */ text) => folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/**
 * The best of those in which every word that is typed begins a word: first what begins as it is typed.
 * @param {string} typed
 * @param {Proposal[]} all
 */
export function matching(typed, all) {
  const wanted = wordsOf(typed);
  if (!wanted.length) return [];
  const start = folded(typed.trim());
  const seen = new Set([wanted.join(' ')]);
  const found = all.filter(({ text }) => {
    const words = wordsOf(text);
    const whole = words.join(' ');
    const isNew = !seen.has(whole) && wanted.every((word) => words.some((other) => other.startsWith(word)));
    if (isNew) seen.add(whole);
    return isNew;
  });
  const isStart = (/** @type {Proposal} */ { text }) => Number(folded(text).startsWith(start));
  return found.sort((a, b) => isStart(b) - isStart(a)).slice(0, MOST);
}

/**
 * A list below a box that is typed in (ARIA's combobox): none of it is chosen until an arrow or the pointer goes there.
 * @param {HTMLInputElement} input
 * @param {() => Proposal[]} all
 */
export function makeProposals(input, all) {
  const id = `pl-proposals-${++lists}`;
  const list = h('ul', { class: 'pl-proposals', id, role: 'listbox', 'aria-label': t('proposals'), hidden: true });
  /** @type {Proposal[]} */
  let shown = [];
  /** -1: what is typed. */
  let at = -1;
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': id })) input.setAttribute(name, value);
  show([]);

  function show(/** @type {Proposal[]} */ proposals) {
    shown = proposals;
    list.hidden = !shown.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
    list.replaceChildren(...shown.map(({ kind, text }, i) => {
      const [sign, name] = KINDS[kind];
      return h('li', { role: 'option', id: `${id}-${i}`, class: 'pl-proposal', onclick: () => choose(i) }, icon(sign), h('span', { class: 'pl-proposal-text', dir: 'auto' }, kind === 'document' ? fileName(text) : text), h('span', { class: 'pl-faint' }, t(name)));
    }));
    mark(-1);
  }

  function mark(/** @type {number} */ position) {
    at = position;
    [...list.children].forEach((node, i) => { node.setAttribute('aria-selected', String(i === at)); });
    if (at < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  function choose(/** @type {number} */ position) {
    const { run } = shown[position];
    show([]);
    run();
  }

  // A click leaves the focus where it is typed.
  list.addEventListener('pointerdown', (/** @type {Event} */ event) => event.preventDefault());
  list.addEventListener('mousedown', (/** @type {Event} */ event) => event.preventDefault());
  input.addEventListener('blur', () => show([]));

  return {
    element: list,
    /** Something was typed. */
    update: () => show(matching(input.value, all())),
    close: () => show([]),
    /** Whether a key was the list's: arrows go through it and back to what is typed, Enter takes what is chosen, Escape closes it. */
    onkey(/** @type {KeyboardEvent} */ { key, isComposing }) {
      if (list.hidden || isComposing) return false;
      if (key === 'ArrowDown') mark(at + 1 < shown.length ? at + 1 : -1);
      else if (key === 'ArrowUp') mark(at < 0 ? shown.length - 1 : at - 1);
      else if (key === 'Enter' && at >= 0) choose(at);
      else if (key === 'Escape') show([]);
      else return false;
      return true;
    },
  };
}
