// @ts-check
// What the keyboard does, on `?`.

import { button, h, t, TOUCH } from './dom.js';

const KEYS = [
  ['/', 'key search'], ['↓ ↑', 'key cards'], ['Enter', 'key open'], ['Esc', 'key back'],
  ['n  p', 'key match'], ['PageDown PageUp', 'key screen'], ['→ ←', 'key page'], ['g', 'key jump'], ['f', 'key find'],
  ['+  −  0', 'key zoom'], ['z', 'key zoom match'], ['r', 'key rotate'], ['c', 'key cite'], ['w', 'why this page'], ['m', 'key similar'], ['s', 'key box'], ['?', 'key help'],
];

/** @param {import('./app.js').App} app */
export function makeHelp(app) {
  // What helps without a keyboard comes first where there may be none.
  const hints = h('p', { class: 'pl-faint' }, t('help syntax'));
  const dialog = h('dialog', { class: 'pl-dialog pl-help', 'aria-labelledby': 'pl-help-title' },
    h('h2', { id: 'pl-help-title' }, t(TOUCH.matches ? 'keyboard and help' : 'keyboard')),
    TOUCH.matches && hints,
    h('dl', {}, KEYS.map(([keys, text]) => h('div', {}, h('dt', {}, keys.split(/ +/).map((key) => h('kbd', {}, key))), h('dd', {}, t(text))))),
    !TOUCH.matches && hints,
    h('div', { class: 'pl-dialog-actions' }, button(t('close'), () => dialog.close(), { autofocus: true })));
  showDialog(app, dialog);
}

/** Show a dialog until it is closed, which a click beside it does, too. */
export function showDialog(/** @type {import('./app.js').App} */ app, /** @type {HTMLDialogElement} */ dialog) {
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  app.root.append(dialog);
  dialog.showModal();
  // The focus is on what closes it, at its end; reading begins at the top.
  dialog.scrollTop = 0;
}
