// @ts-check
// The library tab: where files come in, the jobs, the documents.

import { makeAboutOpener } from './about.js';
import { button, count, h, sizeText, t, TOUCH } from './dom.js';
import { makeDocuments } from './documents.js';
import { makeFollowed } from './followed.js';
import { icon } from './icons.js';
import { makeJobs } from './jobs.js';
import { makeTagField } from './tag_field.js';

/** Bytes, as the setting's help has it: limits are told in round numbers. */
const MEGABYTE = 1e6;

/**
 * @param {import('./app.js').App} app
 * @param {import('./library_state.js').Library} library
 */
export function makeLibraryTab(app, library) {
  const limits = h('p', { class: 'pl-faint pl-limits' });
  const zone = h('button', { type: 'button', class: 'pl-dropzone', onclick: () => app.emit('choose-files') },
    h('span', { class: 'pl-drop-icon' }, icon('upload')),
    // Fingers drop nothing.
    h('span', { class: 'pl-drop-title' }, t(TOUCH.matches ? 'add documents' : 'drop here')),
    h('span', { class: 'pl-drop-or' }, !TOUCH.matches && `${t('or')} `, h('u', {}, t('choose files'))));
  const tags = makeTagField(t('tags for new'), () => library.tags);
  library.tagNew(() => tags.value);
  const failureText = h('span', {});
  const failure = h('p', { class: 'pl-failure', role: 'alert', hidden: true }, failureText, ' ', button(t('try again'), () => library.refresh()));
  const jobs = makeJobs(library);
  const documents = makeDocuments(app, library);

  const followed = makeFollowed(app, library);
  app.listen('library', (state) => {
    failureText.textContent = state.failure;
    failure.hidden = !state.failure;
    const { megabytes, pages, suffixes } = state.limits;
    if (pages) limits.textContent = t(suffixes.includes('.docx') ? 'limits office' : 'limits', { size: sizeText(megabytes * MEGABYTE), pages: count(pages) });
    jobs.show(state.jobs, state.documents);
    documents.show(state.documents, state.refused);
  });

  return { element: h('div', { class: 'pl-library' }, h('h1', { class: 'pl-unseen' }, t('library')), zone, h('div', { class: 'pl-adding' }, limits, tags.element), followed.element, failure, jobs.element, documents.element, makeAboutOpener(app)) };
}
