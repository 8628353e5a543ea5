// @ts-check
// A field for tags, separated by commas, which proposes those that there are.

import { h } from './dom.js';

let fields = 0;

/**
 * @param {string} label
 * @param {() => string[]} known the library's tags
 */
export function makeTagField(label, known) {
  const list = h('datalist', { id: `pl-tags-${++fields}` });
  const input = h('input', { type: 'text', class: 'pl-field pl-tag-field', 'aria-label': label, placeholder: label, list: list.id, autocomplete: 'off', onfocus: propose, oninput: propose });

  /** The browser proposes whole values, so the tags that stand there already come first in each. */
  function propose() {
    const before = input.value.includes(',') ? `${input.value.slice(0, input.value.lastIndexOf(',')).trim()}, ` : '';
    const there = new Set(read());
    list.replaceChildren(...known().filter((tag) => !there.has(tag)).map((tag) => h('option', { value: before + tag })));
  }

  const read = () => input.value.split(',').map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);

  return {
    element: h('span', { class: 'pl-tag-box' }, input, list),
    focus: () => input.focus(),
    get value() { return read(); },
    set value(tags) { input.value = tags.join(', '); },
  };
}
