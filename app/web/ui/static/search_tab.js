// @ts-check
// The search tab: the question, the found pages, the opened document.

import { afterPaint, button, h, isShown, linkButton, message, MOTION, NARROW, stored, t, told, TOUCH, whenIdle } from './dom.js';
import { makeExports } from './exports.js';
import { EVERYTHING, isFiltered, makeFacet } from './facet.js';
import { icon, iconButton } from './icons.js';
import { likeChip, likeLabel, likeOf, likePayload, pictureIn } from './like.js';
import { makeLights } from './lights.js';
import { makeReader } from './reader.js';
import { makeResults } from './results.js';
import { coverShelf, emptyLibrary, queryChips, savedChips } from './welcome.js';

/** @typedef {import('./app.js').Link} Link @typedef {import('./cards.js').Hit} Hit @typedef {import('./results.js').Found} Found */

const RECENT_KEY = 'pagelight-recent';
const MOST_RECENT = 5;
const SAVED_KEY = 'pagelight-saved';
const MOST_SAVED = 30;
/** Pages that a search shows, and that "more" adds. */
const STEP = 12;
/** Searches that Back finds again without asking. */
const MOST_KEPT = 20;
/** Milliseconds after opening, until the rest of the document is asked for its matches. */
const MATCHES_AFTER = 400;
/** Cards after the opened one whose pictures are fetched before they are looked at. */
const MOST_AHEAD = 3;
/** Milliseconds of rest before the address follows the scrolling. */
const ADDRESS_AFTER = 300;


/**
 * @param {import('./app.js').App} app
 * @param {ReturnType<typeof import('./address.js').makeAddress>} address
 */
