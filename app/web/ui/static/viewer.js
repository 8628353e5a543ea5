// The page viewer: a page, where it matches, and what can be done with it.

const THUMB_WIDTH = 320;
const PAGE_WIDTH = 1600;

/**
 * callbacks: onpage(number) opens another page of the document, onjudge(relevant) keeps a person's word,
 * onback() returns to the results, citation() gives the text to copy.
 */
function makeViewer({ onpage, onjudge, onback, citation }) {
  let view = null;
  let heat = null;
  let selected = new Set();
  let hovered = null;
  let opacity = 0.85;
  let showBoxes = true;
  let showSkipped = false;

  const under = h('img', { class: 'pl-page-under', alt: '', draggable: 'false' });
  const full = h('img', { class: 'pl-page-full', draggable: 'false' });
  const skippedCanvas = h('canvas', { class: 'pl-skipped' });
  const heatCanvas = h('canvas', { class: 'pl-heat' });
  const boxLayer = h('div', { class: 'pl-boxes' });
  const page = h('div', { class: 'pl-page' }, under, full, skippedCanvas, heatCanvas, boxLayer);
  const stage = h('div', { class: 'pl-stage', tabindex: '0', role: 'group', 'aria-label': 'Page image. Plus and minus zoom, zero fits.' }, page);
  const zoomLabel = h('span', { class: 'pl-zoom-label' }, '100%');
  const zoom = makeZoom(stage, page, (value) => { zoomLabel.textContent = `${Math.round(value * 100)}%`; });

  const title = h('h2', { class: 'pl-viewer-title' });
  const where = h('span', { class: 'pl-viewer-where' });
  const previous = iconButton('left', 'Previous page', () => onpage(view.page - 1));
  const next = iconButton('right', 'Next page', () => onpage(view.page + 1));
  const open = h('a', { class: 'pl-button pl-quiet', target: '_blank', rel: 'noopener', title: 'Open PDF at this page' }, icon('open'), h('span', {}, 'Open PDF'));
  const expand = iconButton('expand', 'Full screen', toggleFullScreen);
  const chips = h('div', { class: 'pl-chips', role: 'toolbar', 'aria-label': 'Words of the query' });
  const boxesButton = iconButton('boxes', 'Show boxes', () => { showBoxes = !showBoxes; draw(); });
  const slider = h('input', { type: 'range', min: 0, max: 100, value: opacity * 100, 'aria-label': 'Heat map opacity', title: 'Heat map opacity', oninput: () => { opacity = slider.value / 100; draw(); } });
  const lightTools = h('div', { class: 'pl-tool-group' }, boxesButton, slider);
  const zoomTools = h('div', { class: 'pl-tool-group' },
    iconButton('minus', 'Zoom out', zoom.out), h('button', { type: 'button', class: 'pl-zoom-fit', 'aria-label': 'Fit width', title: 'Fit width', onclick: zoom.reset }, zoomLabel), iconButton('plus', 'Zoom in', zoom.in));
  const note = h('p', { class: 'pl-viewer-note', hidden: true });
  const skippedButton = h('button', { type: 'button', class: 'pl-legend-skipped', title: 'These parts of the page were left out of the index, so nothing is known of them', onclick: () => { showSkipped = !showSkipped; draw(); } }, h('i', {}), 'not indexed');
  const legend = h('div', { class: 'pl-legend', 'aria-hidden': 'false' }, h('span', {}, 'weaker'), h('i', { class: 'pl-legend-ramp' }), h('span', {}, 'stronger'), skippedButton);
  const yes = iconButton('thumbUp', 'Yes, this page answers it', () => judge(true));
  const no = iconButton('thumbDown', 'No, this page does not', () => judge(false));
  const verdict = h('div', { class: 'pl-verdict', role: 'group', 'aria-label': 'Is this the page you wanted?' }, h('span', {}, 'Is this the right page?'), yes, no);

  const head = h('header', { class: 'pl-viewer-head' },
    h('button', { type: 'button', class: 'pl-back pl-button pl-quiet', onclick: onback }, icon('left'), 'Results'),
    h('div', { class: 'pl-viewer-name' }, title, h('div', { class: 'pl-pager' }, previous, where, next)),
    h('div', { class: 'pl-actions' }, open, iconButton('copy', 'Copy citation', copyCitation), iconButton('download', 'Download page image', download), expand));
  const tools = h('div', { class: 'pl-viewer-tools' }, chips, h('div', { class: 'pl-view-tools' }, lightTools, zoomTools));
  const foot = h('footer', { class: 'pl-viewer-foot' }, legend, verdict);
  const body = h('div', { class: 'pl-viewer-body' }, head, tools, note, stage, foot);
  const empty = h('p', { class: 'pl-viewer-empty' }, 'Choose a page to see where it matches.');
  const section = h('section', { class: 'pl-viewer', 'aria-label': 'Page viewer' }, empty, body);
  body.hidden = true;

  full.addEventListener('load', () => {
    full.classList.add('pl-loaded');
    page.classList.toggle('pl-dark-page', isDarkPage(full));
  });
  full.addEventListener('error', () => setNote('This page could not be drawn.'));
  under.addEventListener('load', () => { showBest(); });

  function show(model) {
    view = model;
    heat = model.heatmap ? readHeatmap(model.heatmap) : null;
    selected = new Set();
    hovered = null;
    empty.hidden = true;
    body.hidden = false;
    const name = `${model.document}, page ${model.page}`;
    title.textContent = model.document;
    title.title = model.document;
    where.textContent = model.pages ? `Page ${model.page} of ${model.pages.toLocaleString()}` : `Page ${model.page}`;
    previous.disabled = model.page <= 1;
    next.disabled = model.page >= model.pages;
    open.href = documentAt(model.root, model.document_id, model.page);
    page.classList.remove('pl-dark-page');
    full.classList.remove('pl-loaded');
    full.removeAttribute('src');
    under.src = pageImage(model.root, model.document_id, model.page, THUMB_WIDTH);
    full.src = pageImage(model.root, model.document_id, model.page, PAGE_WIDTH);
    full.alt = name;
    zoom.reset();
    drawChips();
    drawBoxes();
    setNote(model.note);
    for (const part of [chips, lightTools, legend]) part.hidden = !heat;
    verdict.hidden = !model.query;
    setVerdict(model.relevant);
    draw();
    showBest();
  }

  function clear() {
    view = null;
    heat = null;
    body.hidden = true;
    empty.hidden = false;
  }

  function setNote(text) {
    note.textContent = text ?? '';
    note.hidden = !text;
  }

  function drawChips() {
    const names = heat ? ['All', ...heat.words] : [];
    chips.replaceChildren(...names.map((name, i) => {
      const word = i - 1;
      return h('button', {
        type: 'button', class: 'pl-chip', 'data-word': word,
        onclick: () => choose(word),
        onpointerenter: (event) => { if (event.pointerType === 'mouse' && word >= 0) preview(word); },
        onpointerleave: () => preview(null),
      }, name);
    }));
  }

  function choose(word) {
    hovered = null;
    if (word < 0) selected.clear();
    else if (!selected.delete(word)) selected.add(word);
    draw();
  }

  function preview(word) {
    if (hovered === word) return;
    hovered = word;
    draw();
  }

  function drawBoxes() {
    const regions = view.heatmap?.regions ?? [];
    boxLayer.replaceChildren(...regions.map((region, i) => regionMark(region, i)));
  }

  function draw() {
    const words = heat ? heat.words.map((_, i) => i) : [];
    const chosen = hovered !== null ? [hovered] : selected.size ? [...selected] : words;
    if (heat) {
      drawHeatmap(heatCanvas, heat, chosen, opacity);
      if (showSkipped) drawSkipped(skippedCanvas, heat);
    }
    heatCanvas.hidden = !heat;
    skippedCanvas.hidden = !heat || !showSkipped;
    boxLayer.hidden = !showBoxes;
    boxLayer.classList.toggle('pl-faded', hovered !== null || selected.size > 0);
    boxesButton.setAttribute('aria-pressed', showBoxes);
    boxesButton.title = showBoxes ? 'Hide boxes' : 'Show boxes';
    skippedButton.setAttribute('aria-pressed', showSkipped);
    skippedButton.hidden = !heat || heat.indexed.every(Boolean);
    for (const chip of chips.children) {
      const word = Number(chip.dataset.word);
      chip.setAttribute('aria-pressed', word < 0 ? !selected.size : selected.has(word));
    }
  }

  /** Bring the best region into view where the page is taller than the stage. */
  function showBest() {
    const best = view?.heatmap?.regions[0]?.box;
    const middle = best ? ((best[1] + best[3]) / 2) * page.offsetHeight : 0;
    stage.scrollTop = Math.max(0, middle - stage.clientHeight / 2);
  }

  async function judge(relevant) {
    const judged = view;
    setVerdict(relevant);
    if (!(await onjudge(relevant)) && judged === view) setVerdict(judged.relevant);
  }

  function setVerdict(relevant) {
    yes.setAttribute('aria-pressed', relevant === true);
    no.setAttribute('aria-pressed', relevant === false);
  }

  async function copyCitation() {
    emit('toast', { text: (await copyText(citation())) ? 'Citation copied' : 'The browser does not allow copying here' });
  }

  async function download() {
    await savePage(full, heat ? heatCanvas : null, showBoxes ? view.heatmap?.regions ?? [] : [], page.classList.contains('pl-dark-page'), `${view.document} page ${view.page}`);
  }

  function toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else section.requestFullscreen?.().catch(() => section.classList.toggle('pl-full'));
  }

  return { element: section, show, clear, focus: () => stage.focus({ preventScroll: true }), get view() { return view; } };
}

/** A region as a frame in percent of the page. */
function regionMark({ box, score }, rank) {
  const percent = (value) => `${(100 * value).toFixed(3)}%`;
  return h('div', {
    class: rank === 0 ? 'pl-box pl-best' : 'pl-box',
    'data-score': score,
    style: { left: percent(box[0]), top: percent(box[1]), width: percent(box[2] - box[0]), height: percent(box[3] - box[1]) },
  });
}
