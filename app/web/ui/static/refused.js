// @ts-check
// Files that never became documents: kept on the page with their reason until somebody has read it, over a reload too.

import { stored } from './dom.js';

const REFUSED_KEY = 'pagelight-refused';
const TOLD_KEY = 'pagelight-refused-told';

/** @typedef {{id: string, name: string, reason: string}} Refused a file that never became a document */

export function makeRefused() {
  let all = /** @type {Refused[]} */ (stored.get(REFUSED_KEY, [], 'sessionStorage'));
  /** Those that are in the table already, or have been. */
  const told = new Set(/** @type {string[]} */ (stored.get(TOLD_KEY, [], 'sessionStorage')));

  return {
    get all() { return all; },
    add(/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ reason) {
      if (told.has(id)) return;
      told.add(id);
      stored.set(TOLD_KEY, [...told], 'sessionStorage');
      all = [...all, { id, name, reason }];
      stored.set(REFUSED_KEY, all, 'sessionStorage');
    },
    /** What was refused has been read. */
    forget(/** @type {(file: Refused) => boolean} */ isRead) {
      all = all.filter((file) => !isRead(file));
      stored.set(REFUSED_KEY, all, 'sessionStorage');
    },
  };
}
