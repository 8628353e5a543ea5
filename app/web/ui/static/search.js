// The search tab: the question, the found pages, the page.

/** Hits that a successful search always shows, however weak. */
const LEAST_SHOWN = 3;

let rootUrl = '';
let documents = [];
let examples = [];
let indexing = null;
let found = null;
let asked = 0;
let opened = 0;
const link = readLink();

const input = h('input', {
  type: 'search', class: 'pl-ask-input', placeholder: 'What are you looking for?', 'aria-label': 'Search the pages',
  autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search',
});
const slash = h('kbd', { class: 'pl-slash', title: 'Press / to search', 'aria-hidden': 'true' }, '/');
const clearButton = iconButton('close', 'Clear', () => { input.value = ''; reset(); input.focus(); }, { hidden: true });
const submit = h('button', { type: 'submit', class: 'pl-button pl-primary', 'aria-label': 'Search' }, h('span', {}, 'Search'), icon('search'));
const facet = makeFacet({ onchange: () => { if (input.value.trim()) search(); } });
const suggestions = h('div', { class: 'pl-suggestions' });
const hello = h('h1', { class: 'pl-hello' }, 'Ask your documents');
const form = h('form', { class: 'pl-ask', role: 'search', onsubmit: (event) => { event.preventDefault(); search(); } },
  hello,
  h('div', { class: 'pl-ask-row' }, h('div', { class: 'pl-ask-field' }, icon('search'), input, slash, clearButton, submit), facet.element),
  suggestions);

const hintText = h('span', {});
const hintAgain = h('button', { type: 'button', class: 'pl-link', onclick: () => search() }, 'Search again');
const hint = h('div', { class: 'pl-hint', hidden: true }, h('span', { class: 'pl-pulse', 'aria-hidden': 'true' }), hintText, hintAgain);
const summary = h('p', { class: 'pl-summary' });
const openHit = (hit, how) => open(hit.document_id, hit.page, how);
const cards = makeCards({ onopen: openHit });
const weakerCards = makeCards({ onopen: openHit });
const weakerLabel = h('summary', {});
const nearest = h('details', { class: 'pl-nearest' }, weakerLabel, weakerCards.element);
const messageBox = h('div', {});
const results = h('div', { class: 'pl-results' }, summary, messageBox, cards.element, nearest);
const viewer = makeViewer({
  onpage: (page) => open(viewer.view.document_id, page, { focus: false, scroll: false }),
  onjudge: judge,
  onback: backToResults,
  citation: () => `${viewer.view.document}, page ${viewer.view.page}. ${linkTo(rootUrl, currentLink())}`,
});
const columns = h('div', { class: 'pl-columns' }, results, viewer.element);
const welcome = h('div', { class: 'pl-welcome' });

root.replaceChildren(form, hint, columns, welcome);
setState('loading');

/** loading, empty (no documents), idle (nothing asked), results, or reading (a document without a question). */
function setState(state) {
  root.dataset.state = state;
}

function currentLink() {
  const view = viewer.view;
  const twins = view ? documents.filter((document) => document.document === view.document).length : 0;
  return {
    q: found?.query ?? '',
    document: view ? (twins > 1 ? view.document_id : view.document) : '',
    page: view?.page ?? 0,
    documents: found ? facet.names : [],
  };
}

async function start() {
  try {
    takeOverview(await ask('overview'));
  } catch (error) {
    setState('idle');
    welcome.replaceChildren(message('Pagelight is not ready', error.message, h('button', { type: 'button', class: 'pl-button', onclick: start }, 'Try again')));
    return;
  }
  // Somebody may have been faster than the library.
  if (asked || opened) return;
  facet.choose(link.documents);
  drawRest();
  if (link.q) {
    input.value = link.q;
    await search({ document: link.document, page: link.page });
  } else if (link.document) {
    await open(link.document, link.page, { focus: false, scroll: true });
  } else if (!NARROW.matches && root.offsetParent) {
    input.focus({ preventScroll: true });
  }
}

function takeOverview(overview) {
  ({ root: rootUrl, documents, examples, indexing } = overview);
  input.maxLength = overview.limit;
  facet.show(documents);
  drawHint();
}

/** What is shown while no question is open. */
function drawRest() {
  if (found || viewer.view || root.classList.contains('pl-busy')) return;
  const ready = documents.some((document) => document.pages_indexed > 0);
  setState(ready || indexing ? 'idle' : 'empty');
  suggestions.replaceChildren(...(examples.length ? [exampleChips(examples, (text) => { input.value = text; search(); })] : []));
  if (ready) welcome.replaceChildren(coverShelf(rootUrl, documents, (document) => open(document.document_id, 1, { focus: true, scroll: true })));
  else welcome.replaceChildren(indexing ? message('Reading your documents', 'The first pages can be searched in a moment.') : emptyLibrary());
}

/** The key that leads here, or a way to start over. */
function drawField() {
  slash.hidden = Boolean(input.value);
  clearButton.hidden = !input.value;
}

function drawHint() {
  hint.hidden = !indexing;
  if (!indexing) return;
  const total = indexing.pages_total ? ` of ${indexing.pages_total.toLocaleString()}` : '';
  hintText.textContent = `Still reading ${plural(indexing.documents, 'document')}: ${indexing.pages_done.toLocaleString()}${total} pages so far.${found ? ' These are the results up to here.' : ' What is read can be searched already.'}`;
  hintAgain.hidden = !found;
}

