// @ts-check
// What a search found: the good pages, one cut, the weaker ones; or that nothing matches, or that it did not work.

import { makeCards } from './cards.js';
import { button, h, isShown, linkButton, message, stored, t } from './dom.js';

/** Good pages up to which the weaker ones are shown without asking. */
const FEW_GOOD = 2;
/** The server's status for a question that is none. */
const UNASKABLE = 422;
const VIEW_KEY = 'pagelight-view';
/** Milliseconds for which a held arrow key runs through the cards without asking the server. */
const SETTLE_MS = 140;

/** @typedef {import('./cards.js').Hit} Hit @typedef {{query: string, matched: boolean, seconds: number, hits: Hit[], more: boolean, levels: Record<string, number>, read_as?: Record<string, string>, like?: import('./like.js').Like | null}} Found */

/** The places of pages in the order of their strength: a page's best is as strong as the page, its others have their share of that. @returns {Hit[]} */
function placesOf(/** @type {Found} */ { levels }, /** @type {Hit[]} */ hits) {
  const words = /** @type {import('./cards.js').Level[]} */ (['strong', 'fair', 'weak']);
  return hits.flatMap((hit) => {
    const regions = hit.regions ?? [];
    const strongest = Math.max(...regions.map((region) => region.score), 1e-6);
    return regions.map((region) => {
      const shown = hit.shown * (region.score / strongest);
      return { ...hit, place: region.box, regions: [region], excerpt: [], shown, level: words.find((word) => shown >= levels[word]) ?? 'none' };
    });
  }).sort((a, b) => b.shown - a.shown);
}

/**
 * @param {import('./app.js').App} app
 * @param {{onopen: (hit: Hit, how: {focus: boolean, isPreview: boolean}) => void, onmore: () => Promise<void>, onquery: (text: string) => void, onplaces: () => Promise<void>, tools: HTMLElement}} options
 *   onplaces: resolves when every hit has its places
 */
