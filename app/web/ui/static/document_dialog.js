// @ts-check
// What is known of a document and can be changed: its name, its tags, a newer version; and the question before deleting.

import { button, dayText, fileName, h, linkButton, sizeText, t } from './dom.js';
import { languageName } from './facet.js';
import { showDialog } from './help.js';
import { makeTagField } from './tag_field.js';

/** @typedef {import('./app.js').App} App @typedef {import('./library_state.js').Library} Library @typedef {import('./library_state.js').LibraryDocument} LibraryDocument */

/** Have a file chosen that takes a document's place. onchosen: before it is sent */
export function chooseNewer(/** @type {Library} */ library, /** @type {LibraryDocument} */ document, onchosen = () => {}) {
  const chooser = h('input', { type: 'file', accept: library.limits.suffixes.join(','), onchange: () => {
    const file = chooser.files?.[0];
    if (!file) return;
    onchosen();
    library.replace(document, file);
  } });
  chooser.click();
}

export function showDetails(/** @type {App} */ app, /** @type {Library} */ library, /** @type {LibraryDocument} */ document) {
  const name = h('input', { type: 'text', class: 'pl-field', id: 'pl-details-name', value: document.name, autocomplete: 'off', required: true });
  const tags = makeTagField(t('tags'), () => library.tags);
  tags.value = document.tags;
  const failure = h('p', { class: 'pl-failure', role: 'alert', hidden: true });
  const save = h('button', { type: 'submit', class: 'pl-button pl-primary' }, t('save'));
  /** @type {[string, string][]} */
  const facts = [
    [t('fact added'), dayText(document.added)], ...(/** @type {[string, string][]} */ (document.dated ? [[t('fact dated'), dayText(document.dated)]] : [])), ...(/** @type {[string, string][]} */ (document.language ? [[t('language'), languageName(document.language)]] : [])), [t('fact size'), sizeText(document.bytes)],
    [t('fact from'), document.place || t('from upload')],
    ...(document.other_names.length ? /** @type {[string, string][]} */ ([[t('fact other names'), document.other_names.join(', ')]]) : []),
  ];

  async function change(/** @type {Event} */ event) {
    event.preventDefault();
    save.disabled = true;
    const reason = await library.change(document, name.value.trim(), tags.value);
    if (!reason) {
      dialog.close();
      return;
    }
    save.disabled = false;
    if (!dialog.isConnected) app.toast(reason);
    failure.textContent = reason;
    failure.hidden = false;
  }

  const dialog = h('dialog', { class: 'pl-dialog pl-details', 'aria-labelledby': 'pl-dialog-title' },
    h('h2', { id: 'pl-dialog-title' }, t('details')),
    h('form', { onsubmit: change },
      h('label', { for: 'pl-details-name' }, t('fact name')), name,
      h('span', { class: 'pl-label' }, t('tags comma')), tags.element,
      h('dl', {}, facts.map(([term, text]) => h('div', {}, h('dt', {}, term), h('dd', {}, text)))),
      linkButton(t('replace by newer'), () => chooseNewer(library, document, () => dialog.close()), { class: 'pl-link pl-replace' }), failure,
      h('div', { class: 'pl-dialog-actions' }, button(t('cancel'), () => dialog.close()), save)));
  showDialog(app, dialog);
  name.focus();
  name.setSelectionRange(0, Math.max(0, document.name.lastIndexOf('.')) || document.name.length);
}

export function confirmDelete(/** @type {App} */ app, /** @type {Library} */ library, /** @type {LibraryDocument[]} */ chosen) {
  const [{ document: name }] = chosen;
  const remove = button(t('delete'), async () => {
    remove.disabled = true;
    await library.remove(chosen);
    if (!dialog.isConnected) return;
    dialog.close();
    // What had the focus is gone; the way back is short.
    /** @type {HTMLElement | null} */ (app.root.querySelector('.pl-toast:not([hidden]) button'))?.focus();
  }, { class: 'pl-button pl-danger' });
  const dialog = h('dialog', { class: 'pl-dialog', 'aria-labelledby': 'pl-dialog-title' },
    h('h2', { id: 'pl-dialog-title' }, t('delete question', { count: chosen.length })),
    h('p', { class: 'pl-dialog-name' }, chosen.length === 1 ? fileName(name) : t('count documents', { count: chosen.length })),
    h('p', {}, t('delete means')),
    h('div', { class: 'pl-dialog-actions' }, button(t('keep it', { count: chosen.length }), () => dialog.close(), { autofocus: true }), remove));
  showDialog(app, dialog);
}
