// @ts-check
// The light on the opened document: the words of the question as chips, boxes, how strong it is, and what is not indexed.

import { afterPaint, h, t } from './dom.js';
import { iconButton } from './icons.js';

const OPACITY = 0.85;
/** Pages before and after the present one that are lit as well. */
const NEAR = 3;

/**
 * @param {{pages: ReturnType<typeof import('./pages.js').makePages>, models: () => Map<number, any>, page: () => number}} options
 *   models: heat maps of the document's pages for the question; page: the one that is looked at, 0: none
 */
export function makeLightTools({ pages, models, page }) {
  /** Words that are lit alone. @type {Set<string>} */
  const selected = new Set();
  let hovered = '';
  let opacity = OPACITY;
  let showBoxes = true;
  let showSkipped = false;
  /** Rises with every drawing: what is left of an older one is not drawn. */
  let drawn = 0;
  const chips = h('div', { class: 'pl-chips', role: 'toolbar', 'aria-label': t('words of query') });
  const boxesButton = iconButton('boxes', t('show boxes'), () => { showBoxes = !showBoxes; draw(); });
  const slider = h('input', { type: 'range', min: 0, max: 100, value: opacity * 100, 'aria-label': t('opacity'), title: t('opacity'), oninput: () => { opacity = slider.value / 100; draw(); } });
  const tools = h('div', { class: 'pl-tool-group' }, boxesButton, slider);
  const skippedButton = h('button', { type: 'button', class: 'pl-legend-skipped', title: t('not indexed title'), onclick: () => { showSkipped = !showSkipped; draw(); } }, h('i', {}), t('not indexed'));
  const legend = h('div', { class: 'pl-legend' }, h('span', {}, t('weaker')), h('i', { class: 'pl-legend-ramp' }), h('span', {}, t('stronger')), skippedButton);

  function drawChips(/** @type {any} */ model) {
    if (!model?.heat) return; // those of the page before stay until this one's are known
    const words = [...new Set(/** @type {number[]} */ (model.heatmap.telling).map((i) => model.heat.words[i]))];
    chips.replaceChildren(...(words.length > 1 ? ['', ...words] : words).map((word) => h('button', {
      type: 'button', class: 'pl-chip', dir: 'auto', 'data-word': word,
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
    const current = page();
    if (!current) return;
    const wanted = hovered ? new Set([hovered]) : selected;
    drawPage(current, wanted);
    const drawing = ++drawn;
    afterPaint(() => {
      if (drawing !== drawn || !page()) return;
      for (const number of models().keys()) if (number !== page() && Math.abs(number - page()) <= NEAR) drawPage(number, wanted);
    });
    const heat = models().get(current)?.heat;
    const label = showBoxes ? t('hide boxes') : t('show boxes');
    boxesButton.title = label;
    boxesButton.setAttribute('aria-label', label);
    boxesButton.classList.toggle('pl-on', showBoxes);
    skippedButton.setAttribute('aria-pressed', String(showSkipped));
    skippedButton.hidden = !heat || heat.indexed.every(Boolean);
    for (const chip of chips.children) chip.setAttribute('aria-pressed', String(chip.dataset.word ? selected.has(chip.dataset.word) : !selected.size));
  }

  /** wanted: the words that are lit alone; none of them means all */
  function drawPage(/** @type {number} */ number, /** @type {Set<string>} */ wanted) {
    const slot = pages.slot(number);
    const model = models().get(number);
    if (!slot || !model) return;
    const all = model.heat ? model.heat.words.map((/** @type {string} */ _, /** @type {number} */ i) => i) : [];
    const chosen = all.filter((/** @type {number} */ i) => wanted.has(model.heat.words[i]));
    slot.draw({ chosen: chosen.length ? chosen : all, opacity, showBoxes, showSkipped, isFaded: wanted.size > 0 });
  }

  return {
    chips,
    tools,
    legend,
    /** The present page, which may have another question. */
    show(/** @type {boolean} */ hasQuery) {
      const model = models().get(page());
      drawChips(model);
      for (const part of [chips, tools, legend]) part.hidden = !hasQuery;
      legend.style.visibility = model?.heat ? 'visible' : 'hidden';
      draw();
    },
    /** Another question, or another document. */
    reset() { selected.clear(); },
    endPreview() { hovered = ''; },
    /** Take a page's light away. */
    clear(/** @type {import('./page_slot.js').Slot} */ slot) {
      slot.setHeat(null);
      slot.setRegions([]);
      slot.draw({ chosen: [], opacity, showBoxes, showSkipped: false, isFaded: false });
    },
    get showBoxes() { return showBoxes; },
  };
}
