// @ts-check
// The reader: the opened document, where it matches, and what can be done with it.

import { pageImage } from './app.js';
import { button, copyText, h, isTyping, NARROW, saveFile, t, told } from './dom.js';
import { pagePicture } from './exports.js';
import { makeFindBar } from './find_bar.js';
import { readHeatmap } from './heatmap.js';
import { iconButton } from './icons.js';
import { makeLightTools } from './light_tools.js';
import { makeMatchSteps } from './match_steps.js';
import { readOn } from './page_keys.js';
import { makePageWords } from './page_words.js';
import { makePages, READABLE_WIDTH } from './pages.js';
import { fetchAhead, NOW } from './pictures.js';
import { openPlaceMenu } from './place_menu.js';
import { makeStrip } from './strip.js';
import { makeVerdict } from './verdict.js';
import { makeViewerHead } from './viewer_head.js';
import { makeWhy } from './why.js';

/** @typedef {{document: string, document_id: string, page: number, pages: number, query: string, isLike?: boolean, place?: number[]}} View place: what was asked for on the page @typedef {import('./cards.js').Region} Region */

/** Zoom from which it is worth going to a match by itself on a telephone. */
const WORTH_ZOOM = 1.1;

/**
 * @param {import('./app.js').App} app
 * @param {{onpage: (page: number, how: {isScrolled: boolean}) => void, onplace: () => void, onjudge: (judged: View, relevant: boolean | null) => Promise<boolean>, onback: () => void, onquery: (text: string) => void, onlike: (box: number[] | null, page?: number) => void, onwhy: (view: View) => Promise<any>, citation: () => string, backLabel: () => string}} options
 *   onpage: a page of the document was gone to; onplace: a place of the present page; onjudge keeps a person's word; onlike: the present page, or a box of it, is to be found again
 */