/** Ask; then open the wanted page of a deep link, or the best hit. */
async function search(wanted = {}) {
  const query = input.value.trim();
  if (!query) {
    reset();
    return;
  }
  const turn = ++asked;
  drawField();
  setState('results');
  root.classList.add('pl-busy');
  announce('Searching');
  try {
    const reply = await ask('find_pages', { query, documents: facet.chosen });
    if (turn !== asked) return;
    found = reply;
    ({ root: rootUrl, indexing } = reply);
    drawResults();
    drawHint();
    if (wanted.document) await open(wanted.document, wanted.page, { focus: false, scroll: false });
    else if (reply.matched && reply.hits.length) await open(reply.hits[0].document_id, reply.hits[0].page, { focus: false, scroll: false });
    else {
      viewer.clear();
      writeLink(rootUrl, currentLink());
    }
  } catch (error) {
    if (turn !== asked) return;
    found = null;
    viewer.clear();
    drawFailure(error);
  } finally {
    if (turn === asked) root.classList.remove('pl-busy');
  }
}

function drawResults() {
  const { hits, matched, query } = found;
  const within = facet.names.length ? ` in ${facet.names.length === 1 ? facet.names[0] : plural(facet.names.length, 'document')}` : '';
  // Strengths are comparable, ranks are not: what is weak waits behind a disclosure, but never everything.
  const strong = matched ? Math.max(LEAST_SHOWN, hits.findLastIndex((hit) => hit.strength >= FAIR) + 1) : 0;
  const weaker = hits.slice(strong);
  const heading = matched ? `${plural(hits.length, 'page')} for “${query}”${within}` : '';
  summary.textContent = heading;
  summary.hidden = !heading;
  messageBox.replaceChildren(...(matched ? [] : [nothing(query, within, hits.length)]));
  cards.show(rootUrl, hits.slice(0, strong));
  weakerCards.show(rootUrl, weaker, strong);
  weakerLabel.textContent = matched ? plural(weaker.length, 'weaker page') : 'Show the nearest pages anyway';
  nearest.hidden = !weaker.length;
  nearest.open = false;
  columns.classList.toggle('pl-alone', !matched);
  announce(matched ? `${heading}. Use the arrow keys to move between them.` : `Nothing here matches “${query}”.`);
}

function nothing(query, within, count) {
  const ready = documents.some((document) => document.pages_indexed > 0);
  if (!ready && !indexing) return emptyLibrary();
  if (indexing) return message(`Nothing here matches “${query}” yet`, 'No page that is read so far answers this. The search is repeated when the rest is read.');
  const advice = within ? 'Try other words, or search all documents.' : 'No page in your library answers this. Try other words, or add the document that does.';
  return message(count ? `Nothing here matches “${query}”` : `Nothing found for “${query}”`, advice);
}

function drawFailure(error) {
  summary.hidden = true;
  nearest.hidden = true;
  cards.show(rootUrl, []);
  columns.classList.add('pl-alone');
  messageBox.replaceChildren(message('That did not work', error.message));
  announce(error.message);
}

/** Show a page; `document` is an id or, from a deep link, a name. */
async function open(document, page, { focus, scroll }) {
  const turn = ++opened;
  const query = found?.query ?? '';
  if (!found) setState('reading');
  markCards(document, page);
  try {
    const model = await ask('open_page', { document, page, query });
    if (turn !== opened) return;
    columns.classList.remove('pl-alone');
    viewer.show(model);
    ({ root: rootUrl } = model);
    markCards(model.document_id, model.page);
    writeLink(rootUrl, currentLink());
  } catch (error) {
    if (turn !== opened) return;
    viewer.clear();
    if (!found) {
      drawRest();
      setState('idle');
    }
    emit('toast', { text: error.message });
    return;
  }
  if (focus) viewer.focus();
  if (scroll && NARROW.matches) viewer.element.scrollIntoView({ behavior: MOTION, block: 'start' });
}

function focusCards(options) {
  (found.matched ? cards : weakerCards).focus(options);
}

function markCards(documentId, page) {
  for (const list of [cards, weakerCards]) list.mark(documentId, page);
}

async function judge(relevant) {
  const { query, document_id, page } = viewer.view;
  try {
    await ask('judge_page', { query, document_id, page, relevant });
    emit('toast', { text: relevant ? 'Kept as a right page' : 'Kept as a wrong page' });
    return true;
  } catch (error) {
    emit('toast', { text: error.message });
    return false;
  }
}

function backToResults() {
  if (found) {
    // On a desk the list scrolls for itself; on a telephone its own scrolling would stop the way back up.
    focusCards({ preventScroll: NARROW.matches });
    if (NARROW.matches) root.scrollIntoView({ behavior: MOTION, block: 'start' });
  } else reset();
}

function reset() {
  asked++;
  opened++;
  found = null;
  viewer.clear();
  root.classList.remove('pl-busy');
  if (rootUrl) writeLink(rootUrl, currentLink());
  drawField();
  drawRest();
  drawHint();
}

input.addEventListener('input', () => { if (input.value) drawField(); else reset(); });
listen('library', (state) => {
  const before = documents.map((document) => document.document_id + document.pages_indexed).join();
  ({ documents, indexing } = state);
  facet.show(documents);
  drawHint();
  const gone = viewer.view && !documents.some((document) => document.document_id === viewer.view.document_id);
  if (gone) viewer.clear();
  if (gone && found) search();
  else if (before !== documents.map((document) => document.document_id + document.pages_indexed).join()) drawRest();
});
listen('library-changed', async () => {
  try {
    takeOverview(await ask('overview'));
    drawRest();
    if (found && !found.matched) search();
  } catch {
    // The next visit asks again.
  }
});
listen('open-document', ({ document_id }) => {
  input.value = '';
  found = null;
  selectTab('pl-search');
  open(document_id, 1, { focus: true, scroll: true });
});

start();
