// @ts-check
// One page of the opened document: its picture, its light, its boxes, and its words to select.

import { pageImage } from './app.js';
import { h, placed, regionMark, t } from './dom.js';
import { drawHeatmap, drawSkipped, isDarkPage } from './heatmap.js';
import { drop, load, LATER, NOW } from './pictures.js';

/** Width of the page's picture at first: that of the cards, which is there already. */
const THUMB_WIDTH = 320;
/** Of a word's height, what its letters are set in. */
const LETTERS = 0.86;
/** Width of the picture that is taken along. */
const TAKEN_WIDTH = 1600;
/** Of a page's width, what a box leaves free beside it at least, so that its button stands there on a telephone. */
const ROOMY = 0.92;
/** Change of a page's form that is worth moving what is below it. */
const LEAST_CHANGE = 0.002;

/** @typedef {[string, number, number, number, number]} Word its text and its box @typedef {import('./cards.js').Region} Region @typedef {ReturnType<typeof makeSlot>} Slot */

/**
 * @param {import('./app.js').App} app
 * @param {string} documentId
 * @param {string} name the document's
 * @param {number} number the page's
 * @param {number} ratio width / height, until the picture tells
 * @param {{onratio: (ratio: number) => void, onregion: (region: Region, at: HTMLElement) => void}} options
 */
