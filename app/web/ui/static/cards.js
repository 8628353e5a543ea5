// @ts-check
// Found pages as cards: the place, the sentence that matches, and how well; grouped by document.

import { pageImage } from './app.js';
import { fileName, h, linkButton, placed, regionMark, t } from './dom.js';
import { drop, load, loadSeen, SOON } from './pictures.js';

/**
 * @typedef {{box: number[], score: number}} Region
 * @typedef {'strong' | 'fair' | 'weak' | 'none'} Level how well a page matches; none: too weakly to answer
 * @typedef {{strength: number, level: Level}} Match
 * @typedef {{document: string, document_id: string, page: number, score: number, strength: number, shown: number, level: Level, sources: string[], regions: Region[] | null, excerpt: [string, boolean][], place?: number[]}} Hit
 *   regions: null until they are asked for; place: the box that the card stands for, where it stands for one
 *   shown: the strength that the card shows, which never rises from one card to the next; level: what it amounts to
 */

const THUMB_WIDTH = 320;
/** Pages of a document that are shown before the others are folded away. */
const SHOWN_OF_DOCUMENT = 3;
const REGIONS_ON_THUMB = 3;
const EAGER_THUMBS = 6;
/** Pixels across a place's picture, and what of the page is shown around it. */
const CROP_WIDTH = 720;
const MARGIN = 0.006;
const LEAST_CROP = 0.36;
const LEAST_CROP_HEIGHT = 0.075;

/** What is shown of a page for a place on it: a word alone would say little, and be larger than print. */
function around(/** @type {number[]} */ [x0, y0, x1, y1]) {
  const left = Math.max(0, Math.min(x0 - MARGIN, (x0 + x1 - LEAST_CROP) / 2, 1 - LEAST_CROP));
  const top = Math.max(0, Math.min(y0 - MARGIN, (y0 + y1 - LEAST_CROP_HEIGHT) / 2, 1 - LEAST_CROP_HEIGHT));
  return [left, top, Math.min(1, Math.max(x1 + MARGIN, left + LEAST_CROP)), Math.min(1, Math.max(y1 + MARGIN, top + LEAST_CROP_HEIGHT))];
}

