// Found pages as a list of cards.

/** Strengths from here on count as strong; the server's `matched` begins where fair does. */
const STRONG = 0.7;
const FAIR = 0.35;

function strengthWord(strength) {
  return strength >= STRONG ? 'strong' : strength >= FAIR ? 'fair' : 'weak';
}

function sourceWords(sources) {
  if (sources.length > 1) return ['both', 'by words and look', 'The document’s words and the look of the page both match'];
  if (sources[0] === 'text') return ['words', 'by words', 'The document’s own words match'];
  return ['look', 'by look', 'The look of the page matches'];
}

/** onopen(hit, {focus}): a card was chosen; focus says that the person wants to go on to the page. */
function makeCards({ onopen }) {
  const list = h('ol', { class: 'pl-cards' });
  let hits = [];
  let previewTimer = 0;

  /** first: how many hits are shown elsewhere before these. */
  function show(rootUrl, found, first = 0) {
    hits = found;
    list.replaceChildren(...found.map((hit, i) => h('li', {}, card(rootUrl, hit, i, first))));
  }

  function card(rootUrl, hit, i, first) {
    const word = strengthWord(hit.strength);
    const [kind, sourceLabel, sourceTitle] = sourceWords(hit.sources);
    const thumb = h('span', { class: 'pl-thumb' },
      h('img', { src: pageImage(rootUrl, hit.document_id, hit.page, THUMB_WIDTH), alt: '', loading: i < 6 ? 'eager' : 'lazy' }),
      hit.regions.slice(0, 3).map((region, rank) => regionMark(region, rank)));
    return h('button', {
      type: 'button', class: 'pl-card', 'data-index': i,
      'aria-label': `Result ${first + i + 1}: ${hit.document}, page ${hit.page}, ${word} match, ${sourceLabel}`,
    },
    h('span', { class: 'pl-thumb-frame' }, thumb),
    h('span', { class: 'pl-card-text' },
      h('span', { class: 'pl-card-name', title: hit.document }, hit.document),
      h('span', { class: 'pl-card-page' }, `Page ${hit.page}`, h('span', { class: `pl-source pl-source-${kind}`, title: sourceTitle }, sourceLabel)),
      h('span', { class: `pl-strength pl-${word}`, title: `Match strength ${Math.round(hit.strength * 100)} of 100` },
        h('span', { class: 'pl-bar' }, h('i', { style: { width: `${Math.max(4, hit.strength * 100)}%` } })), word)));
  }

  function cards() {
    return [...list.querySelectorAll('.pl-card')];
  }

  function mark(documentId, page) {
    for (const node of cards()) {
      const hit = hits[node.dataset.index];
      const current = hit.document_id === documentId && hit.page === page;
      if (current) node.setAttribute('aria-current', 'true');
      else node.removeAttribute('aria-current');
    }
  }

  list.addEventListener('click', (event) => {
    const node = event.target.closest('.pl-card');
    if (!node) return;
    clearTimeout(previewTimer);
    // A click by Enter or Space has no pointer, so detail is 0.
    onopen(hits[node.dataset.index], { focus: event.detail === 0, scroll: true });
  });

  list.addEventListener('keydown', (event) => {
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const all = cards();
    const from = all.indexOf(document.activeElement);
    if (!(event.key in steps) || from < 0) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(all.length - 1, from + steps[event.key]));
    all[to].focus();
    clearTimeout(previewTimer);
    // Held arrows run through the list without asking the server for every page on the way.
    previewTimer = setTimeout(() => onopen(hits[to], { focus: false, scroll: false }), 140);
  });

  function focus(options) {
    (list.querySelector('[aria-current]') ?? list.querySelector('.pl-card'))?.focus(options);
  }

  return { element: list, show, mark, focus };
}