export function makeSearchTab(app, address) {
  /** @type {import('./library_state.js').LibraryDocument[]} */
  let documents = [];
  /** @type {string[]} */
  let examples = [];
  /** @type {{documents: number, pages_done: number, pages_total: number} | null} */
  let indexing = null;
  /** @type {Found | null} */
  let found = null;
  /** The example in place of a question. @type {import('./like.js').Like | null} */
  let like = null;
  let shown = STEP;
  let asked = 0;
  let opened = 0;
  let isLoaded = false;
  let timer = 0;
  let matchesTimer = 0;
  /** @type {Map<string, Found & {page: any}>} */
  const kept = new Map();

  const input = h('input', {
    type: 'search', class: 'pl-ask-input', placeholder: t('what are you looking for'), 'aria-label': t('search the pages'),
    autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search',
  });
  const slash = h('kbd', { class: 'pl-slash', title: t('press slash'), 'aria-hidden': 'true' }, '/');
  const clearButton = iconButton('close', t('clear'), () => { input.value = ''; drawField(); input.focus(); }, { hidden: true });
  const submit = h('button', { type: 'submit', class: 'pl-button pl-primary', 'aria-label': t('search verb') }, h('span', {}, t('search verb')), icon('search'));
  const likeBox = h('span', { class: 'pl-like-box', hidden: true });
  const chooser = h('input', { type: 'file', accept: 'image/*', class: 'pl-unseen', tabindex: '-1', 'aria-hidden': 'true', onchange: () => { searchPicture(chooser.files?.[0] ?? null); chooser.value = ''; } });
  const pictureButton = iconButton('image', t('search picture'), () => chooser.click());
  const facet = makeFacet(() => { if (found) search({ example: like }); });
  const suggestions = h('div', { class: 'pl-suggestions' });
  const hello = h('h1', { class: 'pl-hello' }, t('ask your documents'));
  const form = h('form', { class: 'pl-ask', role: 'search', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); search(); } },
    hello, h('div', { class: 'pl-ask-row' }, h('div', { class: 'pl-ask-field' }, icon('search'), likeBox, input, slash, clearButton, pictureButton, submit, chooser), facet.element), suggestions);
  const hintText = h('span', {});
  const hintAgain = linkButton(t('search again'), () => { kept.clear(); search({ isNew: false, example: like }); });
  const hint = h('div', { class: 'pl-hint', hidden: true }, h('span', { class: 'pl-pulse', 'aria-hidden': 'true' }), hintText, hintAgain);
  const saveButton = iconButton('star', t('save search'), () => toggleSaved(), { 'aria-pressed': 'false' });
  const results = makeResults(app, {
    onopen: (hit, { focus, isPreview }) => open(hit, { focus, isNew: !isPreview, isScrolling: !isPreview }),
    onplaces: () => lights.complete(),
    onmore: () => { shown += STEP; search({ isNew: false, isLonger: true, example: like }); },
    onquery: (text) => { input.value = text; search(); },
    tools: h('div', { class: 'pl-results-tools' }, saveButton, makeExports(app, { found: () => results.shown, opened: () => reader.view, complete: () => lights.complete(), documents: () => facet.chosen, only: () => facet.only, linkOf: (hit) => address.link({ ...link(), document: hit.document, page: hit.page }) })),
  });
  const lights = makeLights(app, (hits) => results.light(hits));
  const reader = makeReader(app, {
    onpage: (page, { isScrolled }) => (isScrolled ? scrolled(page) : reader.view && open({ ...reader.view, page, place: undefined }, { isNew: true })),
    onjudge: judge,
    onback: back,
    onquery: (text) => { input.value = text; search(); },
    onlike: (box) => { if (reader.view) search({ example: { document: reader.view.document, document_id: reader.view.document_id, page: reader.view.page, box } }); },
    onwhy: ({ document_id, page, query }) => app.ask('why_page', { document_id, page, query, like: like && likePayload(like), documents: facet.chosen, only: facet.only }),
    citation: () => `${reader.view?.document}, ${t('page small', { page: reader.view?.page ?? 0 })}. ${address.link(link())}`,
    backLabel: () => (found ? t('results') : t('start page')),
  });
  const readingTitle = h('h1', { class: 'pl-unseen pl-reading-title' });
  const columns = h('div', { class: 'pl-columns' }, results.element, reader.element);
  const welcome = h('div', { class: 'pl-welcome' });
  const element = h('div', { class: 'pl-search', 'data-state': 'loading' }, form, hint, readingTitle, columns, welcome);

  /** loading, empty (no documents), idle (nothing asked), results, or reading (a document without a question). */
  function setState(/** @type {string} */ state) {
    element.dataset.state = state;
    readingTitle.hidden = state !== 'reading';
  }

  /** What the address says. */
  function link() {
    const { view } = reader;
    const twins = view ? documents.filter((document) => document.document === view.document).length : 0;
    return {
      tab: /** @type {const} */ ('search'), q: found && !like ? found.query : '', like: found && like && !('picture' in like) ? like : null,
      picture: found && like && 'picture' in like ? like : null,
      document: view ? (twins > 1 ? view.document_id : view.document) : '', page: view?.page ?? 0,
      documents: found ? facet.names : [],
      only: found ? facet.only : EVERYTHING,
    };
  }

  const write = (isNew = true) => address.write(link(), { replace: !isNew });

  // Start and rest

  async function start(/** @type {Link} */ first) {
    // What the address asks for need not wait for what the library holds.
    const early = first.tab === 'search' && first.q && !first.documents.length && !isFiltered(first.only) ? search({ query: first.q, wanted: first, isNew: false }) : null;
    try {
      takeOverview(await app.ask('overview'));
    } catch (error) {
      if (early) return;
      setState('idle');
      welcome.replaceChildren(message(t('not ready'), /** @type {Error} */ (error).message, button(t('try again'), () => start(first))));
      return;
    }
    if (early) await early;
    // Somebody may have been faster than the library.
    if (asked || opened) return;
    // What is typed by now stays in the box.
    if (first.tab === 'search' && (first.q || first.document || first.like || first.picture)) await restore(first);
    else drawRest();
    if (!found && !reader.view && !NARROW.matches && element.offsetParent) input.focus({ preventScroll: true });
  }

  function takeOverview(/** @type {any} */ overview) {
    ({ documents, indexing } = overview);
    input.maxLength = overview.limit;
    isLoaded = true;
    facet.show(documents);
    drawHint();
    fetchExamples();
  }

  async function fetchExamples() {
    try {
      ({ examples } = await app.ask('examples'));
      drawRest();
    } catch {
      // Nothing to start with is no failure.
    }
  }

  /** What is shown while no question is open. */
  function drawRest() {
    if (found || reader.view || element.classList.contains('pl-busy') || !isLoaded) return;
    const isReady = documents.some((document) => document.pages_indexed > 0);
    setState(isReady || indexing ? 'idle' : 'empty');
    const recent = /** @type {string[]} */ (stored.get(RECENT_KEY, []));
    const ask = (/** @type {string} */ text) => { input.value = text; search(); };
    const saved = savedSearches();
    suggestions.replaceChildren(...[saved.length && isReady && savedChips(saved, { onopen: restoreSaved, onforget: forget }), examples.length && queryChips(t('try'), examples, ask), recent.length && isReady && queryChips(t('recent'), recent, ask)].filter(Boolean));
    if (isReady) welcome.replaceChildren(coverShelf(app, documents, (document) => open({ ...document, page: 1 }, { focus: true, isNew: true, isScrolling: true })));
    else welcome.replaceChildren(indexing ? message(t('reading your documents'), t('reading your documents text')) : emptyLibrary(app));
  }

  function drawField() {
    slash.hidden = Boolean(input.value || like);
    clearButton.hidden = !input.value;
    likeBox.hidden = !like;
    likeBox.replaceChildren(...(like ? [likeChip(app, like, () => { reset({ isHome: true }); input.focus(); })] : []));
    input.placeholder = like ? '' : t('what are you looking for');
  }

  function drawHint() {
    hint.hidden = !indexing;
    if (!indexing) return;
    const progress = indexing.pages_total ? t('pages of', { done: indexing.pages_done, count: indexing.pages_total }) : t('count pages', { count: indexing.pages_done });
    hintText.textContent = `${t('still reading', { count: indexing.documents, progress })} ${found ? t('results so far') : t('searchable already')}`;
    hintAgain.hidden = !found;
  }

  // Searching

  /**
   * Ask; the reply brings the wanted page of a link, or the best one, along.
   * @param {{query?: string, example?: import('./like.js').Like | null, wanted?: {document: string, page: number} | null, isNew?: boolean, isLonger?: boolean}} [how]
   *   example: in place of a question
   */
  async function search({ query = input.value.trim(), example = null, wanted = null, isNew = true, isLonger = false } = {}) {
    if (example) query = likeLabel(example);
    if (!query) {
      reset({ isHome: true });
      return;
    }
    const turn = ++asked;
    opened++;
    if (isNew) shown = STEP;
    like = example;
    input.value = like ? '' : query;
    drawField();
    if (TOUCH.matches) input.blur(); // its keyboard would cover the results
    setState('results');
    if (!isLonger) element.classList.add('pl-busy');
    const isWanted = Boolean(wanted?.document && wanted.page);
    const key = JSON.stringify([query, like, facet.chosen, facet.only, shown]);
    try {
      let reply = kept.get(key);
      if (!reply || (isWanted && (reply.page?.document !== wanted?.document || reply.page?.page !== wanted?.page))) {
        const asking = { documents: facet.chosen, only: facet.only, count: shown, open: isWanted ? wanted : null, complete: results.view === 'places' };
        reply = like ? likened(await app.ask('find_like', { ...asking, like: likePayload(like) }), query) : await app.ask('find_pages', { ...asking, query });
        keep(key, /** @type {any} */ (reply));
      }
      if (turn !== asked || !reply) return;
      take(reply, { isNew: !isLonger, isWanted });
      if (!isLonger) write(isNew);
      remember(reply);
    } catch (error) {
      if (turn !== asked) return;
      found = null;
      reader.clear();
      columns.classList.add('pl-alone');
      results.fail(/** @type {Error} */ (error), () => search({ query, example, wanted, isNew: false }));
    } finally {
      if (turn === asked) element.classList.remove('pl-busy');
    }
  }

  /** The results of an example under its own name. */
  function likened(/** @type {any} */ reply, /** @type {string} */ query) {
    return { ...reply, query, like, page: reply.page && { ...reply.page, query, isLike: true } };
  }

  async function searchPicture(/** @type {File | null} */ file) {
    if (!file) return;
    try {
      await search({ example: await likeOf(file) });
    } catch {
      app.toast(t('no such picture'));
    }
  }

  function keep(/** @type {string} */ key, /** @type {Found & {page: any}} */ reply) {
    kept.delete(key);
    kept.set(key, reply);
    if (kept.size > MOST_KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
  }

  function remember(/** @type {Found} */ { query, matched }) {
    if (!matched || like) return;
    const recent = /** @type {string[]} */ (stored.get(RECENT_KEY, []));
    stored.set(RECENT_KEY, [query, ...recent.filter((text) => text !== query)].slice(0, MOST_RECENT));
  }

  const savedSearches = () => /** @type {import('./welcome.js').Saved[]} */ (stored.get(SAVED_KEY, []));
  const present = () => ({ q: found?.query ?? '', documents: facet.names, only: facet.only });
  const isSame = (/** @type {import('./welcome.js').Saved} */ one, /** @type {import('./welcome.js').Saved} */ other) => JSON.stringify(one) === JSON.stringify(other);

  /** Keep the present search in this browser, or let it go. */
  function toggleSaved() {
    const now = present();
    const others = savedSearches().filter((saved) => !isSame(saved, now));
    stored.set(SAVED_KEY, others.length < savedSearches().length ? others : [now, ...others].slice(0, MOST_SAVED));
    drawSaved();
    app.announce(t(saveButton.getAttribute('aria-pressed') === 'true' ? 'search saved' : 'search forgotten'));
  }

  function drawSaved() {
    saveButton.hidden = Boolean(like);
    saveButton.setAttribute('aria-pressed', String(savedSearches().some((saved) => isSame(saved, present()))));
  }

  function restoreSaved(/** @type {import('./welcome.js').Saved} */ { q, documents: names, only }) {
    facet.choose(names, only);
    search({ query: q });
  }

  function forget(/** @type {import('./welcome.js').Saved} */ one) {
    stored.set(SAVED_KEY, savedSearches().filter((saved) => !isSame(saved, one)));
    drawRest();
    input.focus();
  }

  function take(/** @type {any} */ reply, { isNew = true, isWanted = false } = {}) {
    found = reply;
    if ('indexing' in reply) ({ indexing } = reply);
    const { hits, matched, query, page } = reply;
    if (isNew) lights.begin({ query, like: like && likePayload(like) }, hits, page);
    else lights.extend(hits);
    const inside = facet.text ? ` ${t('in', { where: facet.text })}` : '';
    columns.classList.toggle('pl-alone', !matched && !page);
    results.show(reply, inside, matched ? null : nothing(query, inside, hits.length), isNew);
    drawHint();
    drawSaved();
    // The rest comes while somebody looks at what there is.
    if (matched || !isNew) afterPaint(fetchAhead);
    if (!isNew) {
      markCards();
      return;
    }
    const hit = page && hits.find((/** @type {Hit} */ each) => each.document_id === page.document_id && each.page === page.page);
    if (page && (matched || isWanted)) {
      reader.open(page, hit?.regions ?? page.heatmap?.regions ?? []);
      reader.take(page);
      settle();
    } else reader.clear();
    markCards();
    if (reply.missing) app.toast(told(reply.missing));
  }

  /** Light and pictures of the pages that may be looked at next. */
  async function fetchAhead() {
    const present = found;
    await lights.goOn();
    if (found !== present || !found || !isShown(element)) return;
    const at = found.hits.findIndex((hit) => hit.document_id === reader.view?.document_id && hit.page === reader.view?.page);
    for (const hit of found.hits.slice(at + 1, at + 1 + MOST_AHEAD)) if (hit.level !== 'none') reader.fetchAhead(hit.document_id, hit.page);
  }

  function nothing(/** @type {string} */ query, /** @type {string} */ inside, /** @type {number} */ weak) {
    const isReady = documents.some((document) => document.pages_indexed > 0);
    if (!isReady && !indexing && isLoaded) return emptyLibrary(app, 'h2');
    if (like) return message(t('nothing like it'), t('nothing like it text'));
    if (indexing) return message(t('nothing matches yet', { query }), t('nothing matches yet text'));
    return message(weak ? t('nothing matches', { query }) : t('nothing found', { query }), inside ? t('search elsewhere') : t('try other words'), inside && button(t('search all'), () => { facet.choose([]); search({ query }); }));
  }

  // Opening

  /**
   * Show a page at once with what is known of it, and fetch the rest.
   * @param {{document?: string, document_id?: string, pages?: number, page: number, regions?: import('./cards.js').Region[] | null, place?: number[]}} wanted
   * @param {{focus?: boolean, isNew?: boolean, isScrolling?: boolean}} how isNew: an entry of the history of its own
   */
  async function open(wanted, { focus = false, isNew = true, isScrolling = false } = {}) {
    const turn = ++opened;
    asked++;
    element.classList.remove('pl-busy');
    const query = found?.query ?? '';
    const known = documents.find((document) => document.document_id === wanted.document_id) ?? documents.find((document) => document.document === wanted.document);
    if (known?.pages && wanted.page > known.pages) {
      app.toast(t('said no page', { page: wanted.page, document: known.document, pages: known.pages }));
      wanted = { ...wanted, page: known.pages };
    }
    columns.classList.remove('pl-alone');
    if (!found) setState('reading');
    const isAlike = found && like ? likePayload(like) : null;
    const isOpen = known && reader.view?.document_id === known.document_id && reader.view.query === query;
    const lit = known && lights.get(known.document_id, wanted.page, query);
    if (known) reader.fetchNow(known.document_id, wanted.page);
    // Asked for before anything is drawn, which takes as long.
    const coming = lit || (isOpen && reader.has(wanted.page)) ? null : lights.ask({ document: wanted.document_id ?? wanted.document, page: wanted.page, query, like: isAlike });
    if (known) {
      reader.open({ document: known.document, document_id: known.document_id, pages: known.pages, page: wanted.page, query, isLike: Boolean(like), place: wanted.place }, wanted.place ? regionsOf(known.document_id, wanted.page) : wanted.regions ?? regionsOf(known.document_id, wanted.page));
      if (lit) reader.take(lit);
      write(isNew);
      settle();
    }
    markCards();
    if (focus) reader.focus();
    if (isScrolling && NARROW.matches) reader.element.scrollIntoView({ behavior: MOTION, block: 'start' });
    if (!coming) {
      whenIdle(fetchAhead);
      return;
    }
    try {
      const model = await coming;
      if (turn !== opened || !model) return;
      lights.keep(model);
      if (!known) {
        reader.open(model);
        write(isNew);
        settle();
      }
      reader.take(model);
      markCards();
      whenIdle(fetchAhead);
    } catch (error) {
      if (turn !== opened) return;
      const { message: text, status } = /** @type {Error & {status?: number}} */ (error);
      if (known && status !== 404) {
        reader.setNote(text, true);
        return;
      }
      reader.clear();
      if (!found) {
        setState('idle');
        drawRest();
        write(false);
      }
      app.toast(text);
    }
  }

  const regionsOf = (/** @type {string} */ documentId, /** @type {number} */ page) => found?.hits.find((hit) => hit.document_id === documentId && hit.page === page)?.regions ?? [];

  /** The reader was scrolled to another page: its light follows, and the address, without an entry for each. */
  async function scrolled(/** @type {number} */ page) {
    const turn = ++opened;
    markCards();
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      if (turn !== opened || !reader.view) return;
      write(false);
      const { query, document_id } = reader.view;
      if (!query || reader.has(page)) return;
      try {
        const model = lights.get(document_id, page, query) ?? await lights.ask({ document: document_id, page, query, like: like ? likePayload(like) : null });
        if (turn !== opened || !model) return;
        lights.keep(model);
        reader.take(model, { isScrolled: true });
      } catch {
        // The page can be read without its light.
      }
    }, ADDRESS_AFTER);
  }

  /** After a page was opened: the reading title, and where else in the document it matches. */
  function settle() {
    const { view } = reader;
    if (!view) return;
    readingTitle.textContent = view.document;
    if (!found) return;
    const { query } = found;
    const known = new Map(found.hits.filter((hit) => hit.document_id === view.document_id && hit.level !== 'none').map((hit) => [hit.page, { strength: hit.shown, level: hit.level }]));
    reader.setMatches(known);
    clearTimeout(matchesTimer);
    if (view.pages < 2 || like) return;
    const { document_id } = view;
    matchesTimer = window.setTimeout(async () => {
      try {
        const { pages } = await app.ask('matching_pages', { query, document_id });
        if (reader.view?.document_id === document_id && found?.query === query) reader.setMatches(new Map([...pages.map((/** @type {[number, number, import('./cards.js').Level]} */ [page, strength, level]) => [page, { strength, level }]), ...known]));
      } catch {
        // The found pages are marked already.
      }
    }, MATCHES_AFTER);
  }

  function markCards() {
    if (reader.view) results.mark(reader.view.document_id, reader.view.page, reader.view.place);
  }

  async function judge(/** @type {boolean | null} */ relevant) {
    const { query, document_id, page } = /** @type {NonNullable<typeof reader.view>} */ (reader.view);
    try {
      await app.ask('judge_page', { query, document_id, page, relevant });
      const lit = lights.get(document_id, page, query);
      if (lit) lit.relevant = relevant;
      app.toast(relevant === null ? t('judged none') : relevant ? t('judged yes') : t('judged no'));
      return true;
    } catch (error) {
      app.toast(/** @type {Error} */ (error).message);
      return false;
    }
  }

  // Going back

  function back() {
    if (!found) {
      reset({ isHome: true });
      return;
    }
    // On a desk the list scrolls for itself; on a telephone its own scrolling would stop the way back up.
    results.focus({ preventScroll: NARROW.matches });
    if (NARROW.matches) element.scrollIntoView({ behavior: MOTION, block: 'start' });
  }

  /** Nothing asked and nothing open. */
  function reset({ isHome = false } = {}) {
    asked++;
    opened++;
    found = null;
    like = null;
    clearTimeout(matchesTimer);
    reader.clear();
    input.value = '';
    element.classList.remove('pl-busy');
    if (isHome) {
      facet.choose([]);
      write();
    }
    drawField();
    drawRest();
    drawHint();
  }

  /** Show what an address says. */
  async function restore(/** @type {Link} */ state) {
    facet.choose(state.documents, state.only);
    const { view } = reader;
    const isThere = found?.query === state.q && view && (view.document === state.document || view.document_id === state.document);
    const lost = state.documents.find((name) => !documents.some((one) => one.document_id === name || one.document === name));
    if (lost) app.toast(t('said no document', { name: t('quoted', { text: lost }) }));
    if (state.picture) await search({ example: state.picture, wanted: state.document ? state : null, isNew: false });
    else if (state.like) {
      const { document, page, box } = state.like;
      const document_id = documents.find((one) => one.document_id === document || one.document === document)?.document_id ?? document;
      await search({ example: { document, document_id, page, box }, wanted: state.document ? state : null, isNew: false });
    } else if (state.q && isThere && state.page) await open({ ...view, page: state.page }, { isNew: false });
    else if (state.q) await search({ query: state.q, wanted: state, isNew: false });
    else if (state.document) {
      found = null;
      like = null;
      input.value = '';
      drawField();
      await open({ document: state.document, document_id: documents.find((document) => document.document_id === state.document)?.document_id, page: state.page }, { isNew: false, isScrolling: true });
    } else reset();
  }

  // The box keeps what was asked: Escape in it brings the question back, and never takes the results away.
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'ArrowDown' && found?.hits.length) {
      event.preventDefault();
      results.focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      input.value = found && !like ? found.query : '';
      drawField();
      input.blur();
    }
  });
  input.addEventListener('input', drawField);
  input.addEventListener('paste', (/** @type {ClipboardEvent} */ event) => {
    const file = pictureIn(event.clipboardData);
    if (!file) return;
    event.preventDefault();
    searchPicture(file);
  });
  // A picture that is dropped on the box is a question; anywhere else it is a document to add.
  form.addEventListener('drop', (/** @type {DragEvent} */ event) => {
    const file = pictureIn(event.dataTransfer);
    if (!file) return;
    event.preventDefault();
    searchPicture(file);
  });

  app.listen('mark-cards', markCards);
  app.listen('library', (state) => {
    const stamp = (/** @type {typeof documents} */ all) => all.map((document) => document.document_id + document.pages_indexed).join();
    if (state.failure) return;
    const isOther = stamp(documents) !== stamp(state.documents);
    ({ documents, indexing } = state);
    isLoaded = true;
    drawHint();
    if (!isOther) return;
    facet.show(documents);
    kept.clear();
    const { view } = reader;
    const isGone = view && !documents.some((document) => document.document_id === view.document_id);
    if (isGone) reader.clear();
    if (isGone && found) search({ isNew: false, example: like });
    else drawRest();
  });
  app.listen('library-changed', () => {
    kept.clear();
    fetchExamples();
    if (found && !found.matched) search({ isNew: false, example: like });
  });
  app.listen('open-document', ({ document_id }) => {
    found = null;
    like = null;
    input.value = '';
    drawField();
    app.emit('show-tab', { tab: 'search', isNew: false });
    open({ document_id, page: 1 }, { focus: true, isNew: true, isScrolling: true });
  });

  return {
    element,
    start,
    restore,
    reset,
    link,
    /** The tab is shown: sizes can be told again. */
    shown() { drawField(); },
    focus() {
      input.focus();
      input.select();
    },
  };
}