/** A word of the question, marked without the comma behind it. */
function marked(/** @type {string} */ text) {
  const [, word, end] = /** @type {RegExpExecArray} */ (/^(.*?)([,.;:!?)\]”»"']*)$/s.exec(text));
  return word ? [h('mark', {}, word), end] : [h('mark', {}, text)];
}

/** Pages that do not answer are folded away, and called weak there. */
export function strengthWord(/** @type {Level} */ level) {
  return level === 'none' ? 'weak' : level;
}

/** Where it was found, in words: in the text, by sight, by meaning. */
function sourceText(/** @type {string[]} */ sources) {
  const kinds = ['text', 'visual', 'meaning'].filter((kind) => sources.includes(kind));
  return kinds.length ? t(`found by ${kinds.join(' ')}`) : '';
}

/**
 * A list of cards. onopen(hit, {focus, isPreview}): a card was chosen; focus says that the person wants to go on to
 * the page, isPreview that they only move through the cards.
 * @param {import('./app.js').App} app
 * @param {(hit: Hit, how: {focus: boolean, isPreview: boolean}) => void} onopen
 */
export function makeCards(app, onopen) {
  const list = h('ol', { class: 'pl-cards' });
  /** @type {Hit[]} */
  let hits = [];
  const unfolded = new Set();

  /** first: how many hits stand elsewhere before these; isGrouped: by document. */
  function show(/** @type {Hit[]} */ found, { first = 0, isGrouped = false, isNew = true } = {}) {
    hits = found;
    for (const image of list.querySelectorAll('img')) drop(image);
    if (isNew) unfolded.clear();
    list.replaceChildren(...(isGrouped ? groups(first) : hits.map((hit, i) => h('li', {}, card(hit, i, first)))));
  }

  function groups(/** @type {number} */ first) {
    /** @type {Map<string, number[]>} */
    const byDocument = new Map();
    hits.forEach((hit, i) => { byDocument.set(hit.document_id, [...(byDocument.get(hit.document_id) ?? []), i]); });
    return [...byDocument].map(([id, [best, ...others]]) => {
      const shown = unfolded.has(id) ? others.length : others.length <= SHOWN_OF_DOCUMENT ? others.length : SHOWN_OF_DOCUMENT - 1;
      const folded = others.length - shown;
      return h('li', { class: 'pl-group' }, card(hits[best], best, first),
        shown > 0 && h('ol', { class: 'pl-others' }, others.slice(0, shown).map((i) => h('li', {}, smallCard(hits[i], i, first)))),
        folded > 0 && linkButton(t('more of document', { count: folded }), () => {
          unfolded.add(id);
          show(hits, { first, isGrouped: true, isNew: false });
          app.emit('cards-drawn');
          list.querySelector(`[data-index="${others[shown]}"]`)?.focus();
        }, { class: 'pl-link pl-fold' }));
    });
  }

  function label(/** @type {Hit} */ hit, /** @type {number} */ i, /** @type {number} */ first) {
    return t('card label', { number: first + i + 1, document: hit.document, page: hit.page, strength: t(`match ${strengthWord(hit.level)}`), source: sourceText(hit.sources) });
  }

  /** The button's name is short; the sentence follows as its description. */
  function cardButton(/** @type {Hit} */ hit, /** @type {number} */ i, /** @type {number} */ first, /** @type {string} */ kind, /** @type {any[]} */ ...children) {
    const text = excerpt(hit);
    return h('button', { type: 'button', class: kind, 'data-index': i, 'aria-label': label(hit, i, first), 'aria-description': text?.textContent ?? null }, ...children, text);
  }

  function picture(/** @type {string} */ source, /** @type {number} */ i) {
    const image = h('img', { alt: '' });
    if (i < EAGER_THUMBS) load(image, source, SOON);
    else loadSeen(image, source, SOON);
    return image;
  }

  const marks = (/** @type {Hit} */ hit) => (hit.regions ?? []).slice(0, REGIONS_ON_THUMB).map(regionMark);

  function card(/** @type {Hit} */ hit, /** @type {number} */ i, /** @type {number} */ first) {
    if (hit.place) return placeCard(hit, hit.place, i, first);
    const thumb = h('span', { class: 'pl-thumb' }, picture(pageImage(app, hit.document_id, hit.page, THUMB_WIDTH), i), marks(hit));
    return cardButton(hit, i, first, 'pl-card',
      h('span', { class: 'pl-thumb-frame' }, thumb),
      h('span', { class: 'pl-card-text' },
        h('span', { class: 'pl-card-name' }, fileName(hit.document)),
        h('span', { class: 'pl-card-page' }, t('page', { page: hit.page }), strength(hit)),
        h('span', { class: 'pl-source' }, sourceText(hit.sources))));
  }

  function placeCard(/** @type {Hit} */ hit, /** @type {number[]} */ place, /** @type {number} */ i, /** @type {number} */ first) {
    const [x0, y0, x1, y1] = around(place);
    const inside = [(place[0] - x0) / (x1 - x0), (place[1] - y0) / (y1 - y0), (place[2] - x0) / (x1 - x0), (place[3] - y0) / (y1 - y0)];
    const source = `${pageImage(app, hit.document_id, hit.page, CROP_WIDTH)}&box=${[x0, y0, x1, y1].map((edge) => edge.toFixed(4)).join(',')}`;
    return cardButton(hit, i, first, 'pl-card pl-place',
      h('span', { class: 'pl-crop' }, h('span', { class: 'pl-crop-frame' }, picture(source, i), h('span', { class: 'pl-crop-mark', style: placed(inside) }))),
      h('span', { class: 'pl-card-text' },
        h('span', { class: 'pl-card-name' }, fileName(hit.document)),
        h('span', { class: 'pl-card-page' }, t('page', { page: hit.page }), strength(hit))));
  }

  function smallCard(/** @type {Hit} */ hit, /** @type {number} */ i, /** @type {number} */ first) {
    return cardButton(hit, i, first, 'pl-card pl-small', h('span', { class: 'pl-card-page' }, t('page', { page: hit.page }), strength(hit)));
  }

  function strength(/** @type {Hit} */ hit) {
    const word = strengthWord(hit.level);
    return h('span', { class: `pl-strength pl-${word}`, title: t('strength title', { strength: Math.round(hit.shown * 100) }) },
      h('span', { class: 'pl-bar' }, h('i', { style: { width: `${Math.max(4, hit.shown * 100)}%` } })), t(`strength ${word}`));
  }

  function excerpt(/** @type {Hit} */ hit) {
    if (!hit.excerpt.length) return null;
    return h('span', { class: 'pl-excerpt', dir: 'auto' }, hit.excerpt.flatMap(([text, isMarked]) => (isMarked ? marked(text) : [text])));
  }

  /** Hits of the list have got their regions. */
  function light(/** @type {Hit[]} */ lit) {
    for (const node of cards()) {
      const hit = hitOf(node);
      if (hit.place || !lit.includes(hit)) continue;
      const thumb = node.querySelector('.pl-thumb');
      if (thumb && !thumb.querySelector('.pl-box')) thumb.append(...marks(hit));
      const [before, now] = [node.querySelector('.pl-excerpt'), excerpt(hit)];
      if (now?.textContent === before?.textContent) continue;
      before?.remove();
      if (now) node.append(now);
      if (now?.textContent) node.setAttribute('aria-description', now.textContent);
    }
  }

  const cards = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.pl-card')]);
  const hitOf = (/** @type {HTMLElement} */ node) => hits[Number(node.dataset.index)];

  /** place: the box that was gone to, where it was one; of several places of a page the first is marked otherwise. */
  function mark(/** @type {string} */ documentId, /** @type {number} */ page, /** @type {number[] | undefined} */ place) {
    const all = cards();
    const open = all.filter((node) => hitOf(node).document_id === documentId && hitOf(node).page === page);
    const current = open.find((node) => place && String(hitOf(node).place) === String(place)) ?? open[0];
    for (const node of all) {
      if (node === current) node.setAttribute('aria-current', 'true');
      else node.removeAttribute('aria-current');
    }
  }

  list.addEventListener('click', (/** @type {MouseEvent} */ event) => {
    const node = /** @type {Element} */ (event.target).closest('.pl-card');
    if (!node) return;
    // A click by Enter or Space has no pointer, so detail is 0.
    onopen(hitOf(/** @type {HTMLElement} */ (node)), { focus: event.detail === 0, isPreview: false });
  });

  return {
    element: list,
    show,
    light,
    mark,
    /** The hit of a card of this list. */
    hitOf: (/** @type {HTMLElement} */ node) => (list.contains(node) ? hitOf(node) : null),
  };
}
