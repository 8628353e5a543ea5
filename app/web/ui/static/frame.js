// @ts-check
// The frame of the page: the name, the two tabs, day and night, what is said to people and screen readers.

import { button, count, h, isTyping, stored, svg, t } from './dom.js';
import { icon, iconButton } from './icons.js';

const THEME_KEY = 'pagelight-theme';
/** Milliseconds that a message stays; longer where it offers something. */
const TOAST_MS = 3500;
const OFFER_MS = 10_000;

/** @typedef {import('./app.js').App} App @typedef {'search' | 'library'} Tab */

function logo() {
  return svg('svg', { viewBox: '0 0 32 32', class: 'pl-logo', 'aria-hidden': 'true' },
    svg('rect', { x: 6, y: 3, width: 20, height: 26, rx: 3.5, class: 'pl-logo-page' }),
    svg('rect', { x: 3, y: 12, width: 26, height: 7.5, rx: 3.75, class: 'pl-logo-glow' }),
    svg('path', { d: 'M11 9h10M11 15.750h10M11 22.500h6', class: 'pl-logo-lines' }));
}

/**
 * @param {App} app
 * @param {{tabs: [Tab, string, HTMLElement][], onselect: (tab: Tab) => void, onhome: () => void, onhelp: () => void}} options
 */
export function makeFrame(app, { tabs, onselect, onhome, onhelp }) {
  /** @type {Tab} */
  let current = 'search';
  const buttons = tabs.map(([id, label]) => h('button', {
    type: 'button', role: 'tab', id: `pl-tab-${id}`, class: 'pl-tab', 'aria-controls': `pl-panel-${id}`, onclick: () => onselect(id), onkeydown: arrows,
  }, label));
  const panels = tabs.map(([id, , element]) => h('div', { role: 'tabpanel', id: `pl-panel-${id}`, 'aria-labelledby': `pl-tab-${id}`, hidden: true }, element));
  const themeButton = h('button', { type: 'button', class: 'pl-theme', onclick: toggleTheme }, h('span', { class: 'pl-theme-disc' }));
  const activity = h('button', { type: 'button', class: 'pl-activity', hidden: true, onclick: () => (isGone ? app.emit('library-outdated') : onselect('library')) });
  /** The server does not answer: whatever else is shown may be out of date. */
  let isGone = false;
  const live = h('p', { class: 'pl-unseen', role: 'status', 'aria-live': 'polite' });
  const toast = h('div', { class: 'pl-toast', hidden: true });
  let toastTimer = 0;

  function arrows(/** @type {KeyboardEvent} */ event) {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = tabs.find(([id]) => id !== current);
    if (other) onselect(other[0]);
    buttons.find((node) => node.getAttribute('aria-selected') === 'true')?.focus();
  }

  function select(/** @type {Tab} */ tab) {
    current = tab;
    tabs.forEach(([id], i) => {
      buttons[i].setAttribute('aria-selected', String(id === tab));
      buttons[i].tabIndex = id === tab ? 0 : -1;
      panels[i].hidden = id !== tab;
    });
  }

  const isDark = () => document.body.classList.contains('dark');

  function drawTheme() {
    const label = isDark() ? t('switch to light') : t('switch to dark');
    themeButton.setAttribute('aria-label', label);
    themeButton.title = label;
  }

  function applyTheme(/** @type {string} */ theme) {
    document.body.classList.toggle('dark', theme === 'dark');
    drawTheme();
  }

  function toggleTheme() {
    const theme = isDark() ? 'light' : 'dark';
    applyTheme(theme);
    stored.set(THEME_KEY, theme);
  }

  app.listen('announce', ({ text }) => { live.textContent = text; });
  app.listen('toast', ({ text, action }) => {
    live.textContent = text;
    const close = () => { toast.hidden = true; };
    const leave = () => {
      const isFocused = toast.contains(document.activeElement);
      close();
      if (isFocused) buttons.find((node) => node.tabIndex === 0)?.focus();
    };
    // Once longer where somebody is at it.
    const end = () => { toastTimer = setTimeout(leave, toast.matches(':hover') || toast.contains(document.activeElement) ? TOAST_MS : 0); };
    toast.replaceChildren(h('p', {}, text), ...(action ? [button(action.label, () => { close(); action.run(); }, { class: 'pl-toast-action' })] : []));
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(end, action ? OFFER_MS : TOAST_MS);
  });
  app.listen('library', ({ indexing, deepening, failure }) => {
    if (failure && !isGone) app.announce(failure);
    isGone = Boolean(failure);
    activity.hidden = !indexing && !deepening && !isGone;
    activity.classList.toggle('pl-gone', isGone);
    if (activity.hidden) return;
    if (isGone) {
      activity.title = failure;
      activity.setAttribute('aria-label', `${t('no connection')}. ${t('try again')}`);
      activity.replaceChildren(icon('alert'), h('span', {}, t('no connection')));
      return;
    }
    const reading = indexing?.pages_total ? t('activity', { done: count(indexing.pages_done), total: count(indexing.pages_total) }) : t('activity counting');
    const text = indexing ? reading : t('deepening', { done: count(deepening.done), total: count(deepening.total) });
    activity.title = indexing ? '' : t('deepening hint');
    activity.replaceChildren(h('span', { class: 'pl-pulse', 'aria-hidden': 'true' }), h('span', {}, text));
    activity.setAttribute('aria-label', t('activity label', { text }));
  });

  const theme = stored.get(THEME_KEY, '');
  if (theme) applyTheme(theme);
  drawTheme();
  const element = h('div', { class: 'pl-frame' },
    h('header', { class: 'pl-header' },
      h('a', { class: 'pl-brand', href: `${app.rootUrl}/`, onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onhome();
      } }, app.brand.hasLogo ? h('img', { class: 'pl-logo', src: `${app.rootUrl}/logo`, alt: '' }) : logo(), h('span', { class: 'pl-name' }, app.brand.title)),
      h('div', { class: 'pl-tabs', role: 'tablist', 'aria-label': t('parts of the page') }, buttons),
      activity,
      h('div', { class: 'pl-header-tools' }, iconButton('help', t('keyboard and help'), onhelp, { class: 'pl-icon-button pl-help-button' }), themeButton)),
    live, h('div', { class: 'pl-main' }, panels), toast);

  return {
    element,
    select,
    get tab() { return current; },
    /** Keys of the whole page: `/` to the box, `?` for help, and whatever the tab has. */
    onkey(/** @type {KeyboardEvent} */ event, /** @type {{tosearch: () => void, other: () => void}} */ { tosearch, other }) {
      if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      if (event.key !== '/' && event.key !== '?') {
        other();
        return;
      }
      if (event.key === '/') tosearch();
      else onhelp();
      event.preventDefault();
    },
  };
}
