// @ts-check
// The search tab: the question, the found pages, the opened document.

import { makeAnswers } from './answers.js';
import { makeAsking } from './asking.js';
import { makeBeginning } from './beginning.js';
import { afterPaint, h, motion, NARROW, t, told } from './dom.js';
import { makeExports } from './exports.js';
import { makeFacet } from './facet.js';
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
  /** The example that was found with, in place of a question. @type {import('./like.js').Like | null} */
  let like = null;
  let shown = STEP;
  let isLoaded = false;
  const facet = makeFacet(() => { if (found || asking.awaited) search({ example: asking.awaited ? asking.awaited.example : like }); });
  const box = makeQuestionBox(app, facet.element, {
    onask: () => search(), onlike: (example) => search({ example }),
    proposals: () => startPage.proposals(documents),
    ondrop: () => reset({ isHome: true }),
    onlist: () => {
      if (found?.hits.length) results.focus();
      return Boolean(found?.hits.length);
    },
    question: () => (asking.awaited?.example || (!asking.awaited && like) ? '' : (asking.awaited ?? found)?.query ?? ''),
  });
  const answers = makeAnswers(app);
  const saved = makeSavedSearches(app, () => ({ q: found?.query ?? '', documents: facet.names, only: facet.only }));
  const hint = makeReadingHint(() => { answers.forget(); searchAgain(); });
  const results = makeResults(app, {
    onopen: (hit, { focus, isPreview }) => opening.open(hit, { focus, isNew: !isPreview, isScrolling: !isPreview }),
    onplaces: () => lights.complete(),
    onmore: () => { shown += STEP; return search({ query: found?.query, isNew: false, isLonger: true, isQuiet: true, example: like }); },
    onquery: (text) => search({ query: text }),
    tools: h('div', { class: 'pl-results-tools' }, saved.star, makeExports(app, { found: () => results.shown, opened: () => reader.view, complete: () => lights.complete(), documents: () => facet.chosen, only: () => facet.only, linkOf: (hit) => address.link({ ...link(), document: hit.document, page: hit.page, place: hit.place }) })),
  });
  const lights = makeLights(app, (hits) => results.light(hits));
  const reader = makeReader(app, {
    onpage: (page, { isScrolled }) => (isScrolled ? opening.scrolled(page) : reader.view && opening.open({ ...reader.view, page, place: undefined }, { isNew: true })),
    onplace: () => { write(false); opening.markCards(); },
    onjudge: (judged, relevant) => keepVerdict(app, lights, judged, relevant),
    onback: back, onquery: (text) => search({ query: text }),
    onlike: (box, page) => { if (reader.view) search({ example: { document: reader.view.document, document_id: reader.view.document_id, page: page ?? reader.view.page, box } }); },
    onwhy: ({ document_id, page, query }) => app.ask('why_page', { document_id, page, query, like: like && likePayload(like), documents: facet.chosen, only: facet.only }),
    citation: () => `${reader.view?.document}, ${t('page small', { page: reader.view?.page ?? 0 })}. ${address.link(link())}`,
    backLabel: () => (found ? t('results') : t('start page')),
  });
  const opening = makeOpening(app, {
    reader, lights, results,
    now: () => ({ documents, found, like }),
    onopen: () => {
      layout.isBusy = false;
      layout.isAlone = false;
      if (asking.awaited) box.show(found?.query ?? '', like);
      asking.drop();
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

  const beginning = makeBeginning(app, {
    search, restore,
    isTouched: () => asking.isTouched,
    ontake: takeOverview,
    onfail: startPage.fail,
    onend: (isShown) => {
      if (!isShown) drawRest();
      // What is typed or gone to by now stays.
      const isFree = document.activeElement === document.body || !document.activeElement;
      if (!found && !reader.view && !NARROW.matches && element.offsetParent && isFree) box.focus({ preventScroll: true });
    },
  });

  function takeOverview(/** @type {any} */ overview) {
    if (!isLoaded) ({ documents, indexing } = overview); // else there is newer word
    box.limit = overview.limit;
    isLoaded = true;
    facet.show(documents);
    hint.draw(indexing, Boolean(found));
    startPage.fetchExamples().then(drawRest);
  }

  /** What is shown while no question is open. */
  function drawRest() {
    // A question stays, though it could not be answered.
    if (found || reader.view || layout.state === 'results' || !isLoaded) return;
    startPage.draw({ documents, indexing });
  }

  const asking = makeAsking({
    ask: ({ query, example, wanted }) => answers.get({ query, like: example, documents: facet.chosen, only: facet.only, count: shown, wanted, isComplete: results.view === 'places' }),
    onask: ({ query, example, isLonger, isQuiet }) => {
      if (!isQuiet) {
        opening.cancel();
        box.show(query, example);
        box.leave();
      }
      layout.setState('results');
      if (isLonger) return;
      layout.isBusy = true;
      if (!found) results.wait();
      if (!found && !reader.view) layout.isAlone = true;
    },
    onanswer: (answer, asked) => {
      like = asked.example;
      take(answer, asked);
      if (!asked.isLonger) write(asked.isNew);
      if (answer.matched && !like) saved.remember(asked.query);
    },
    onfail: (error, asked) => {
      if (asked.isLonger) {
        shown -= STEP;
        app.toast(error.message);
      }
      // What nobody asked for takes nothing away.
      if (asked.isQuiet) return;
      found = null;
      like = null;
      reader.clear();
      layout.isAlone = true;
      results.fail(error, () => search({ ...asked, isNew: false }));
    },
    onend: ({ isLonger }) => { if (!isLonger) layout.isBusy = false; },
    onoutdated: searchAgain,
  });

  /** Ask; the reply brings the wanted page of a link, or the best one, along. @param {Partial<import('./asking.js').Asked>} [how] */
  async function search({ query = box.text, example = null, wanted = null, isNew = true, isLonger = false, isQuiet = false } = {}) {
    if (example) query = likeLabel(example);
    if (isNew) shown = STEP;
    if (query) await asking.search({ query, example, wanted: wanted?.document && wanted.page ? wanted : null, isNew, isLonger, isQuiet });
    else reset({ isHome: true });
  }

  /** What is shown is of a library that has changed since: the page that is read stays, where it is still there. */
  function searchAgain() {
    if (!found || !asking.isFree()) return;
    const [{ query }, { view }] = [found, reader];
    search({ query, example: like, wanted: view && { document: view.document_id, page: view.page }, isNew: false, isQuiet: true });
  }

  function take(/** @type {any} */ reply, /** @type {import('./asking.js').Asked} */ { wanted, isLonger, isQuiet }) {
    found = reply;
    if ('indexing' in reply) ({ indexing } = reply);
    const { hits, matched, query, page } = reply;
    if (!isLonger) lights.begin({ query, like: like && likePayload(like) }, hits, page);
    else lights.extend(hits);
    const inside = facet.text ? ` ${t('in', { where: facet.text })}` : '';
    const { view } = reader;
    const isAt = (/** @type {string} */ document, /** @type {number} */ at) => view?.page === at && (view.document_id === document || view.document === document);
    // Whoever went on to another page since it was asked stays there.
    const isElsewhere = isQuiet && view && !(wanted && isAt(wanted.document, wanted.page));
    layout.isAlone = !matched && !page && !isElsewhere;
    const isEmpty = isLoaded && !indexing && !documents.some((document) => document.pages_indexed > 0);
    const nothing = () => nothingFound(app, { query, isEmpty, isLike: Boolean(like), isReading: Boolean(indexing), isInside: Boolean(inside), weak: hits.length, onall: () => { facet.choose([]); search({ query }); } });
    results.show(reply, inside, matched ? null : nothing(), !isLonger && !isQuiet);
    hint.draw(indexing, Boolean(found));
    saved.draw(!like);
    // The rest comes while somebody looks at what there is.
    if (matched || isLonger) afterPaint(opening.fetchAhead);
    if (isLonger) {
      opening.markCards();
      return;
    }
    const hit = page && hits.find((/** @type {Hit} */ each) => each.document_id === page.document_id && each.page === page.page);
    const isOpen = Boolean(isQuiet && page && isAt(page.document_id, page.page));
    if (page && (matched || wanted) && !isElsewhere) {
      if (!isOpen) reader.open({ ...page, place: wanted?.place ?? undefined }, hit?.regions ?? page.heatmap?.regions ?? []);
      reader.take(page, { isScrolled: isOpen });
    } else if (!isElsewhere) reader.clear();
    opening.settle();
    opening.markCards();
    if (reply.missing) app.toast(told(reply.missing));
  }

  function leaveQuestion() {
    asking.leave();
    found = like = null;
    box.show('');
  }

  function back() {
    if (!found) {
      reset({ isHome: true });
      return;
    }
    // On a desk the list scrolls for itself; on a telephone its own scrolling would stop the way back up.
    results.focus({ preventScroll: NARROW.matches });
    if (NARROW.matches) element.scrollIntoView({ behavior: motion(), block: 'start' });
  }

  /** Nothing asked and nothing open. */
  function reset({ isHome = false } = {}) {
    opening.cancel();
    leaveQuestion();
    reader.clear();
    layout.isBusy = false;
    layout.setState('idle');
    if (isHome) {
      facet.choose([]);
      write();
    }
    drawRest();
    hint.draw(indexing, Boolean(found));
  }

  app.listen('mark-cards', opening.markCards);
  heedLibrary(app, {
    element, reader, now: () => ({ documents, found }),
    ontake: (state) => {
      ({ documents, indexing } = state);
      isLoaded = true;
      hint.draw(indexing, Boolean(found));
      beginning.goOn();
    },
    onother: () => {
      facet.show(documents);
      answers.forget();
    },
    onread: () => {
      answers.forget();
      startPage.fetchExamples().then(drawRest);
    },
    onagain: searchAgain, onrest: drawRest,
  });
  app.listen('open-document', ({ document_id }) => {
    leaveQuestion();
    app.emit('show-tab', { tab: 'search', isNew: false });
    opening.open({ document_id, page: 1 }, { focus: true, isNew: true, isScrolling: true });
  });

  return {
    element, reset, link, start: beginning.start,
    restore: (/** @type {Link} */ state) => (beginning.isOver ? restore(state) : beginning.start(state)),
    onkey: reader.onkey,
    /** The tab is shown: sizes can be told again. */
    shown: () => box.draw(),
    focus: box.selectAll,
  };
}
