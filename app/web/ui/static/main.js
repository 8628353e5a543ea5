// @ts-check
// The way in: builds the page's frame and its two tabs, and follows the browser's history.

import { createApp } from './app.js';
import { makeAddress } from './address.js';
import { h, t, TOUCH } from './dom.js';
import { EVERYTHING } from './facet.js';
import { makeFrame } from './frame.js';
import { makeHelp } from './help.js';
import { watchLibrary } from './library_state.js';
import { makeLibraryTab } from './library_tab.js';
import { makeSearchTab } from './search_tab.js';
import { loadTexts } from './texts.js';
import { takeFiles } from './uploads.js';

/** @param {{element: HTMLElement, server: Record<string, Function>, upload: any, rootUrl: string, brand: {title: string, hasLogo: boolean}}} given by the loader */
export async function start(given) {
  const app = createApp(given);
  const language = await loadTexts();
  app.root.lang = language;
  const address = makeAddress(app);
  const link = address.read();

  const library = watchLibrary(app);
  const search = makeSearchTab(app, address);
  const documents = makeLibraryTab(app, library);
  const frame = makeFrame(app, {
    tabs: [['search', t('search'), search.element], ['library', t('library'), documents.element]],
    onselect: (tab) => {
      select(tab);
      address.write(where(tab));
      if (tab === 'library') library.refresh();
    },
    onhome: () => {
      select('search');
      search.reset({ isHome: true });
      if (!TOUCH.matches) search.focus();
    },
    onhelp: () => makeHelp(app),
  });
  takeFiles(app, library);

  /** What the address says while a tab is shown. */
  function where(/** @type {'search' | 'library'} */ tab) {
    return tab === 'library' ? { tab, q: '', document: '', page: 0, documents: [], only: EVERYTHING, like: null } : search.link();
  }

  function select(/** @type {'search' | 'library'} */ tab) {
    frame.select(tab);
    if (tab === 'search') search.shown();
  }

  app.listen('library-outdated', library.lookAgain);
  app.listen('show-tab', ({ tab, isNew = true }) => {
    select(tab);
    if (isNew) address.write(where(tab));
  });
  address.onchange((state) => {
    select(state.tab);
    if (state.tab === 'search') search.restore(state);
  });
  document.addEventListener('keydown', (event) => frame.onkey(event, {
    tosearch: () => {
      if (frame.tab !== 'search') app.emit('show-tab', { tab: 'search' });
      search.focus();
    },
    other: () => { if (frame.tab === 'search') search.onkey(event); },
  }));

  app.root.replaceChildren(frame.element);
  select(link.tab);
  address.write(link, { replace: true });
  library.start();
  await search.start(link);
}

/** What stands in the page when a script could not be fetched. */
export function failed(/** @type {HTMLElement} */ element) {
  element.querySelector('.pl')?.replaceChildren(h('p', {}, t('no answer')));
}
