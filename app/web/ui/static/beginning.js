// @ts-check
// The beginning: what the address asks for, and what the library holds, in whatever order they are known.

import { isFiltered } from './facet.js';

/** @typedef {import('./app.js').Link} Link */

/**
 * @param {import('./app.js').App} app
 * @param {{search: (how: object) => Promise<void>, restore: (state: Link) => Promise<void>, isTouched: () => boolean, ontake: (overview: any) => void, onfail: (error: Error, again: () => void) => void, onend: (isShown: boolean) => void}} options
 *   isTouched: whether anything was asked or opened; ontake: what the library holds; onend: whether the address showed anything
 */
export function makeBeginning(app, { search, restore, isTouched, ontake, onfail, onend }) {
  /** What the address says, until the library is known. @type {Link | null} */
  let waiting = null;
  let isAsking = false;

  async function begin() {
    const first = waiting;
    if (!first || isAsking) return;
    isAsking = true;
    // What the address asks for need not wait for what the library holds.
    const isEarly = !isTouched() && first.tab === 'search' && first.q && !first.documents.length && !isFiltered(first.only);
    const early = isEarly ? search({ query: first.q, wanted: first, isNew: false }) : null;
    try {
      ontake(await app.ask('overview'));
    } catch (error) {
      // What was asked meanwhile stays.
      if (!isTouched()) onfail(/** @type {Error} */ (error), begin);
      return;
    } finally {
      isAsking = false;
    }
    if (early) await early;
    const link = waiting ?? first;
    waiting = null;
    // Somebody may have been faster than the library.
    if (link === first && isTouched()) return;
    const isAsked = link.tab === 'search' && Boolean(link.q || link.document || link.like || link.picture);
    if (isAsked || link !== first) await restore(link);
    onend(isAsked);
  }

  return {
    /** The address, or what Back and Forward made of it. */
    start(/** @type {Link} */ link) {
      waiting = link;
      return begin();
    },
    /** The server answers: what it did not say before is asked for again. */
    goOn: begin,
    get isOver() { return !waiting; },
  };
}
