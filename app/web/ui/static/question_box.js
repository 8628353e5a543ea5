// @ts-check
// The box for the question: words, an example in their place, or a picture that is pasted, dropped or chosen.

import { count, h, redrawn, t, TOUCH } from './dom.js';
import { icon, iconButton } from './icons.js';
import { likeChip, likeOf, pictureIn } from './like.js';
import { makeProposals } from './proposals.js';

/** @typedef {import('./like.js').Like} Like */

/**
 * @param {import('./app.js').App} app
 * @param {HTMLElement} facet where to search, which stands beside it
 * @param {{onask: () => void, onlike: (like: Like) => void, ondrop: () => void, onlist: () => boolean, question: () => string, proposals: () => import('./proposals.js').Proposal[]}} options
 *   ondrop: the example is not wanted any more; onlist: to the results, whether there are any; question: the one that is answered, empty for none; proposals: all that may be asked or opened instead of typing it
 */
export function makeQuestionBox(app, facet, { onask, onlike, ondrop, onlist, question, proposals }) {
  /** @type {Like | null} */
  let like = null;
  const input = h('input', {
    type: 'search', class: 'pl-ask-input', dir: 'auto', placeholder: t('what are you looking for'), 'aria-label': t('search the pages'),
    autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search', oninput: () => { draw(); if (!like) proposed.update(); },
  });
  const slash = h('kbd', { class: 'pl-slash', title: t('press slash'), 'aria-hidden': 'true' }, '/');
  const clearButton = iconButton('close', t('clear'), () => { set(''); input.focus(); }, { hidden: true });
  const submit = h('button', { type: 'submit', class: 'pl-button pl-primary', 'aria-label': t('search verb') }, h('span', {}, t('search verb')), icon('search'));
  const likeBox = h('span', { class: 'pl-like-box', hidden: true });
  const chooser = h('input', { type: 'file', accept: 'image/*', class: 'pl-unseen', tabindex: '-1', 'aria-hidden': 'true', onchange: () => { takePicture(chooser.files?.[0] ?? null); chooser.value = ''; } });
  const pictureButton = iconButton('image', t('search picture'), () => chooser.click());
  const proposed = makeProposals(input, proposals);
  const suggestions = h('div', { class: 'pl-suggestions' });
  const form = h('form', { class: 'pl-ask', role: 'search', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); proposed.close(); onask(); } },
    h('h1', { class: 'pl-hello' }, t('ask your documents')),
    h('div', { class: 'pl-ask-row' }, h('div', { class: 'pl-ask-field' }, icon('search'), likeBox, input, slash, clearButton, pictureButton, submit, chooser, proposed.element), facet), suggestions);

  function draw() {
    slash.hidden = Boolean(input.value || like);
    clearButton.hidden = !input.value;
    likeBox.hidden = !like;
    likeBox.replaceChildren(...(like ? [likeChip(app, like, () => { ondrop(); input.focus(); })] : []));
    input.placeholder = like ? '' : t('what are you looking for');
  }

  function set(/** @type {string} */ text) {
    input.value = text;
    proposed.close();
    draw();
  }

  async function takePicture(/** @type {File | null} */ file) {
    if (!file) return;
    let picture;
    try {
      picture = await likeOf(file);
    } catch {
      app.toast(t('no such picture'));
      return;
    }
    onlike(picture);
  }

  // The box keeps what was asked: Escape in it brings the question back, and never takes the results away.
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (proposed.onkey(event)) event.preventDefault();
    else if (event.key === 'ArrowDown') {
      if (onlist()) event.preventDefault();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      set(question());
      input.blur();
    }
  });
  input.addEventListener('paste', (/** @type {ClipboardEvent} */ event) => {
    const file = pictureIn(event.clipboardData);
    const room = input.maxLength - input.value.length + ((input.selectionEnd ?? 0) - (input.selectionStart ?? 0));
    if (!file && input.maxLength > 0 && (event.clipboardData?.getData('text/plain') ?? '').length > room) app.toast(t('question cut', { count: count(input.maxLength) }));
    if (!file) return;
    event.preventDefault();
    takePicture(file);
  });
  // A picture that is dropped on the box is a question; anywhere else it is a document to add.
  form.addEventListener('drop', (/** @type {DragEvent} */ event) => {
    const file = pictureIn(event.dataTransfer);
    if (!file) return;
    event.preventDefault();
    takePicture(file);
  });

  return {
    element: form,
    get text() { return input.value.trim(); },
    /** A question, or an example in its place. */
    show(/** @type {string} */ text, /** @type {Like | null} */ example = null) {
      like = example;
      set(like ? '' : text);
    },
    suggest: (/** @type {HTMLElement[]} */ rows) => redrawn(suggestions, rows),
    set limit(/** @type {number} */ characters) { input.maxLength = characters; },
    draw,
    focus: (/** @type {FocusOptions} */ options = {}) => input.focus(options),
    /** To the box, where typing replaces what stands there. */
    selectAll() {
      input.focus();
      input.select();
    },
    /** On a telephone its keyboard would cover the results. */
    leave() { if (TOUCH.matches) input.blur(); },
  };
}
