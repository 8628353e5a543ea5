// @ts-check
// Lit pages of a search: those of the next cards are asked for while somebody looks at the first one.

/** @typedef {import('./cards.js').Hit} Hit @typedef {import('./cards.js').Region} Region */
/** @typedef {{query: string, like: any}} Question like: the example as the server is asked with it, null for a question of words */
/** @typedef {{document: string, document_id: string, page: number, pages: number, query: string, heatmap: ({regions: Region[]} & Record<string, any>) | null, note: string, relevant: boolean | null, isLike?: boolean, excerpt?: [string, boolean][]}} Model what the server says of a page */

/** Pages that are asked for in one call; the first ones, which may be clicked by then, one by one. */
const AT_ONCE = 4;
const FIRST = 3;
/** Hits whose light is fetched without being looked at: those beyond are opened seldom. */
const MOST_AHEAD = 12;
/** Pages that are asked for by clicks at the same time; of more, the newest follows. */
const MOST_CLICKS = 2;

const keyOf = (/** @type {string} */ documentId, /** @type {number} */ page) => `${documentId} ${page}`;

/**
 * @param {import('./app.js').App} app
 * @param {(hits: Hit[]) => void} onlit these hits have their regions now
 */
export function makeLights(app, onlit) {
  /** @type {Question} */
  let question = { query: '', like: null };
  /** @type {Hit[]} */
  let hits = [];
  /** @type {Map<string, Model>} */
  let models = new Map();
  /** Rises with every search, so that late answers are told from present ones. */
  let turn = 0;
  /** Hits that were asked for. @type {Set<Hit>} */
  let tried = new Set();
  let isFetching = false;
  /** Hits that are being lit, and the end of that. */
  let lighting = { hits: /** @type {Hit[]} */ ([]), end: Promise.resolve() };
  let clicks = 0;
  /** Rises with every click. */
  let nAsked = 0;
  /** Tells the newest click that waits whether it is its turn, or another came after it. @type {((isTurn: boolean) => void) | null} */
  let nextClick = null;
  /** Goes on with what comes ahead, when no click is waited for. @type {(() => void) | null} */
  let rested = null;

  /** The page as the present question lights it. */
  const get = (/** @type {string} */ documentId, /** @type {number} */ page, query = question.query) => (query === question.query ? models.get(keyOf(documentId, page)) : undefined);

  /** What has a note may be otherwise the next time. */
  function keep(/** @type {Model} */ model) {
    if (model.query !== question.query || model.note) return;
    model.isLike = Boolean(question.like);
    models.set(keyOf(model.document_id, model.page), model);
    const hit = hits.find((one) => one.document_id === model.document_id && one.page === model.page);
    if (!hit) return;
    hit.regions ??= model.heatmap?.regions ?? [];
    if (model.excerpt) hit.excerpt = model.excerpt;
  }

  function fetch(/** @type {Hit[]} */ some) {
    lighting = { hits: some, end: fetchNow(some) };
    return lighting.end;
  }

  async function fetchNow(/** @type {Hit[]} */ some) {
    const mine = turn;
    for (const hit of some) tried.add(hit);
    const { pages } = await app.ask('light_pages', { ...question, pages: some.map((hit) => [hit.document_id, hit.page]) });
    if (mine !== turn) return;
    pages.forEach(keep);
    // A page that is gone by now has no places.
    for (const hit of some) hit.regions ??= [];
    onlit(some);
  }

  const unlit = () => hits.slice(0, MOST_AHEAD).filter((hit) => !tried.has(hit) && !get(hit.document_id, hit.page)).slice(0, tried.size < FIRST ? 1 : AT_ONCE);

  /** Light the next cards, of a later search too. */
  async function goOn() {
    if (isFetching) return;
    isFetching = true;
    try {
      for (let some = unlit(); some.length; some = unlit()) {
        await fetch(some);
        if (clicks) await new Promise((resolve) => { rested = () => resolve(null); });
      }
    } catch {
      // Whoever opens a page asks again.
    } finally {
      isFetching = false;
    }
  }

  return {
    get,
    keep,
    /** Another search: its hits, and the lit page that came along. */
    begin(/** @type {Question} */ asked, /** @type {Hit[]} */ found, /** @type {Model | null} */ model) {
      turn++;
      question = asked;
      hits = found;
      models = new Map();
      tried = new Set();
      if (model) keep(model);
    },
    goOn,
    /** A longer list of the same search. */
    extend(/** @type {Hit[]} */ found) {
      hits = found;
      for (const { document_id, page } of hits) {
        const model = get(document_id, page);
        if (model) keep(model);
      }
    },
    /** Every hit has its places. */
    async complete() {
      const mine = turn;
      const open = () => hits.filter((hit) => hit.regions === null).slice(0, AT_ONCE);
      for (let some = open(); some.length && mine === turn; some = open()) await fetch(some);
    },
    /** The server's word on a page that somebody goes to; null where they went on to another before its turn. @returns {Promise<Model | null>} */
    async ask(/** @type {{document?: string, page: number, query: string, like: any}} */ payload) {
      const [mine, asking] = [turn, ++nAsked];
      if (lighting.hits.some((hit) => hits.includes(hit) && hit.document_id === payload.document && hit.page === payload.page)) {
        await lighting.end.catch(() => {});
        const model = mine === turn && get(payload.document ?? '', payload.page);
        if (model) return model;
        if (asking !== nAsked) return null;
      }
      if (clicks >= MOST_CLICKS) {
        nextClick?.(false);
        const isTurn = await new Promise((resolve) => { nextClick = resolve; });
        if (!isTurn) return null;
      }
      clicks++;
      try {
        return await app.ask('open_page', payload);
      } finally {
        clicks--;
        const next = nextClick;
        nextClick = null;
        next?.(true);
        if (!clicks && !next) {
          rested?.();
          rested = null;
        }
      }
    },
  };
}
