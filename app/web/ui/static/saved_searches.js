// @ts-check
// Searches that are kept in this browser: the recent ones, and those with a star.

import { stored, t } from './dom.js';
import { iconButton } from './icons.js';

/** @typedef {import('./welcome.js').Saved} Saved */

const RECENT_KEY = 'pagelight-recent';
const MOST_RECENT = 5;
const SAVED_KEY = 'pagelight-saved';
const MOST_SAVED = 30;

const isSame = (/** @type {Saved} */ one, /** @type {Saved} */ other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * @param {import('./app.js').App} app
 * @param {() => Saved} present the search that is shown
 */
export function makeSavedSearches(app, present) {
  const star = iconButton('star', t('save search'), toggle, { 'aria-pressed': 'false' });
  const all = () => /** @type {Saved[]} */ (stored.get(SAVED_KEY, []));
  const without = (/** @type {Saved} */ one) => all().filter((saved) => !isSame(saved, one));

  /** Keep the present search, or let it go. */
  function toggle() {
    const now = present();
    const others = without(now);
    const isNew = others.length === all().length;
    stored.set(SAVED_KEY, isNew ? [now, ...others].slice(0, MOST_SAVED) : others);
    draw();
    app.announce(t(isNew ? 'search saved' : 'search forgotten'));
  }

  /** canSave: an example cannot be kept */
  function draw(canSave = true) {
    star.hidden = !canSave;
    star.setAttribute('aria-pressed', String(all().some((saved) => isSame(saved, present()))));
  }

  return {
    star,
    draw,
    get all() { return all(); },
    forget: (/** @type {Saved} */ one) => stored.set(SAVED_KEY, without(one)),
    get recent() { return /** @type {string[]} */ (stored.get(RECENT_KEY, [])); },
    remember(/** @type {string} */ query) {
      stored.set(RECENT_KEY, [query, ...this.recent.filter((text) => text !== query)].slice(0, MOST_RECENT));
    },
  };
}
