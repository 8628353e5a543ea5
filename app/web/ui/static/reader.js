// @ts-check
// The reader: the opened document, where it matches, and what can be done with it.

import { documentAt, pageImage } from './app.js';
import { afterPaint, button, copyText, fileName, h, isTyping, NARROW, placed, saveFile, t, told, whenIdle } from './dom.js';
import { crop, makeMenu, pagePicture } from './exports.js';
import { makeFindBar } from './find_bar.js';
import { readHeatmap } from './heatmap.js';
import { icon, iconButton } from './icons.js';
import { makePages } from './pages.js';
import { fetchAhead, NOW } from './pictures.js';
import { makeStrip } from './strip.js';
import { makeWhy } from './why.js';

/** @typedef {{document: string, document_id: string, page: number, pages: number, query: string, isLike?: boolean, place?: number[]}} View place: what was asked for on the page @typedef {import('./cards.js').Region} Region */

const OPACITY = 0.85;
/** Milliseconds that a place of the receipt is pointed at. */
const SPOT_MS = 1600;
/** Zoom from which it is worth going to a match by itself on a telephone. */
const WORTH_ZOOM = 1.3;
/** Pages before and after the present one that are lit as well. */
const NEAR = 3;
/** Milliseconds after which the words of a page are fetched: what is flicked past needs none. */
const WORDS_AFTER = 150;

/**
 * @param {import('./app.js').App} app
 * @param {{onpage: (page: number, how: {isScrolled: boolean}) => void, onjudge: (relevant: boolean | null) => Promise<boolean>, onback: () => void, onquery: (text: string) => void, onlike: (box: number[] | null) => void, onwhy: (view: View) => Promise<any>, citation: () => string, backLabel: () => string}} options
 *   onpage: a page of the document was gone to; onjudge keeps a person's word; onlike: the present page, or a box of it, is to be found again
 */
