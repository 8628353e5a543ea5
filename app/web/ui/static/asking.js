// @ts-check
// Asking: one search after the other, of which only the newest answer counts.

/**
 * @typedef {object} Asked
 * @property {string} query the question, or what the example in its place is called
 * @property {import('./like.js').Like | null} example
 * @property {{document: string, page: number, place?: number[] | null} | null} wanted the page that comes along, else the best one
 * @property {boolean} isNew an entry of the history of its own
 * @property {boolean} isLonger more of the same: everything else stays as it is
 * @property {boolean} isQuiet nobody asked: the page that is read stays
 *
 * @typedef {import('./answers.js').Answer} Answer
 *
 * @param {{ask: (asked: Asked) => Promise<Answer>, onask: (asked: Asked) => void, onanswer: (answer: Answer, asked: Asked) => void, onfail: (error: Error, asked: Asked) => void, onend: (asked: Asked) => void, onoutdated: () => void}} options
 *   onanswer, onfail, onend: of the newest search only; onoutdated: what is shown by now is of a library that has changed since
 */
export function makeAsking({ ask, onask, onanswer, onfail, onend, onoutdated }) {
  /** The search that somebody waits for. @type {Asked | null} */
  let awaited = null;
  /** Rise with everything that somebody asks or opens, and with every search. */
  let [touched, searched] = [0, 0];
  let isOutdated = false;

  async function search(/** @type {Asked} */ asked) {
    const { isLonger, isQuiet } = asked;
    if (!isLonger) searched++;
    if (!isQuiet) {
      touched++;
      awaited = asked;
    }
    const [turn, at] = [touched, searched];
    // A page that is opened takes the place of the one that a search brings; the list goes on without it.
    const isLate = () => at !== searched || (!isQuiet && turn !== touched);
    onask(asked);
    try {
      const answer = await ask(asked);
      if (!isLate()) onanswer(answer, asked);
    } catch (error) {
      if (!isLate()) onfail(/** @type {Error} */ (error), asked);
    }
    if (isLate()) return;
    onend(asked);
    if (!isQuiet) endWaiting();
  }

  function endWaiting() {
    awaited = null;
    if (!isOutdated) return;
    isOutdated = false;
    onoutdated();
  }

  return {
    search,
    get awaited() { return awaited; },
    /** Whether anything was asked or opened. */
    get isTouched() { return touched > 0; },
    /** The library has changed; whether what is shown may be found anew now, and need not wait for an answer. */
    isFree() {
      isOutdated = Boolean(awaited);
      return !awaited;
    },
    /** Somebody opens a page: what they wait for is not wanted any more. */
    drop() {
      touched++;
      endWaiting();
    },
    /** There is no question any more. */
    leave() {
      touched++;
      searched++;
      awaited = null;
      isOutdated = false;
    },
  };
}
