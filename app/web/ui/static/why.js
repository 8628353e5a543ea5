// @ts-check
// Why this page: what its score adds up from, each part with its place on the page.

import { h, linkButton, t } from './dom.js';
import { iconButton } from './icons.js';

/** @typedef {{kind: string, word: string, matched: string, box: number[] | null, score: number, share: number}} Entry */

/** Shares below this are added up in one line. */
const LEAST_SHARE = 0.01;
/** Marks around a word. */
const EDGES = /^[\s"'“”„«»(,.;:!?]+|[\s"'“”„«»),.;:!?]+$/g;

/**
 * @param {{ask: () => Promise<{entries: Entry[], exact: boolean}>, onplace: (box: number[]) => void, onclose: () => void}} options
 */
export function makeWhy({ ask, onplace, onclose }) {
  const list = h('ol', { class: 'pl-why-list' });
  const state = h('p', { class: 'pl-faint', role: 'status' });
  const closeButton = iconButton('close', t('close'), () => { close(); onclose(); });
  const element = h('section', { class: 'pl-why', 'aria-label': t('why this page'), hidden: true },
    h('header', {}, h('h3', {}, t('why this page')), closeButton), state, list);
  let turn = 0;

  async function open() {
    element.hidden = false;
    closeButton.focus();
    await draw();
  }

  function close() {
    turn++;
    element.hidden = true;
    state.replaceChildren();
    list.replaceChildren();
  }

  async function draw() {
    const now = ++turn;
    // What stands there is of the page before.
    element.setAttribute('aria-busy', 'true');
    try {
      const { entries, exact } = await ask();
      if (now !== turn) return;
      const large = entries.filter((entry) => entry.share >= LEAST_SHARE);
      const rest = entries.reduce((sum, entry) => sum + entry.share, 0) - large.reduce((sum, entry) => sum + entry.share, 0);
      state.textContent = [entries.length ? t('why means') : t('why nothing'), exact ? '' : t('why first stage')].filter(Boolean).join(' ');
      list.replaceChildren(...large.map(row), ...(rest > LEAST_SHARE / 2 ? [row({ kind: 'rest', word: '', matched: '', box: null, score: 0, share: rest })] : []));
    } catch (error) {
      if (now !== turn) return;
      state.replaceChildren(/** @type {Error} */ (error).message, ' ', linkButton(t('try again'), draw));
      list.replaceChildren();
    }
    element.removeAttribute('aria-busy');
  }

  function row(/** @type {Entry} */ { kind, word, matched, box, share }) {
    const percent = t('percent', { number: Math.round(share * 100) });
    const name = kind === 'word' ? t('quoted', { text: word }) : t(`why ${kind}`);
    const text = matched ? t(kind === 'meaning' ? 'why says' : 'why matched', { text: kind === 'meaning' ? matched : matched.replace(EDGES, '') }) : kind === 'word' ? t(box ? 'why looks' : 'why nowhere') : '';
    const inner = [h('span', { class: 'pl-why-name' }, name), h('span', { class: 'pl-why-text', dir: 'auto' }, text),
      h('span', { class: 'pl-bar' }, h('i', { style: { width: `${Math.max(2, share * 100)}%` } })), h('span', { class: 'pl-why-share' }, percent)];
    return h('li', {}, box ? h('button', { type: 'button', class: 'pl-why-row', title: t('why show'), onclick: () => onplace(box) }, inner) : h('div', { class: 'pl-why-row' }, inner));
  }

  return {
    element,
    open,
    close,
    /** The page has changed. */
    refresh() { if (!element.hidden) draw(); },
    get isOpen() { return !element.hidden; },
  };
}
