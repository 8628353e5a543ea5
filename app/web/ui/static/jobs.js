// @ts-check
// Ingest jobs as cards: how far they are, what became of each file, and ways to stop them and to go on.

import { button, fileName, h, isFilesFault, linkButton, t, told } from './dom.js';
import { icon, iconButton } from './icons.js';

/** @typedef {import('./library_state.js').Job} Job @typedef {import('./library_state.js').JobFile} JobFile @typedef {import('./library_state.js').LibraryDocument} LibraryDocument */

/** Files of a job that are listed before the list is unfolded. */
const FEW_FILES = 6;
/** @type {Record<string, string>} */
const FILE_ICONS = { indexed: 'check', 'already indexed': 'check', failed: 'alert', cancelled: 'close' };
const ENDED = ['indexed', 'already indexed', 'failed', 'cancelled'];

/** Numbers of each outcome, as "2 ready, 1 failed". */
export function outcome(/** @type {JobFile[]} */ files) {
  return ENDED.map((state) => [state, files.filter((file) => file.state === state).length])
    .filter(([, number]) => number)
    .map(([state, number]) => t(`outcome ${state}`, { count: Number(number) }))
    .join(', ');
}

function duration(/** @type {number} */ seconds) {
  if (seconds < 8) return t('seconds left few');
  if (seconds < 90) return t('seconds left', { count: Math.round(seconds / 5) * 5 });
  if (seconds < 5400) return t('minutes left', { count: Math.round(seconds / 60) });
  return t('hours left', { count: Math.round(seconds / 3600) });
}

/** Whether another try may end otherwise. */
export function mayGoOn(/** @type {JobFile} */ { state, reason }) {
  return state === 'cancelled' || (state === 'failed' && !isFilesFault(reason));
}

/** @param {import('./library_state.js').Library} library */
export function makeJobs(library) {
  const box = h('div', { class: 'pl-jobs' });
  const stopping = new Set();
  const unfolded = new Set();

  function show(/** @type {Job[]} */ jobs, /** @type {LibraryDocument[]} */ documents) {
    const pages = new Map(documents.map((document) => [document.document_id, document]));
    const focused = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null);
    const [job, action] = [focused?.closest('[data-job]')?.getAttribute('data-job'), focused?.dataset.action];
    box.replaceChildren(...jobs.map((each) => card(each, pages)));
    if (job) box.querySelector(`[data-job="${CSS.escape(job)}"] ${action ? `[data-action="${CSS.escape(action)}"]` : 'button'}`)?.focus();
  }

  function card(/** @type {Job} */ job, /** @type {Map<string | undefined, LibraryDocument>} */ pages) {
    const isRunning = job.state === 'running' || job.state === 'uploading';
    const done = job.pages_total ? job.pages_done / job.pages_total : 0;
    const bar = h('div', { class: 'pl-progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(done * 100), 'aria-label': t('pages read') }, h('i', { style: { width: `${100 * done}%` } }));
    const isWhole = job.files.length <= FEW_FILES || unfolded.has(job.job_id);
    const files = isWhole ? job.files : job.files.filter((file) => file.state === 'running' || file.state === 'failed').slice(0, FEW_FILES);
    return h('article', { class: `pl-job pl-job-${job.state}`, 'data-job': job.job_id },
      h('header', {}, h('h2', {}, heading(job)), h('p', { class: 'pl-faint' }, detail(job)), h('div', { class: 'pl-job-actions' }, actions(job, pages))),
      isRunning && bar,
      h('ul', { class: 'pl-job-files' }, files.map((file) => row(job, file, pages.get(file.document_id)))),
      !isWhole && linkButton(t('show all files', { count: job.files.length }), () => { unfolded.add(job.job_id); library.tell(); }));
  }

  function heading(/** @type {Job} */ job) {
    if (job.state === 'uploading') return t('uploading files', { count: job.files.length });
    if (job.state === 'running') return t('reading documents', { count: job.files.length });
    if (job.state === 'cancelled' || (job.files.length && job.files.every((file) => file.state === 'cancelled'))) return t('job cancelled');
    if (job.state === 'failed') return job.isPart ? t('files not added', { count: job.files.length }) : t('job failed');
    return job.files.some((file) => file.state === 'failed') ? t('job partly') : t('job done');
  }

  function detail(/** @type {Job} */ job) {
    if (job.state === 'uploading') return '';
    if (job.state !== 'running') return outcome(job.files);
    const pages = job.pages_total ? t('pages of', { done: job.pages_done, count: job.pages_total }) : t('counting pages');
    const left = job.seconds_left === null || job.seconds_left === undefined ? '' : ` · ${duration(job.seconds_left)}`;
    return pages + left;
  }

  function actions(/** @type {Job} */ job, /** @type {Map<string | undefined, LibraryDocument>} */ known) {
    if (job.state === 'uploading') return [];
    if (job.state === 'running') {
      const isStopping = stopping.has(job.job_id);
      return [button(isStopping ? t('cancelling') : t('cancel'), async () => {
        stopping.add(job.job_id);
        library.tell();
        await library.stop(job);
        stopping.delete(job.job_id);
      }, { disabled: isStopping, 'data-action': 'stop' })];
    }
    // What was deleted meanwhile does not go on.
    const canGoOn = job.files.some((file) => file.document_id && known.has(file.document_id) && mayGoOn(file));
    return [
      canGoOn && button(job.state === 'cancelled' ? t('resume') : t('retry'), () => library.retryJob(job), { 'data-action': 'resume' }),
      Boolean(job.unsent?.length) && button(t('retry'), () => library.sendAgain(job), { 'data-action': 'send' }),
      iconButton('close', t('dismiss'), () => library.dismiss(job.job_id), { 'data-action': 'dismiss' }),
    ];
  }

  function row(/** @type {Job} */ job, /** @type {JobFile} */ file, /** @type {LibraryDocument | undefined} */ document) {
    const isMoving = file.state === 'running' && document?.pages;
    const state = isMoving ? t('page of', { page: Math.min(document.pages_indexed + 1, document.pages), pages: document.pages }) : t(`file ${file.state}`);
    const canStop = job.state === 'running' && job.files.length > 1 && file.document_id && (file.state === 'queued' || file.state === 'running');
    return h('li', { class: `pl-job-file pl-file-${file.state.replace(' ', '-')}` },
      icon(FILE_ICONS[file.state] ?? 'clock'), h('span', { class: 'pl-job-name' }, fileName(file.name)),
      h('span', { class: 'pl-job-state' }, file.reason && file.state !== 'cancelled' ? told(file.reason) : state),
      canStop && iconButton('close', t('cancel file', { name: file.name }), () => library.stopFile(job, job.files.indexOf(file)), { 'data-action': `stop-${file.document_id}` }));
  }

  return { element: box, show };
}