export function makeSlot(app, documentId, name, number, ratio, { onratio, onregion }) {
  const under = h('img', { class: 'pl-page-under', alt: '', draggable: 'false' });
  const full = h('img', { class: 'pl-page-full', alt: t('document page', { document: name, page: number }), draggable: 'false' });
  const skipped = h('canvas', { class: 'pl-skipped', hidden: true });
  const heatCanvas = h('canvas', { class: 'pl-heat', hidden: true });
  const text = h('div', { class: 'pl-text', translate: 'no' });
  const finds = h('div', { class: 'pl-finds' });
  const boxes = h('div', { class: 'pl-boxes' });
  const sheet = h('div', { class: 'pl-sheet' }, under, full, skipped, heatCanvas, finds, text, boxes);
  const element = h('div', { class: 'pl-page', 'data-page': number, style: { aspectRatio: String(ratio) } });
  /** Width in pixels of the sharp picture that is there or on its way; 0: none. */
  let width = 0;
  let turn = 0;
  /** @type {Region[]} */
  let regions = [];
  /** @type {any} */
  let heat = null;
  let isTurned = false;
  let hasWords = false;

  under.addEventListener('load', async () => {
    if (!under.naturalHeight) return;
    const found = under.naturalWidth / under.naturalHeight;
    if (Math.abs(found - ratio) > LEAST_CHANGE) {
      ratio = found;
      fit();
      onratio(ratio);
    }
    element.classList.toggle('pl-dark-page', await isDarkPage(under));
  });
  full.addEventListener('load', () => {
    full.classList.add('pl-loaded');
    sheet.classList.add('pl-sharp');
  });
  full.addEventListener('error', () => {
    if (!width) return;
    element.classList.add('pl-undrawn');
    app.emit('library-outdated');
  });

  /** A turned sheet keeps its own form inside a slot of the turned form. */
  function fit() {
    isTurned = turn % 180 !== 0;
    element.style.aspectRatio = String(isTurned ? 1 / ratio : ratio);
    Object.assign(sheet.style, isTurned
      ? { width: `${100 * ratio}%`, height: `${100 / ratio}%`, left: '50%', top: '50%', transform: `translate(-50%, -50%) rotate(${turn}deg)` }
      : { width: '100%', height: '100%', left: '0', top: '0', transform: turn ? `rotate(${turn}deg)` : 'none' });
  }
  fit();

  /** Show the page, `wanted` pixels wide; isFirst: it is the one that is looked at. */
  function mount(/** @type {number} */ wanted, isFirst = false) {
    if (width) {
      if (isFirst && !full.hasAttribute('src')) for (const [image, pixels] of /** @type {[HTMLImageElement, number][]} */ ([[under, THUMB_WIDTH], [full, width]])) load(image, pageImage(app, documentId, number, pixels), NOW);
      return;
    }
    width = wanted;
    if (!sheet.parentNode) element.append(sheet);
    element.classList.remove('pl-undrawn');
    const rank = isFirst ? NOW : LATER;
    load(under, pageImage(app, documentId, number, THUMB_WIDTH), rank);
    load(full, pageImage(app, documentId, number, width), rank);
  }

  /** A sharper picture in place of the one that is there, once it has come. */
  function sharpen(/** @type {number} */ wanted) {
    if (!width || wanted <= width) return;
    width = wanted;
    const sharper = new Image();
    sharper.addEventListener('load', () => { if (width === wanted) full.src = sharper.src; });
    sharper.src = pageImage(app, documentId, number, width);
  }

  /** Far away, a page's pictures only take memory. */
  function unmount() {
    if (!width) return;
    width = 0;
    for (const image of [under, full]) drop(image);
    full.classList.remove('pl-loaded');
    sheet.classList.remove('pl-sharp');
    text.replaceChildren();
    hasWords = false;
  }

  return {
    element,
    number,
    heatCanvas,
    /** The page's picture as it is taken along. */
    async picture() {
      const picture = new Image();
      picture.src = pageImage(app, documentId, number, TAKEN_WIDTH);
      await picture.decode();
      return picture;
    },
    mount,
    unmount,
    sharpen,
    get ratio() { return isTurned ? 1 / ratio : ratio; },
    get regions() { return regions; },
    get isDark() { return element.classList.contains('pl-dark-page'); },
    /** Whether its words are there, or on their way. */
    get hasWords() { return hasWords; },
    set hasWords(/** @type {boolean} */ has) { hasWords = has; },
    turn(/** @type {number} */ degrees) {
      turn = degrees;
      fit();
    },
    setRegions(/** @type {Region[]} */ found) {
      regions = found;
      boxes.replaceChildren(...found.map((region, i) => {
        const mark = regionMark(region, i);
        mark.classList.toggle('pl-box-roomy', region.box[2] < ROOMY);
        mark.append(h('button', { type: 'button', class: 'pl-box-button', 'aria-label': t('what to do with place', { number: i + 1 }), onclick: () => onregion(region, mark) }, '⋯'));
        return mark;
      }));
    },
    setHeat(/** @type {any} */ found) {
      heat = found;
    },
    /** chosen: the words (numbers) that are lit. */
    draw(/** @type {{chosen: number[], opacity: number, showBoxes: boolean, showSkipped: boolean, isFaded: boolean}} */ { chosen, opacity, showBoxes, showSkipped, isFaded }) {
      if (heat) drawHeatmap(heatCanvas, heat, chosen, opacity);
      if (heat && showSkipped) drawSkipped(skipped, heat);
      heatCanvas.hidden = !heat;
      skipped.hidden = !heat || !showSkipped;
      boxes.hidden = !showBoxes;
      boxes.classList.toggle('pl-faded', isFaded);
    },
    setWords(/** @type {Word[]} */ words) {
      if (!hasWords) return; // scrolled away meanwhile
      const percent = (/** @type {number} */ share) => (100 * share).toFixed(3);
      text.replaceChildren(...words.map(([word, x0, y0, x1, y1]) => {
        const span = document.createElement('span');
        span.textContent = word;
        // One text of rules instead of five: there are hundreds of words.
        span.style.cssText = `left:${percent(x0)}%;top:${percent(y0)}%;width:${percent(x1 - x0)}%;height:${percent(y1 - y0)}%;font-size:${percent((y1 - y0) * LETTERS)}cqh`;
        return span;
      }));
    },
    setFinds(/** @type {number[][]} */ found, /** @type {number} */ current) {
      finds.replaceChildren(...found.map((box, i) => h('i', { class: i === current ? 'pl-find pl-find-current' : 'pl-find', style: placed(box) })));
    },
  };
}