export function makeReader(app, { onpage, onjudge, onback, onquery, onlike, onwhy, citation, backLabel }) {
  /** @type {View | null} */
  let view = null;
  /** Heat maps of this document's pages for the query, by page. @type {Map<number, any>} */
  let models = new Map();
  /** Matching pages of the document, and how well they do. @type {Map<number, import('./cards.js').Match>} */
  let matches = new Map();
  /** Words that are lit alone. @type {Set<string>} */
  let selected = new Set();
  let hovered = '';
  let opacity = OPACITY;
  let showBoxes = true;
  let showSkipped = false;
  let regionAt = 0;
  /** @type {import('./find_bar.js').Place[]} */
  let places = [];
  let placeAt = -1;
  /** Rises with every drawing: what is left of an older one is not drawn. */
  let drawn = 0;
  let wordsTimer = 0;

  const zoomLabel = h('span', { class: 'pl-zoom-label' }, '100%');
  const pages = makePages(app, {
    onpage: (page) => { if (view) moved(page); },
    onzoom: (zoom) => { zoomLabel.textContent = `${Math.round(zoom * 100)}%`; },
    onregion: ({ box }, mark) => placeMenu(pages.slot(view?.page ?? 0), box, mark),
    onselect: (slot, box, band) => placeMenu(slot, box, band),
  });
  const strip = makeStrip(app, (page) => onpage(page, { isScrolled: false }));
  const find = makeFindBar(app, { ondraw: drawFinds, onclose: () => pages.stage.focus({ preventScroll: true }) });

  const title = h('h2', { class: 'pl-viewer-title' });
  const pageInput = h('input', { class: 'pl-page-input', inputmode: 'numeric', autocomplete: 'off', 'aria-label': t('jump to page'), title: t('jump to page'), onchange: jump, onfocus: () => pageInput.select(), onblur: () => drawHead() });
  const pageTotal = h('span', {});
  const where = h('span', { class: 'pl-viewer-where' }, h('span', {}, t('page word')), ' ', pageInput, ' ', pageTotal);
  const previous = iconButton('left', t('previous page'), () => step(-1));
  const next = iconButton('right', t('next page'), () => step(1));
  const openLink = h('a', { class: 'pl-button pl-quiet', target: '_blank', rel: 'noopener', title: t('open pdf here') }, icon('open'), h('span', {}, t('open pdf')));
  const back = h('button', { type: 'button', class: 'pl-back pl-button pl-quiet', onclick: onback }, icon('left'), h('span', {}));
  const expand = iconButton('expand', t('full screen'), toggleFullScreen);
  const chips = h('div', { class: 'pl-chips', role: 'toolbar', 'aria-label': t('words of query') });
  const boxesButton = iconButton('boxes', t('show boxes'), () => { showBoxes = !showBoxes; draw(); });
  const slider = h('input', { type: 'range', min: 0, max: 100, value: opacity * 100, 'aria-label': t('opacity'), title: t('opacity'), oninput: () => { opacity = slider.value / 100; draw(); } });
  const matchTools = h('div', { class: 'pl-tool-group' },
    iconButton('up', t('previous match'), () => stepMatch(-1)), iconButton('down', t('next match'), () => stepMatch(1)), iconButton('target', t('zoom to match'), zoomToMatch));
  const lightTools = h('div', { class: 'pl-tool-group' }, boxesButton, slider);
  const selectButton = iconButton('crop', t('draw box'), toggleSelecting, { 'aria-pressed': 'false' });
  const zoomTools = h('div', { class: 'pl-tool-group' },
    iconButton('minus', t('zoom out'), pages.zoomOut), h('button', { type: 'button', class: 'pl-zoom-fit', 'aria-label': t('fit width'), title: t('fit width'), onclick: pages.fit }, zoomLabel), iconButton('plus', t('zoom in'), pages.zoomIn),
    iconButton('rotate', t('rotate'), pages.rotate), selectButton, iconButton('search', t('find in document'), () => find.open()));
  const noteText = h('span', {});
  const noteAgain = button(t('try again'), () => { if (view) onpage(view.page, { isScrolled: false }); });
  const note = h('p', { class: 'pl-viewer-note', role: 'status', hidden: true }, noteText, ' ', noteAgain);
  const skippedButton = h('button', { type: 'button', class: 'pl-legend-skipped', title: t('not indexed title'), onclick: () => { showSkipped = !showSkipped; draw(); } }, h('i', {}), t('not indexed'));
  const legend = h('div', { class: 'pl-legend' }, h('span', {}, t('weaker')), h('i', { class: 'pl-legend-ramp' }), h('span', {}, t('stronger')), skippedButton);
  const yes = iconButton('thumbUp', t('judge yes'), () => judge(true));
  const no = iconButton('thumbDown', t('judge no'), () => judge(false));
  const verdict = h('div', { class: 'pl-verdict', role: 'group', 'aria-label': t('judge question') }, h('span', {}, t('judge question')), yes, no);

  const why = makeWhy({ ask: () => onwhy(/** @type {View} */ (view)), onplace: showPlace, onclose: () => { drawWhy(); whyButton.focus(); } });
  const whyButton = h('button', { type: 'button', class: 'pl-link pl-why-button', 'aria-expanded': 'false', onclick: toggleWhy }, t('why this page'));

  const head = h('header', { class: 'pl-viewer-head' }, back,
    h('div', { class: 'pl-viewer-name' }, title, h('div', { class: 'pl-pager' }, previous, where, next)),
    h('div', { class: 'pl-actions' }, iconButton('pages', t('similar pages'), () => onlike(null)), openLink, iconButton('copy', t('copy citation'), copyCitation), iconButton('download', t('download page'), download), expand));
  const tools = h('div', { class: 'pl-viewer-tools' }, chips, h('div', { class: 'pl-view-tools' }, matchTools, lightTools, zoomTools));
  const body = h('div', { class: 'pl-viewer-body' }, head, tools, find.element, note, h('div', { class: 'pl-reading' }, strip.element, pages.stage), why.element, h('footer', { class: 'pl-viewer-foot' }, legend, whyButton, verdict));
  const empty = h('p', { class: 'pl-viewer-empty' }, t('choose a page'));
  const element = h('section', { class: 'pl-viewer', 'aria-label': t('page viewer') }, empty, body);
  body.hidden = true;

  // Opening and moving

  /** Show a page at once; what the server knows of it comes with `take`. */
  function open(/** @type {View} */ wanted, /** @type {Region[]} */ regions = []) {
    const isSame = view && view.document_id === wanted.document_id && view.query === wanted.query;
    if (!isSame) {
      models = new Map();
      matches = new Map();
      selected = new Set();
      strip.setMatches(matches);
      if (view?.document_id === wanted.document_id) for (const slot of pages.slots) clearLight(slot);
    }
    hovered = '';
    pages.endSelecting();
    drawSelecting();
    const isOtherPage = view?.page !== wanted.page || !isSame;
    view = { ...wanted };
    if (isOtherPage) why.refresh();
    empty.hidden = true;
    body.hidden = false;
    regionAt = 0;
    pages.show(view, view.place ?? regions[0]?.box);
    strip.show(view.document_id, pages.slots.map((slot) => slot.number));
    find.at(view.document_id, view.page);
    const slot = pages.slot(view.page);
    if (slot && !models.has(view.page)) slot.setRegions(regions);
    drawHead();
    drawLight();
    setNote('');
    wordsSoon();
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
    if (NARROW.matches && pages.zoomFor(best) > WORTH_ZOOM) pages.zoomTo(best);
    else if (String(before) !== String(best)) pages.place(best);
  }

  function clearLight(/** @type {import('./page_slot.js').Slot} */ slot) {
    slot.setHeat(null);
    slot.setRegions([]);
    slot.draw({ chosen: [], opacity, showBoxes, showSkipped: false, isFaded: false });
  }

  /** Scrolled to another page. */
  function moved(/** @type {number} */ page) {
    view = { .../** @type {View} */ (view), page, place: undefined };
    why.refresh();
    regionAt = 0;
    drawHead();
    drawLight();
    wordsSoon();
    onpage(page, { isScrolled: true });
  }

  function step(/** @type {number} */ by) {
    const page = (view?.page ?? 0) + by;
    if (view && page >= 1 && page <= view.pages) onpage(page, { isScrolled: false });
  }

  function jump() {
    const page = Number.parseInt(pageInput.value, 10);
    if (view && page >= 1 && page <= view.pages) {
      onpage(page, { isScrolled: false });
      pages.stage.focus({ preventScroll: true });
    } else if (view) pageInput.value = String(view.page);
  }

  /** The next place on this page, or the best one of the next page that matches. */
  function stepMatch(/** @type {number} */ by) {
    if (!view) return;
    const regions = pages.slot(view.page)?.regions ?? [];
    const inOrder = [...regions].sort((a, b) => a.box[1] - b.box[1]);
    const at = inOrder.indexOf(regions[regionAt]) + by;
    if (inOrder[at]) {
      regionAt = regions.indexOf(inOrder[at]);
      pages.place(inOrder[at].box);
      flash(regionAt);
      return;
    }
    const numbers = [...matches.keys()].sort((a, b) => a - b);
    const after = numbers.filter((page) => (by > 0 ? page > /** @type {View} */ (view).page : page < /** @type {View} */ (view).page));
    const page = by > 0 ? after[0] ?? numbers[0] : after.at(-1) ?? numbers.at(-1);
    if (page && page !== view.page) onpage(page, { isScrolled: false });
    else flash(regionAt);
  }

  function flash(/** @type {number} */ rank) {
    const mark = pages.slot(view?.page ?? 0)?.element.querySelectorAll('.pl-box')[rank];
    mark?.animate?.([{ outline: '4px solid var(--pl-light-strong)' }, { outline: '12px solid transparent' }], { duration: 500 });
  }

  function zoomToMatch() {
    const regions = pages.slot(view?.page ?? 0)?.regions ?? [];
    const box = regions[regionAt]?.box ?? regions[0]?.box;
    if (box) pages.zoomTo(box);
  }

  /** Bring a part of the receipt into view, and show for a moment where it is. */
  function showPlace(/** @type {number[]} */ box) {
    const slot = pages.slot(view?.page ?? 0);
    if (!slot) return;
    pages.place(box);
    const spot = h('div', { class: 'pl-spot', style: placed(box) });
    slot.element.append(spot);
    setTimeout(() => spot.remove(), SPOT_MS);
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

  // Drawing

  function drawHead() {
    if (!view) return;
    title.replaceChildren(fileName(view.document));
    // Somebody may be typing a number while the pages still move.
    if (document.activeElement !== pageInput) pageInput.value = String(view.page);
    pageInput.style.width = `${String(view.pages).length + 2}ch`;
    pageTotal.textContent = view.pages ? t('of pages', { count: view.pages }) : '';
    previous.disabled = view.page <= 1;
    next.disabled = view.page >= view.pages;
    openLink.href = documentAt(app, view.document_id, view.document, view.page);
    back.querySelector('span').textContent = backLabel();
    strip.mark(view.page);
    element.classList.toggle('pl-single', view.pages <= 1);
  }

  function drawLight() {
    if (!view) return;
    const model = models.get(view.page);
    const hasLight = Boolean(model?.heat);
    const hasQuery = Boolean(view.query);
    drawChips(model);
    for (const part of [chips, lightTools, legend, matchTools]) part.hidden = !hasQuery;
    legend.style.visibility = hasLight ? 'visible' : 'hidden';
    verdict.hidden = !hasQuery || Boolean(view.isLike);
    setVerdict(model?.relevant ?? null);
    drawWhy();
    draw();
  }

  function drawChips(/** @type {any} */ model) {
    if (!model?.heat) return; // those of the page before stay until this one's are known
    const words = [...new Set(/** @type {number[]} */ (model.heatmap.telling).map((i) => model.heat.words[i]))];
    chips.replaceChildren(...(words.length > 1 ? ['', ...words] : words).map((word) => h('button', {
      type: 'button', class: 'pl-chip', 'data-word': word,
      onclick: () => choose(word),
      onpointerenter: (/** @type {PointerEvent} */ event) => { if (event.pointerType === 'mouse' && word) preview(word); },
      onpointerleave: () => preview(''),
    }, word || t('all words'))));
  }

  function choose(/** @type {string} */ word) {
    hovered = '';
    if (!word) selected.clear();
    else if (!selected.delete(word)) selected.add(word);
    draw();
  }

  function preview(/** @type {string} */ word) {
    if (hovered === word) return;
    hovered = word;
    draw();
  }

  function draw() {
    if (!view) return;
    const wanted = hovered ? new Set([hovered]) : selected;
    drawPage(view.page, wanted);
    const drawing = ++drawn;
    afterPaint(() => {
      if (drawing !== drawn || !view) return;
      for (const page of models.keys()) if (page !== view.page && Math.abs(page - view.page) <= NEAR) drawPage(page, wanted);
    });
    const heat = models.get(view.page)?.heat;
    boxesButton.setAttribute('aria-pressed', String(showBoxes));
    const label = showBoxes ? t('hide boxes') : t('show boxes');
    boxesButton.title = label;
    boxesButton.setAttribute('aria-label', label);
    boxesButton.removeAttribute('aria-pressed');
    boxesButton.classList.toggle('pl-on', showBoxes);
    skippedButton.setAttribute('aria-pressed', String(showSkipped));
    skippedButton.hidden = !heat || heat.indexed.every(Boolean);
    for (const chip of chips.children) chip.setAttribute('aria-pressed', String(chip.dataset.word ? selected.has(chip.dataset.word) : !selected.size));
  }

  /** wanted: the words that are lit alone; none of them means all */
  function drawPage(/** @type {number} */ page, /** @type {Set<string>} */ wanted) {
    const slot = pages.slot(page);
    const model = models.get(page);
    if (!slot || !model) return;
    const all = model.heat ? model.heat.words.map((/** @type {string} */ _, /** @type {number} */ i) => i) : [];
    const chosen = all.filter((/** @type {number} */ i) => wanted.has(model.heat.words[i]));
    slot.draw({ chosen: chosen.length ? chosen : all, opacity, showBoxes, showSkipped, isFaded: wanted.size > 0 });
  }

  function setNote(/** @type {string} */ text, canRetry = false) {
    noteText.textContent = text ? told(text) : '';
    note.hidden = !text;
    noteAgain.hidden = !canRetry;
  }

  // Words

  /** Those of the present page come after its picture; of others, when the pointer gets there. */
  function wordsSoon() {
    clearTimeout(wordsTimer);
    wordsTimer = window.setTimeout(() => whenIdle(() => fillWords(pages.slot(view?.page ?? 0))), WORDS_AFTER);
  }
  pages.stage.addEventListener('pointerover', (/** @type {PointerEvent} */ event) => {
    const page = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.pl-page'));
    if (page) fillWords(pages.slot(Number(page.dataset.page)));
  });

  async function fillWords(/** @type {import('./page_slot.js').Slot | undefined} */ slot) {
    if (!view || !slot || slot.hasWords) return;
    slot.hasWords = true;
    const { document_id } = view;
    try {
      const { words } = await app.ask('page_text', { document_id, page: slot.number });
      slot.setWords(words);
    } catch {
      // A page without words can be read all the same.
      slot.hasWords = false;
    }
  }

  // The words of a selection in reading order, with the document's lines.
  pages.stage.addEventListener('copy', (/** @type {ClipboardEvent} */ event) => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const chosen = [...pages.stage.querySelectorAll('.pl-text span')].filter((node) => range.intersectsNode(node));
    if (!chosen.length) return;
    let text = '';
    let [last, right] = [NaN, 0];
    for (const node of chosen) {
      const area = node.getBoundingClientRect();
      if (text) text += Math.abs(area.bottom - last) > area.height * 0.6 || area.left < right - area.height ? '\n' : ' ';
      text += node.textContent;
      [last, right] = [area.bottom, area.right];
    }
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  });

  function drawFinds(/** @type {typeof places} */ found, /** @type {number} */ current) {
    places = found;
    placeAt = current;
    strip.setFinds(new Set(found.map((place) => place.page)));
    for (const slot of pages.slots) {
      const here = found.map((place, i) => ({ place, i })).filter(({ place }) => place.page === slot.number);
      slot.setFinds(here.flatMap(({ place }) => place.boxes), here.findIndex(({ i }) => i === placeAt));
    }
    const place = places[placeAt];
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

  /** What can be done with a place: find the like of it, copy its text or its picture, or ask with its text. */
  async function placeMenu(/** @type {import('./page_slot.js').Slot | undefined} */ slot, /** @type {number[]} */ box, /** @type {HTMLElement} */ mark) {
    if (!slot || !view) return;
    const text = await textIn(slot.number, box);
    const name = `${view.document} ${t('page', { page: slot.number })}`;
    const page = slot.number;
    /** @type {[string, () => void][]} */
    const items = [[t('more like this'), () => {
      if (view) view.page = page;
      onlike(box);
    }]];
    if (text) items.push([t('copy text'), async () => app.toast((await copyText(text)) ? t('text copied') : t('no copying'))]);
    items.push([t('save picture'), async () => {
      const blob = await crop(slot, box);
      if (blob) saveFile(`${name}.png`, blob);
      else app.toast(t('no picture'));
    }]);
    if (text) items.push([t('ask with place'), () => onquery(text.replace(/\s+/g, ' ').slice(0, 200))]);
    const menu = makeMenu(t('what to do with place', { number: 1 }), items);
    menu.classList.add('pl-region-menu');
    mark.querySelector('.pl-menu-box')?.remove();
    mark.append(menu);
    menu.querySelector('button').click();
  }

  async function textIn(/** @type {number} */ page, /** @type {number[]} */ [x0, y0, x1, y1]) {
    try {
      const { words } = await app.ask('page_text', { document_id: /** @type {View} */ (view).document_id, page });
      return words.filter((/** @type {number[]} */ [, a, b, c, d]) => (a + c) / 2 >= x0 && (a + c) / 2 <= x1 && (b + d) / 2 >= y0 && (b + d) / 2 <= y1).map((/** @type {string[]} */ [word]) => word).join(' ');
    } catch {
      return '';
    }
  }

  // What people say of it, and take along

  /** Said again, it is taken back. */
  async function judge(/** @type {boolean} */ relevant) {
    const model = view && models.get(view.page);
    if (!model) return;
    const before = model.relevant;
    const now = before === relevant ? null : relevant;
    setVerdict(now);
    if (await onjudge(now)) model.relevant = now;
    else if (view?.page === model.page) setVerdict(before);
  }

  function setVerdict(/** @type {boolean | null} */ relevant) {
    yes.setAttribute('aria-pressed', String(relevant === true));
    no.setAttribute('aria-pressed', String(relevant === false));
  }

  async function copyCitation() {
    app.toast((await copyText(citation())) ? t('citation copied') : t('no copying'));
  }

  async function download() {
    const slot = pages.slot(view?.page ?? 0);
    if (!slot || !view) return;
    const blob = await pagePicture(slot, Boolean(models.get(view.page)?.heat), showBoxes);
    if (blob) saveFile(`${view.document} page ${view.page}.png`, blob);
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
    '+': pages.zoomIn, '=': pages.zoomIn, '-': pages.zoomOut, 0: pages.fit, n: () => stepMatch(1), p: () => stepMatch(-1), z: zoomToMatch, r: pages.rotate,
    f: () => find.open(), g: () => pageInput.focus(), c: copyCitation, s: toggleSelecting, w: () => { if (!whyButton.hidden) toggleWhy(); }, m: () => onlike(null),
  };
  element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || !view) return;
    if (event.key === 'Escape' && pages.isSelecting) toggleSelecting();
    else if (event.key === 'Escape' && why.isOpen) { why.close(); drawWhy(); whyButton.focus(); }
    else if (event.key === 'Escape' && element.classList.contains('pl-full')) toggleFullScreen();
    else if (event.key === 'Escape' && !document.fullscreenElement) onback();
    else if (event.key === 'PageDown' || event.key === 'PageUp') step(event.key === 'PageDown' ? 1 : -1);
    else if (KEYS[event.key]) KEYS[event.key]();
    else return;
    event.preventDefault();
  });
  pageInput.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') pages.stage.focus({ preventScroll: true });
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
    /** Pages of the document that match, and how well. */
    setMatches(/** @type {Map<number, import('./cards.js').Match>} */ found) {
      matches = found;
      strip.setMatches(found);
    },
    has: (/** @type {number} */ page) => models.has(page),
    /** The picture of a page that is opened now: fetched before anything is drawn, which takes as long. */
    fetchNow: (/** @type {string} */ documentId, /** @type {number} */ page) => fetchAhead(pageImage(app, documentId, page, pages.pictureWidth()), NOW),
    /** The picture of a page that may be opened next. */
    fetchAhead: (/** @type {string} */ documentId, /** @type {number} */ page) => fetchAhead(pageImage(app, documentId, page, pages.pictureWidth())),
    focus: () => pages.stage.focus({ preventScroll: true }),
    get view() { return view; },

  };
}
