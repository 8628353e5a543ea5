// @ts-check
// Folders whose files are documents: those that the server follows, and a way to name another one.

import { button, h, linkButton, t, told } from './dom.js';
import { icon, iconButton } from './icons.js';

/** What makes it possible to choose folders: of the program, not of a language. */
const OPTION = '--watch-in';

/** @param {import('./app.js').App} app @param {import('./library_state.js').Library} library */
export function makeFollowed(app, library) {
  const list = h('ul', { class: 'pl-followed', 'aria-label': t('followed folders') });
  const field = h('input', { type: 'text', class: 'pl-field', 'aria-label': t('folder to follow'), autocomplete: 'off', spellcheck: 'false' });
  const form = h('form', { class: 'pl-follow', hidden: true, onsubmit: submit, onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Escape') close(); } },
    field, h('button', { type: 'submit', class: 'pl-button' }, t('follow verb')), button(t('cancel'), close, { class: 'pl-button pl-quiet' }));
  const opener = linkButton(t('follow a folder'), open, { class: 'pl-link pl-follow-opener', hidden: true });
  const [before, after] = t('follow how', { option: '\n' }).split('\n');
  const how = h('p', { class: 'pl-faint pl-follow-how', hidden: true }, before, h('code', {}, OPTION), after);
  /** Folders in which one may be chosen. @type {string[]} */
  let choosable = [];
  let drawn = '';

  function open() {
    form.hidden = false;
    opener.hidden = true;
    if (!field.value) field.value = choosable.length === 1 ? `${choosable[0]}/` : '';
    field.focus();
  }

  function close() {
    // Whoever went on meanwhile stays there.
    const isHere = isNowhere() || form.contains(document.activeElement);
    form.hidden = true;
    opener.hidden = !choosable.length;
    field.value = '';
    if (isHere) opener.focus();
  }

  const isNowhere = () => !document.activeElement || document.activeElement === document.body;

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    if (!field.value.trim()) field.focus();
    else if (await library.follow(field.value.trim())) close();
    else field.focus();
  }

  function row(/** @type {import('./library_state.js').Followed} */ { folder, trouble, can_go }) {
    return h('li', { class: trouble ? 'pl-in-trouble' : null },
      icon(trouble ? 'alert' : 'folder'), h('span', {}, trouble ? told(trouble) : t('follows folder', { folder })),
      can_go && iconButton('close', t('unfollow folder', { folder }), async () => {
        await library.unfollow(folder);
        if (isNowhere()) opener.focus();
      }));
  }

  app.listen('library', (state) => {
    ({ choosable } = state);
    field.placeholder = t('folder in', { folders: choosable.join(', ') });
    opener.hidden = !choosable.length || !form.hidden;
    how.hidden = !state.couldChoose || state.followed.length > 0;
    // Drawing again would take the focus.
    const now = JSON.stringify(state.followed);
    if (now === drawn) return;
    drawn = now;
    list.hidden = !state.followed.length;
    list.replaceChildren(...state.followed.map(row));
  });

  return { element: h('div', { class: 'pl-following' }, list, opener, form, how) };
}
