// @ts-check
// One page of the opened document: its picture, its light, its boxes, and its words to select.

import { pageImage } from './app.js';
import { h, placed, regionMark, t } from './dom.js';
import { drawHeatmap, drawSkipped, isDarkPage } from './heatmap.js';

/** Widths of the page's picture: at first, and sharp. */
const THUMB_WIDTH = 320;
const PAGE_WIDTH = 1600;

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
  const element = h('div', { class: 'pl-page', 'data-page': number, style: { aspectRatio: String(ratio) } }, sheet);
  let isMounted = false;
  let turn = 0;
  /** @type {Region[]} */
  let regions = [];
  /** @type {any} */
  let heat = null;
  let isTurned = false;

  under.addEventListener('load', () => {
    if (!under.naturalHeight) return;
    ratio = under.naturalWidth / under.naturalHeight;
    fit();
    onratio(ratio);
  });
  full.addEventListener('load', () => {
    full.classList.add('pl-loaded');
    element.classList.toggle('pl-dark-page', isDarkPage(full));
  });
  full.addEventListener('error', () => { if (isMounted) element.classList.add('pl-undrawn'); });

  /** A turned sheet keeps its own form inside a slot of the turned form. */
  function fit() {
    isTurned = turn % 180 !== 0;
    element.style.aspectRatio = String(isTurned ? 1 / ratio : ratio);
    Object.assign(sheet.style, isTurned
      ? { width: `${100 * ratio}%`, height: `${100 / ratio}%`, left: '50%', top: '50%', transform: `translate(-50%, -50%) rotate(${turn}deg)` }
      : { width: '100%', height: '100%', left: '0', top: '0', transform: turn ? `rotate(${turn}deg)` : 'none' });
  }
  fit();

  function mount() {
    if (isMounted) return;
    isMounted = true;
    element.classList.remove('pl-undrawn');
    under.src = pageImage(app, documentId, number, THUMB_WIDTH);
    full.src = pageImage(app, documentId, number, PAGE_WIDTH);
  }

  /** Far away, a page's pictures only take memory. */
  function unmount() {
    if (!isMounted) return;
    isMounted = false;
    for (const image of [under, full]) image.removeAttribute('src');
    full.classList.remove('pl-loaded');
    text.replaceChildren();
  }

  return {
    element,
    number,
    full,
    heatCanvas,
    mount,
    unmount,
    get ratio() { return isTurned ? 1 / ratio : ratio; },
    get regions() { return regions; },
    get isDark() { return element.classList.contains('pl-dark-page'); },
    get hasWords() { return text.childElementCount > 0; },
    turn(/** @type {number} */ degrees) {
      turn = degrees;
      fit();
    },
    setRegions(/** @type {Region[]} */ found) {
      regions = found;
      boxes.replaceChildren(...found.map((region, i) => {
        const mark = regionMark(region, i);
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
      text.replaceChildren(...words.map(([word, x0, y0, x1, y1]) => h('span', { style: { ...placed([x0, y0, x1, y1]), fontSize: `${(100 * (y1 - y0) * 0.86).toFixed(3)}cqh` } }, word)));
    },
    setFinds(/** @type {number[][]} */ found, /** @type {number} */ current) {
      finds.replaceChildren(...found.map((box, i) => h('i', { class: i === current ? 'pl-find pl-find-current' : 'pl-find', style: placed(box) })));
    },
  };
}
