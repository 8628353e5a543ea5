// @ts-check
// The search tab: the question, the found pages, the opened document.

import { makeAnswers } from './answers.js';
import { afterPaint, h, MOTION, NARROW, t, told } from './dom.js';
import { makeExports } from './exports.js';
import { isFiltered, makeFacet } from './facet.js';
import { heedLibrary } from './heeding.js';
import { likeLabel, likePayload } from './like.js';
import { makeLights } from './lights.js';
import { makeOpening } from './opening.js';
import { makeQuestionBox } from './question_box.js';
import { makeReader } from './reader.js';
import { makeReadingHint } from './reading_hint.js';
import { linkOf, makeRestoring } from './restoring.js';
import { makeResults } from './results.js';
import { makeSavedSearches } from './saved_searches.js';
import { makeSearchLayout } from './search_layout.js';
import { makeStartPage } from './start_page.js';
import { keepVerdict } from './verdict.js';
import { nothingFound } from './welcome.js';

/** @typedef {import('./app.js').Link} Link @typedef {import('./cards.js').Hit} Hit @typedef {import('./results.js').Found} Found */

/** Pages that a search shows, and that "more" adds. */
const STEP = 12;

/**
 * @param {import('./app.js').App} app
 * @param {ReturnType<typeof import('./address.js').makeAddress>} address
 */
