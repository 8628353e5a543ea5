// @ts-check
// What can be done with the ticked documents at once.

import { button, h, linkButton, t } from './dom.js';
import { makeTagField } from './tag_field.js';

/** @typedef {import('./library_state.js').LibraryDocument} LibraryDocument */

/**
 * @param {{chosen: () => LibraryDocument[], tags: () => string[], ontags: (chosen: LibraryDocument[], add: string[], remove: string[]) => void, ondelete: (chosen: LibraryDocument[]) => void, onall: () => void, onclear: () => void}} options
 */
export function makeBulkBar({ chosen, tags, ontags, ondelete, onall, onclear }) {
  const label = h('strong', { role: 'status' });
  const field = makeTagField(t('tags'), tags);
  const form = h('form', { class: 'pl-bulk-tags', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); change('add'); } },
    field.element, h('button', { type: 'submit', class: 'pl-button' }, t('add tags')), button(t('remove tags'), () => change('remove')));
  const allButton = linkButton(t('select all'), onall);
  const element = h('div', { class: 'pl-bulk', role: 'group', 'aria-label': t('with selected'), hidden: true },
    label, form, button(t('delete selected'), () => ondelete(chosen()), { class: 'pl-button pl-danger-quiet' }), h('span', { class: 'pl-bulk-all' }, allButton, linkButton(t('select none'), onclear)));

  function change(/** @type {'add' | 'remove'} */ how) {
    const named = field.value;
    if (!named.length) {
      field.focus();
      return;
    }
    ontags(chosen(), how === 'add' ? named : [], how === 'remove' ? named : []);
    field.value = [];
  }

  return {
    element,
    /** isAll: everything that is listed is ticked */
    draw(/** @type {boolean} */ isAll) {
      const { length } = chosen();
      allButton.hidden = isAll;
      element.hidden = !length;
      label.textContent = t('count selected', { count: length });
    },
  };
}
