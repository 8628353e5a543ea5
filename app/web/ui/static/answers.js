// @ts-check
// Answers to questions and examples: asked of the server once, and kept for Back and Forward.

import { likePayload } from './like.js';

/** @typedef {import('./results.js').Found & {page: any}} Answer */

/** Searches that Back finds again without asking. */
const MOST_KEPT = 20;

/** @param {import('./app.js').App} app */
export function makeAnswers(app) {
  /** @type {Map<string, Answer>} */
  const kept = new Map();
  /** Rises with everything that is forgotten: what was asked before is not kept any more. */
  let age = 0;

  function keep(/** @type {string} */ key, /** @type {Answer} */ answer) {
    kept.delete(key);
    kept.set(key, answer);
    if (kept.size > MOST_KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
  }

  return {
    /** What is known may be otherwise now. */
    forget() {
      age++;
      kept.clear();
    },
    /**
     * query: the question, or what the example in its place is called; wanted: the page that comes along, else the best one;
     * isComplete: with the places of all hits
     * @param {{query: string, like: import('./like.js').Like | null, documents: string[], only: import('./facet.js').Only, count: number, wanted: {document: string, page: number} | null, isComplete: boolean}} asked
     * @returns {Promise<Answer>}
     */
    async get({ query, like, documents, only, count, wanted, isComplete }) {
      const key = JSON.stringify([query, like, documents, only, count]);
      const known = kept.get(key);
      if (known && (!wanted || (known.page?.document === wanted.document && known.page?.page === wanted.page))) {
        keep(key, known);
        return known;
      }
      const asked = age;
      const payload = { documents, only, count, open: wanted, complete: isComplete };
      const answer = like ? named(await app.ask('find_like', { ...payload, like: likePayload(like) }), query, like) : await app.ask('find_pages', { ...payload, query });
      if (asked === age) keep(key, answer);
      return answer;
    },
  };
}

/** The results of an example under its own name. */
function named(/** @type {any} */ reply, /** @type {string} */ query, /** @type {import('./like.js').Like} */ like) {
  return { ...reply, query, like, page: reply.page && { ...reply.page, query, isLike: true } };
}
