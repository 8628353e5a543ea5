// What is shown before anything is asked: examples from the library and its covers, or an invitation.

/** Covers that are shown; the library tab has the rest. */
const MOST_COVERS = 12;

function exampleChips(examples, onexample) {
  return h('div', { class: 'pl-examples' }, h('span', { class: 'pl-faint' }, 'Try'),
    examples.map((text) => h('button', { type: 'button', class: 'pl-example', onclick: () => onexample(text) }, text)));
}

/** The first pages of the documents that can be opened already. */
function coverShelf(rootUrl, documents, onopen) {
  const ready = documents.filter((document) => document.pages_indexed > 0);
  const covers = ready.slice(0, MOST_COVERS).map((document) => h('li', {}, h('button', {
    type: 'button', class: 'pl-cover', 'aria-label': `Open ${document.document}`, title: document.document,
    onclick: () => onopen(document),
  },
  h('span', { class: 'pl-cover-frame' }, h('img', { src: pageImage(rootUrl, document.document_id, 1, THUMB_WIDTH), alt: '', loading: 'lazy' })),
  h('span', { class: 'pl-cover-name' }, document.document),
  h('span', { class: 'pl-faint' }, plural(document.pages, 'page')))));
  const more = ready.length - covers.length;
  return h('section', { class: 'pl-shelf', 'aria-label': 'Documents' },
    h('h2', {}, 'In your library'),
    h('ul', {}, covers),
    more > 0 && h('button', { type: 'button', class: 'pl-link', onclick: () => selectTab('pl-library') }, `and ${plural(more, 'more document')}`));
}

function emptyLibrary() {
  return h('div', { class: 'pl-invitation' },
    h('div', { class: 'pl-beam', 'aria-hidden': 'true' }, h('i', {}), h('i', {}), h('i', {}), h('i', {})),
    h('h2', {}, 'Your library is empty'),
    h('p', {}, 'Drop PDFs or page images anywhere on this page. They are read here, on this machine, and can be searched page by page while they are being read.'),
    h('button', { type: 'button', class: 'pl-button pl-primary', onclick: () => { selectTab('pl-library'); emit('choose-files'); } }, icon('upload'), 'Add documents'));
}

function message(title, text, ...actions) {
  return h('div', { class: 'pl-message' }, h('h2', {}, title), text && h('p', {}, text), ...actions);
}