export function makeReader(app, { onpage, onplace, onjudge, onback, onquery, onlike, onwhy, citation, backLabel }) {
  /** @type {View | null} */
  let view = null;
  /** Heat maps of this document's pages for the query, by page. @type {Map<number, any>} */
  let models = new Map();

  const zoomLabel = h('span', { class: 'pl-zoom-label' }, '100%');
  const pages = makePages(app, {
    onpage: (page) => { if (view) moved(page); },
    onzoom: (zoom) => { zoomLabel.textContent = `${Math.round(zoom * 100)}%`; },
    onregion: ({ box }, mark) => placeMenu(pages.slot(view?.page ?? 0), box, mark),
    onselect: (slot, box, band) => placeMenu(slot, box, band),
  });
  const light = makeLightTools({ pages, models: () => models, page: () => view?.page ?? 0 });
  const steps = makeMatchSteps({ pages, page: () => view?.page ?? 0, onpage: (page) => onpage(page, { isScrolled: false }), onplace: keepPlace });
  const words = makePageWords(app, pages, () => view);
  const strip = makeStrip(app, { onpage: (page) => onpage(page, { isScrolled: false }), onleave: () => pages.stage.focus({ preventScroll: true }) });
  const find = makeFindBar(app, { ondraw: drawFinds, onclose: () => pages.stage.focus({ preventScroll: true }) });

  const head = makeViewerHead(app, {
    onpage: (page) => onpage(page, { isScrolled: false }), onback, onleave: () => pages.stage.focus({ preventScroll: true }),
    actions: { similar: () => onlike(null), cite: copyCitation, download, fill: toggleFullScreen },
  });
  const matchTools = h('div', { class: 'pl-tool-group' },
    iconButton('up', t('previous match'), () => steps.step(-1)), iconButton('down', t('next match'), () => steps.step(1)), iconButton('target', t('zoom to match'), steps.zoom));
  const selectButton = iconButton('crop', t('draw box'), toggleSelecting, { 'aria-pressed': 'false' });
  const zoomTools = h('div', { class: 'pl-tool-group' },
    iconButton('minus', t('zoom out'), pages.zoomOut), h('button', { type: 'button', class: 'pl-zoom-fit', 'aria-label': t('fit width'), title: t('fit width'), onclick: pages.fit }, zoomLabel), iconButton('plus', t('zoom in'), pages.zoomIn),
    iconButton('rotate', t('rotate'), pages.rotate), selectButton, iconButton('search', t('find in document'), () => find.open()));
  const noteText = h('span', {});
  const noteAgain = button(t('try again'), () => { if (view) onpage(view.page, { isScrolled: false }); });
  const note = h('p', { class: 'pl-viewer-note', role: 'status', hidden: true }, noteText, ' ', noteAgain);
  const verdict = makeVerdict({ model: () => view && models.get(view.page), onjudge });
  const why = makeWhy({ ask: () => onwhy(/** @type {View} */ (view)), onplace: steps.point, onclose: () => { drawWhy(); whyButton.focus(); } });
  const whyButton = h('button', { type: 'button', class: 'pl-link pl-why-button', 'aria-expanded': 'false', onclick: toggleWhy }, t('why this page'));

  const tools = h('div', { class: 'pl-viewer-tools' }, light.chips, h('div', { class: 'pl-view-tools' }, matchTools, light.tools, zoomTools));
  const body = h('div', { class: 'pl-viewer-body' }, head.element, tools, find.element, note, h('div', { class: 'pl-reading' }, strip.element, pages.stage), why.element, h('footer', { class: 'pl-viewer-foot' }, light.legend, whyButton, verdict.element));
  const empty = h('p', { class: 'pl-viewer-empty' }, t('choose a page'));
  const element = h('section', { class: 'pl-viewer', 'aria-label': t('page viewer') }, empty, body);
  body.hidden = true;
  // Opening and moving

  /** Show a page at once; what the server knows of it comes with `take`. */
  function open(/** @type {View} */ wanted, /** @type {Region[]} */ regions = []) {
    const isSame = view && view.document_id === wanted.document_id && view.query === wanted.query;
    if (!isSame) {
      models = new Map();
      light.reset();
      setMatches(new Map());
      if (view?.document_id === wanted.document_id) for (const slot of pages.slots) light.clear(slot);
    }
    light.endPreview();
    pages.endSelecting();
    drawSelecting();
    const isOtherPage = view?.page !== wanted.page || !isSame;
    view = { ...wanted };
    if (isOtherPage) why.refresh();
    empty.hidden = true;
    body.hidden = false;
    steps.reset();
    pages.show(view, view.place ?? regions[0]?.box);
    strip.show(view.document_id, pages.slots.map((slot) => slot.number));
    find.at(view.document_id, view.page);
    const slot = pages.slot(view.page);
    if (slot && !models.has(view.page)) slot.setRegions(regions);
    drawHead();
    drawLight();
    setNote('');
    words.fetchSoon();
  }

  /** The server's word on a page: its heat map, regions, and what people said of it. */
  function take(/** @type {any} */ model, { isScrolled = false } = {}) {
    if (!view || model.document_id !== view.document_id || model.query !== view.query) return;
    const before = pages.slot(model.page)?.regions[0]?.box;
    const known = { ...model, heat: model.heatmap ? readHeatmap(model.heatmap) : null };
    models.set(model.page, known);
    const slot = pages.slot(model.page);
    if (slot && known.heat) {
      slot.setHeat(known.heat);
      slot.setRegions(model.heatmap.regions);
    }
    if (model.page !== view.page) return;
    view.pages = model.pages;
    drawHead();
    drawLight();
    setNote(model.note);
    const best = view.place ?? model.heatmap?.regions[0]?.box;
    if (isScrolled || !best) return;
    if (view.place) steps.at(view.place);
    if (NARROW.matches && pages.zoomFor(best, READABLE_WIDTH) > WORTH_ZOOM) pages.zoomTo(best, READABLE_WIDTH);
    else if (String(before) !== String(best)) pages.place(best);
  }

  /** Scrolled to another page. */
  function moved(/** @type {number} */ page) {
    view = { .../** @type {View} */ (view), page, place: undefined };
    why.refresh();
    steps.reset();
    drawHead();
    drawLight();
    words.fetchSoon();
    onpage(page, { isScrolled: true });
  }

  /** Pages of the document that match, and how well. */
  function setMatches(/** @type {Map<number, import('./cards.js').Match>} */ found) {
    steps.matches = found;
    strip.setMatches(found);
  }

  function toggleWhy() {
    if (why.isOpen) why.close();
    else why.open();
    drawWhy();
  }

  function drawWhy() {
    whyButton.setAttribute('aria-expanded', String(why.isOpen));
    whyButton.hidden = !view?.query;
    if (whyButton.hidden) why.close();
  }

  /** A place of the present page was gone to: whoever shares the address, or reloads, comes to it again. */
  function keepPlace(/** @type {number[]} */ box) {
    if (!view) return;
    view.place = box;
    onplace();
  }

  // Drawing

  function drawHead() {
    if (!view) return;
    head.draw(view, backLabel());
    strip.mark(view.page);
    element.classList.toggle('pl-single', view.pages <= 1);
  }

  function drawLight() {
    if (!view) return;
    const hasQuery = Boolean(view.query);
    light.show(hasQuery);
    matchTools.hidden = !hasQuery;
    verdict.element.hidden = !hasQuery || Boolean(view.isLike);
    verdict.draw(models.get(view.page)?.relevant ?? null);
    drawWhy();
  }

  function setNote(/** @type {string} */ text, canRetry = false) {
    noteText.textContent = text ? told(text) : '';
    note.hidden = !text;
    noteAgain.hidden = !canRetry;
  }

  function drawFinds(/** @type {import('./find_bar.js').Place[]} */ found, /** @type {number} */ current) {
    strip.setFinds(new Set(found.map((place) => place.page)));
    for (const slot of pages.slots) {
      const here = found.map((place, i) => ({ place, i })).filter(({ place }) => place.page === slot.number);
      slot.setFinds(here.flatMap(({ place }) => place.boxes), here.findIndex(({ i }) => i === current));
    }
    const place = found[current];
    if (!place || !view) return;
    if (place.page !== view.page) onpage(place.page, { isScrolled: false });
    requestAnimationFrame(() => pages.place(place.boxes[0]));
  }

  function toggleSelecting() {
    if (pages.isSelecting) pages.endSelecting();
    else {
      pages.select();
      app.announce(t('draw box how'));
    }
    drawSelecting();
  }

  function drawSelecting() {
    selectButton.setAttribute('aria-pressed', String(pages.isSelecting));
    selectButton.classList.toggle('pl-on', pages.isSelecting);
  }

  async function placeMenu(/** @type {import('./page_slot.js').Slot | undefined} */ slot, /** @type {number[]} */ box, /** @type {HTMLElement} */ mark) {
    if (!slot || !view) return;
    const { number } = slot;
    if (number === view.page) keepPlace(box);
    const text = await words.textIn(number, box);
    if (!view || !mark.isConnected) return; // gone on meanwhile
    openPlaceMenu(app, {
      slot, box, mark, text, onquery, name: `${view.document} ${t('page', { page: number })}`,
      onlike: () => { if (view) onlike(box, number); },
    });
  }

  // What people take along

  async function copyCitation() {
    app.toast((await copyText(citation())) ? t('citation copied') : t('no copying'));
  }

  async function download() {
    const slot = pages.slot(view?.page ?? 0);
    if (!slot || !view) return;
    const name = `${view.document} page ${view.page}.png`;
    const blob = await pagePicture(slot, Boolean(models.get(view.page)?.heat), light.showBoxes);
    if (blob) saveFile(name, blob);
    else app.toast(t('no picture'));
  }

  function toggleFullScreen() {
    // Telephones by Apple, and frames that may not, fill the window instead.
    const fill = () => element.classList.toggle('pl-full');
    if (document.fullscreenElement) document.exitFullscreen();
    else if (element.requestFullscreen && !element.classList.contains('pl-full')) element.requestFullscreen().catch(fill);
    else fill();
  }

  /** @type {Record<string, () => void>} */
  const KEYS = {
    '+': pages.zoomIn, '=': pages.zoomIn, '-': pages.zoomOut, 0: pages.fit, n: () => steps.step(1), p: () => steps.step(-1), z: steps.zoom, r: pages.rotate,
    f: () => find.open(), g: head.focus, c: copyCitation, s: toggleSelecting, w: () => { if (!whyButton.hidden) toggleWhy(); }, m: () => onlike(null),
  };
  element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || !view) return;
    if (event.key === 'Escape' && pages.isSelecting) toggleSelecting();
    else if (event.key === 'Escape' && why.isOpen) { why.close(); drawWhy(); whyButton.focus(); }
    else if (event.key === 'Escape' && element.classList.contains('pl-full')) toggleFullScreen();
    else if (event.key === 'Escape' && !document.fullscreenElement) onback();
    else if (!readOn(event.key, { stage: pages.stage, page: pages.slot(view.page)?.element, step: head.step })) return;
    event.preventDefault();
  });

  return {
    element,
    open,
    take,
    setNote,
    clear() {
      view = null;
      models = new Map();
      pages.clear();
      body.hidden = true;
      empty.hidden = false;
      find.close();
    },
    setMatches,
    /** The opened document is called otherwise now. */
    rename(/** @type {string} */ name) {
      if (!view) return;
      view = { ...view, document: name };
      drawHead();
      onplace();
    },
    has: (/** @type {number} */ page) => models.has(page),
    /** The picture of a page that is opened now: fetched before anything is drawn, which takes as long. */
    fetchNow: (/** @type {string} */ documentId, /** @type {number} */ page) => fetchAhead(pageImage(app, documentId, page, pages.pictureWidth()), NOW),
    /** The picture of a page that may be opened next. */
    fetchAhead: (/** @type {string} */ documentId, /** @type {number} */ page) => fetchAhead(pageImage(app, documentId, page, pages.pictureWidth())),
    focus: () => pages.stage.focus({ preventScroll: true }),
    /** A key that nobody else took, wherever the focus is. */
    onkey(/** @type {KeyboardEvent} */ event) {
      if (!view || !KEYS[event.key]) return;
      KEYS[event.key]();
      event.preventDefault();
    },
    get view() { return view; },
  };
}