export function makeSearchTab(app, address) {
  /** @type {import('./library_state.js').LibraryDocument[]} */
  let documents = [];
  /** @type {{documents: number, pages_done: number, pages_total: number} | null} */
  let indexing = null;
  /** @type {Found | null} */
  let found = null;
  /** The example in place of a question. @type {import('./like.js').Like | null} */
  let like = null;
  let shown = STEP;
  let asked = 0;
  let isLoaded = false;
  let lacksOverview = false;
  const facet = makeFacet(() => { if (found) search({ example: like }); });
  const box = makeQuestionBox(app, facet.element, {
    onask: () => search(),
    onlike: (example) => search({ example }),
    ondrop: () => reset({ isHome: true }),
    onlist: () => {
      if (found?.hits.length) results.focus();
      return Boolean(found?.hits.length);
    },
    question: () => (found && !like ? found.query : ''),
  });
  const answers = makeAnswers(app);
  const saved = makeSavedSearches(app, () => ({ q: found?.query ?? '', documents: facet.names, only: facet.only }));
  const hint = makeReadingHint(() => { answers.forget(); searchAgain(); });
  const results = makeResults(app, {
    onopen: (hit, { focus, isPreview }) => opening.open(hit, { focus, isNew: !isPreview, isScrolling: !isPreview }),
    onplaces: () => lights.complete(),
    onmore: () => { shown += STEP; search({ query: found?.query, isNew: false, isLonger: true, isQuiet: true, example: like }); },
    onquery: (text) => search({ query: text }),
    tools: h('div', { class: 'pl-results-tools' }, saved.star, makeExports(app, { found: () => results.shown, opened: () => reader.view, complete: () => lights.complete(), documents: () => facet.chosen, only: () => facet.only, linkOf: (hit) => address.link({ ...link(), document: hit.document, page: hit.page, place: hit.place }) })),
  });
  const lights = makeLights(app, (hits) => results.light(hits));
  const reader = makeReader(app, {
    onpage: (page, { isScrolled }) => (isScrolled ? opening.scrolled(page) : reader.view && opening.open({ ...reader.view, page, place: undefined }, { isNew: true })),
    onplace: () => { write(false); opening.markCards(); },
    onjudge: async (relevant) => Boolean(reader.view) && keepVerdict(app, lights, /** @type {import('./reader.js').View} */ (reader.view), relevant),
    onback: back, onquery: (text) => search({ query: text }),
    onlike: (box) => { if (reader.view) search({ example: { document: reader.view.document, document_id: reader.view.document_id, page: reader.view.page, box } }); },
    onwhy: ({ document_id, page, query }) => app.ask('why_page', { document_id, page, query, like: like && likePayload(like), documents: facet.chosen, only: facet.only }),
    citation: () => `${reader.view?.document}, ${t('page small', { page: reader.view?.page ?? 0 })}. ${address.link(link())}`,
    backLabel: () => (found ? t('results') : t('start page')),
  });
  const opening = makeOpening(app, {
    reader, lights, results,
    now: () => ({ documents, found, like }),
    onopen: () => {
      asked++;
      layout.isBusy = false;
      layout.isAlone = false;
      if (!found) layout.setState('reading');
    },
    onsettled: () => { layout.title = reader.view?.document ?? ''; },
    onwrite: (isNew) => write(isNew),
    onlost: () => {
      app.emit('library-outdated');
      if (found) return;
      layout.setState('idle');
      drawRest();
      write(false);
    },
  });
  const restore = makeRestoring(app, {
    facet, search, reset,
    now: () => ({ documents, found, view: reader.view }),
    onopen: (page) => opening.open(page, { isNew: false, isScrolling: !found }),
    onread: leaveQuestion,
  });
  const layout = makeSearchLayout([box.element, hint.element], results.element, reader.element);
  const { element } = layout;
  const startPage = makeStartPage(app, {
    element: layout.welcome, box, saved, onstate: layout.setState,
    onopen: ({ document, document_id, pages }) => opening.open({ document, document_id, pages, page: 1 }, { focus: true, isNew: true, isScrolling: true }),
    onquery: (query) => search({ query }),
    onsaved: ({ q, documents: names, only }) => { facet.choose(names, only); search({ query: q }); },
  });

  /** What the address says. */
  const link = () => linkOf({ found, like, view: reader.view, documents, facet });

  /** While another tab is shown, the address is its own. */
  function write(isNew = true) {
    if (element.offsetParent) address.write(link(), { replace: !isNew });
  }

  async function start(/** @type {Link} */ first) {
    // What the address asks for need not wait for what the library holds.
    const early = first.tab === 'search' && first.q && !first.documents.length && !isFiltered(first.only) ? search({ query: first.q, wanted: first, isNew: false }) : null;
    try {
      takeOverview(await app.ask('overview'));
    } catch (error) {
      // What was asked meanwhile stays.
      lacksOverview = Boolean(early || asked);
      if (!lacksOverview) startPage.fail(/** @type {Error} */ (error), () => start(first));
      return;
    }
    if (early) await early;
    // Somebody may have been faster than the library.
    if (asked) return;
    // What is typed by now stays in the box.
    if (first.tab === 'search' && (first.q || first.document || first.like || first.picture)) await restore(first);
    else drawRest();
    if (!found && !reader.view && !NARROW.matches && element.offsetParent) box.focus({ preventScroll: true });
  }

  function takeOverview(/** @type {any} */ overview) {
    ({ documents, indexing } = overview);
    lacksOverview = false;
    box.limit = overview.limit;
    isLoaded = true;
    facet.show(documents);
    hint.draw(indexing, Boolean(found));
    startPage.fetchExamples().then(drawRest);
  }

  /** What is shown while no question is open. */
  function drawRest() {
    if (found || reader.view || layout.isBusy || !isLoaded) return;
    startPage.draw({ documents, indexing });
  }

  /**
   * Ask; the reply brings the wanted page of a link, or the best one, along.
   * @param {{query?: string, example?: import('./like.js').Like | null, wanted?: {document: string, page: number, place?: number[] | null} | null, isNew?: boolean, isLonger?: boolean, isQuiet?: boolean}} [how]
   *   example: in place of a question; isQuiet: nobody asked, and what they type stays
   */
  async function search({ query = box.text, example = null, wanted = null, isNew = true, isLonger = false, isQuiet = false } = {}) {
    if (example) query = likeLabel(example);
    if (!query) {
      reset({ isHome: true });
      return;
    }
    const turn = ++asked;
    opening.cancel();
    if (isNew) shown = STEP;
    like = example;
    if (!isQuiet) {
      box.show(query, like);
      box.leave();
    }
    layout.setState('results');
    if (!isLonger) layout.isBusy = true;
    if (!found) results.wait();
    if (!found && !reader.view) layout.isAlone = true;
    const isWanted = Boolean(wanted?.document && wanted.page);
    try {
      const reply = await answers.get({ query, like, documents: facet.chosen, only: facet.only, count: shown, wanted: isWanted ? wanted : null, isComplete: results.view === 'places' });
      if (turn !== asked) return;
      take(reply, { isNew: !isLonger, isWanted, isQuiet, place: wanted?.place ?? undefined });
      if (!isLonger) write(isNew);
      if (reply.matched && !like) saved.remember(query);
    } catch (error) {
      // What nobody asked for takes nothing away.
      if (turn !== asked || (isQuiet && !isLonger)) return;
      found = null;
      reader.clear();
      layout.isAlone = true;
      results.fail(/** @type {Error} */ (error), () => search({ query, example, wanted, isNew: false }));
    } finally {
      if (turn === asked) layout.isBusy = false;
    }
  }

  /** What is shown is of a library that has changed since: the page that is read stays, where it is still there. */
  function searchAgain() {
    if (!found) return;
    const [{ query }, { view }] = [found, reader];
    search({ query, example: like, wanted: view && { document: view.document_id, page: view.page }, isNew: false, isQuiet: true });
  }

  function take(/** @type {any} */ reply, { isNew = true, isWanted = false, isQuiet = false, place = /** @type {number[] | undefined} */ (undefined) } = {}) {
    found = reply;
    if ('indexing' in reply) ({ indexing } = reply);
    const { hits, matched, query, page } = reply;
    if (isNew) lights.begin({ query, like: like && likePayload(like) }, hits, page);
    else lights.extend(hits);
    const inside = facet.text ? ` ${t('in', { where: facet.text })}` : '';
    layout.isAlone = !matched && !page;
    const isEmpty = isLoaded && !indexing && !documents.some((document) => document.pages_indexed > 0);
    const nothing = () => nothingFound(app, { query, isEmpty, isLike: Boolean(like), isReading: Boolean(indexing), isInside: Boolean(inside), weak: hits.length, onall: () => { facet.choose([]); search({ query }); } });
    results.show(reply, inside, matched ? null : nothing(), isNew && !isQuiet);
    hint.draw(indexing, Boolean(found));
    saved.draw(!like);
    // The rest comes while somebody looks at what there is.
    if (matched || !isNew) afterPaint(opening.fetchAhead);
    if (!isNew) {
      opening.markCards();
      return;
    }
    const hit = page && hits.find((/** @type {Hit} */ each) => each.document_id === page.document_id && each.page === page.page);
    const { view } = reader;
    const isOpen = isQuiet && view && page?.document === view.document && page.document_id === view.document_id && page.page === view.page;
    if (page && !isOpen && (matched || isWanted)) reader.open({ ...page, place }, hit?.regions ?? page.heatmap?.regions ?? []);
    if (page && (matched || isWanted)) reader.take(page, { isScrolled: Boolean(isOpen) });
    else reader.clear();
    opening.settle();
    opening.markCards();
    if (reply.missing) app.toast(told(reply.missing));
  }

  function leaveQuestion() {
    found = null;
    like = null;
    box.show('');
  }

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
    opening.cancel();
    leaveQuestion();
    reader.clear();
    layout.isBusy = false;
    if (isHome) {
      facet.choose([]);
      write();
    }
    drawRest();
    hint.draw(indexing, Boolean(found));
  }

  app.listen('mark-cards', opening.markCards);
  heedLibrary(app, {
    element, reader,
    now: () => ({ documents, found }),
    ontake: (state) => {
      ({ documents, indexing } = state);
      isLoaded = true;
      hint.draw(indexing, Boolean(found));
      if (lacksOverview) app.ask('overview').then(takeOverview, () => {});
    },
    onother: () => {
      facet.show(documents);
      answers.forget();
    },
    onread: () => {
      answers.forget();
      startPage.fetchExamples().then(drawRest);
    },
    onagain: searchAgain,
    onrest: drawRest,
  });
  app.listen('open-document', ({ document_id }) => {
    leaveQuestion();
    app.emit('show-tab', { tab: 'search', isNew: false });
    opening.open({ document_id, page: 1 }, { focus: true, isNew: true, isScrolling: true });
  });

  return {
    element, start, restore, reset, link,
    onkey: reader.onkey,
    /** The tab is shown: sizes can be told again. */
    shown: () => box.draw(),
    focus: box.selectAll,
  };
}