export function makeResults(app, { onopen, onmore, onquery, onplaces, tools }) {
  /** documents, pages or places */
  let chosenView = stored.get(VIEW_KEY, 'documents');
  /** @type {Found | null} */
  let found = null;
  let where = '';
  /** Hits before the cut. */
  let nGood = 0;
  let previewTimer = 0;
  const title = h('h1', { class: 'pl-unseen' });
  const summary = h('p', { class: 'pl-summary' });
  const views = ['documents', 'pages', 'places'].map((name) => h('button', { type: 'button', class: 'pl-view', 'data-view': name, onclick: () => setView(name) }, t(`view ${name}`)));
  const bar = h('div', { class: 'pl-results-bar' }, summary, tools, h('div', { class: 'pl-views', role: 'group', 'aria-label': t('arrange') }, views));
  const reading = h('p', { class: 'pl-read-as', hidden: true });
  const messageBox = h('div', {});
  const cards = makeCards(app, onopen);
  const weakerCards = makeCards(app, onopen);
  const weakerLabel = h('summary', {});
  const nearest = h('details', { class: 'pl-nearest' }, weakerLabel, weakerCards.element);
  const more = linkButton(t('more pages'), async () => { more.disabled = true; await onmore(); more.disabled = false; }, { class: 'pl-link pl-more' });
  const element = h('div', { class: 'pl-results' }, title, reading, bar, messageBox, cards.element, nearest, more);
  // Arrows move through all cards that are shown, those of the weaker pages included.
  element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const all = /** @type {HTMLElement[]} */ ([...element.querySelectorAll('.pl-card')]).filter(isShown);
    const from = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    // On a telephone the page itself is scrolled.
    if (from >= 0 && element.scrollHeight > element.clientHeight && getComputedStyle(element).overflowY === 'auto') {
      const screen = Math.max(1, Math.floor(element.clientHeight / all[from].offsetHeight) - 1);
      Object.assign(steps, { PageDown: screen, PageUp: -screen });
    }
    if (!(event.key in steps) || from < 0) return;
    event.preventDefault();
    const to = all[Math.max(0, Math.min(all.length - 1, from + steps[event.key]))];
    to.focus();
    clearTimeout(previewTimer);
    const hit = cards.hitOf(to) ?? weakerCards.hitOf(to);
    if (hit) previewTimer = window.setTimeout(() => onopen(hit, { focus: false, isPreview: true }), SETTLE_MS);
  });
  element.addEventListener('click', () => clearTimeout(previewTimer), true);
  nearest.addEventListener('toggle', drawWeakerLabel);
  app.listen('cards-drawn', () => app.emit('mark-cards'));

  async function setView(/** @type {string} */ name) {
    const before = found;
    chosenView = name;
    stored.set(VIEW_KEY, name);
    for (const view of views) view.setAttribute('aria-pressed', String(view.dataset.view === name));
    if (name === 'places' && found?.hits.some((hit) => hit.regions === null)) {
      await onplaces().catch((/** @type {Error} */ error) => app.toast(error.message));
      if (found !== before || chosenView !== name) return;
    }
    draw({ isNew: true });
    app.emit('mark-cards');
  }

  /** Words with a slip, as what they were read, and the way back to them as they stand. */
  function drawReading(/** @type {Found} */ { query, read_as: readings = {} }) {
    const typed = Object.keys(readings);
    reading.hidden = !typed.length;
    if (!typed.length) return;
    const literal = typed.reduce((text, word) => text.replace(word, `"${word}"`), query);
    reading.replaceChildren(t('read as', { words: Object.values(readings).join(', ') }), ' ',
      linkButton(t('search literally', { words: typed.join(', ') }), () => onquery(literal)));
  }

  function drawWeakerLabel() {
    if (!found) return;
    weakerLabel.textContent = found.matched ? t('weaker pages', { count: found.hits.length - nGood }) : t(nearest.open ? 'nearest pages' : 'nearest anyway');
  }

  function draw(/** @type {{isNew: boolean}} */ { isNew }) {
    if (!found) return;
    const { hits, matched } = found;
    const good = matched ? Math.max(1, hits.findLastIndex((hit) => hit.level !== 'none') + 1) : 0;
    const weaker = hits.slice(good);
    nGood = good;
    const isOpen = nearest.open;
    const documents = new Set(hits.map((hit) => hit.document_id)).size;
    const isGrouped = chosenView === 'documents' && documents > 1;
    const places = chosenView === 'places' ? placesOf(found, hits.slice(0, good)) : [];
    if (chosenView === 'places') cards.show(places, { isNew });
    else cards.show(hits.slice(0, good), { isGrouped, isNew });
    weakerCards.show(weaker, { first: good, isGrouped: chosenView === 'documents' && new Set(weaker.map((hit) => hit.document_id)).size > 1, isNew });
    drawWeakerLabel();
    nearest.hidden = !weaker.length;
    nearest.open = isNew ? (matched && good <= FEW_GOOD) || Boolean(found.like) : isOpen;
    more.hidden = !found.more || !matched;
    more.disabled = false;
    for (const view of views) view.setAttribute('aria-pressed', String(view.dataset.view === (isGrouped || chosenView !== 'documents' ? chosenView : 'pages')));
    bar.hidden = !matched;
    views[0].hidden = documents < 2;
    summary.textContent = (chosenView === 'places' ? t('count places', { count: places.length }) : found.more ? t('best pages', { count: good }) : t('count pages', { count: good })) + where;
  }

  function clear() {
    found = null;
    for (const part of [reading, bar, nearest, more]) part.hidden = true;
    cards.show([]);
  }

  return {
    element,
    /** What was found, without the weaker pages while they are folded away. */
    get shown() { return found && (nearest.open || nearest.hidden ? found : { ...found, hits: found.hits.slice(0, nGood) }); },
    /** documents, pages or places */
    get view() { return chosenView; },
    /** Hits that are shown have got their regions. */
    light(/** @type {Hit[]} */ lit) {
      for (const list of [cards, weakerCards]) list.light(lit);
    },
    /** inside: " in ledger.pdf", where not all documents were searched; isNew: not a longer list of the same search. */
    show(/** @type {Found} */ result, /** @type {string} */ inside, /** @type {HTMLElement | null} */ nothing, isNew = true) {
      found = result;
      where = inside;
      title.textContent = result.like ? result.query : t('results title', { query: result.query });
      messageBox.replaceChildren(...(nothing ? [nothing] : []));
      drawReading(result);
      draw({ isNew });
      const heading = result.matched ? `${summary.textContent}. ${t('use arrows')}` : t('nothing matches', { query: result.query });
      if (isNew) app.announce(`${reading.hidden ? '' : `${reading.firstChild?.textContent} `}${heading}`);
      if (isNew) requestAnimationFrame(() => { element.scrollTop = 0; });
    },
    /** An answer is waited for, and there is nothing yet that could stand here. */
    wait() {
      if (found) return;
      clear();
      title.textContent = t('searching');
      messageBox.replaceChildren(h('p', { class: 'pl-waiting', role: 'status' }, h('span', { class: 'pl-pulse', 'aria-hidden': 'true' }), t('searching'), h('span', { class: 'pl-waiting-why' }, t('searching long'))));
    },
    fail(/** @type {Error & {status?: number}} */ error, /** @type {() => void} */ again) {
      clear();
      title.textContent = t('did not work');
      // What cannot be asked cannot be asked again.
      messageBox.replaceChildren(message(t('did not work'), error.message, error.status !== UNASKABLE && button(t('try again'), again)));
      app.announce(error.message);
    },
    mark(/** @type {string} */ documentId, /** @type {number} */ page, /** @type {number[] | undefined} */ place) {
      for (const list of [cards, weakerCards]) list.mark(documentId, page, place);
    },
    focus(/** @type {FocusOptions} */ options = {}) {
      const visible = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...element.querySelectorAll(selector)]).find(isShown);
      (visible('.pl-card[aria-current]') ?? visible('.pl-card') ?? weakerLabel).focus(options);
    },
  };
}
