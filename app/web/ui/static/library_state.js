// @ts-check
// What the library holds and what is being read, for every part of the page. It only watches: jobs run on the server,
// whether or not this page is open.

import { stored, t } from './dom.js';
import { mayGoOn, outcome } from './jobs.js';
import { loadAgain } from './pictures.js';
import { makeRefused } from './refused.js';
import { sendFiles } from './uploads.js';

/** Milliseconds between looks: while something runs, while pages are being understood, while the library is empty, otherwise,
 * and after a failure. */
const BUSY_EVERY = 800;
const DEEPENING_EVERY = 2500;
const EMPTY_EVERY = 2500;
const IDLE_EVERY = 15_000;
const GONE_EVERY = 4000;
/** Milliseconds for which a folder that is newly followed is looked after as if something ran. */
const FOLDER_MS = 10_000;
/** Looks at a document that is being stopped, before it is taken up again all the same. */
const LOOKS_FOR_END = 60;
const WATCHED_KEY = 'pagelight-jobs';

/**
 * @typedef {{document: string, document_id: string, pages: number, pages_indexed: number, pages_shallow: number, state: string, reason: string} & Record<string, any>} LibraryDocument
 * @typedef {{name: string, document_id?: string, state: string, reason: string}} JobFile
 * @typedef {{job_id: string, state: string, pages_done: number, pages_total: number, seconds_left?: number | null, files: JobFile[], isPart?: boolean, unsent?: File[]}} Job isPart: others of the same upload went on; unsent: files that can be sent again
 * @typedef {{folder: string, trouble: string, can_go: boolean}} Followed can_go: by whoever looks
 * @typedef {ReturnType<typeof watchLibrary>} Library
 */

/** Finished, and everything is ready. */
const isSpent = (/** @type {Job} */ { state, files }) => state === 'done' && files.every((file) => file.state === 'indexed' || file.state === 'already indexed');

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {import('./app.js').App} app */
export function watchLibrary(app) {
  /** @type {LibraryDocument[]} */
  let documents = [];
  /** @type {Job[]} */
  let jobs = [];
  let limits = { megabytes: Infinity, pages: 0, suffixes: /** @type {string[]} */ ([]) };
  let failure = '';
  let [tags, followed, choosable, couldChoose] = [/** @type {string[]} */ ([]), /** @type {Followed[]} */ ([]), /** @type {string[]} */ ([]), false];
  /** Tags that what is added next gets. */
  let newTags = () => /** @type {string[]} */ ([]);
  let watched = /** @type {string[]} */ (stored.get(WATCHED_KEY, [], 'sessionStorage'));
  const refused = makeRefused();
  /** Uploads from this page, shown as jobs until the server has one. @type {Map<string, Job>} */
  const uploads = new Map();
  let timer = 0;
  let isBusy = false;
  /** Looks that were begun, and the newest that was answered: what an older one says after it is out of date. */
  let [looks, answered] = [0, 0];
  /** Somebody came back while a look was on its way, which may not see what they did elsewhere. */
  let isDue = false;
  let eagerUntil = 0;
  let wasRunning = false;
  /** @type {Promise<void>} */
  let firstLook = Promise.resolve();

  const running = () => jobs.filter((job) => job.state === 'running');

  function watch(/** @type {string[]} */ ids) {
    watched = ids;
    stored.set(WATCHED_KEY, watched, 'sessionStorage');
  }

  async function refresh() {
    clearTimeout(timer);
    isBusy = true;
    const look = ++looks;
    const asked = watched;
    /** @type {any} */
    const state = await app.ask('list_library', { jobs: asked }).catch((error) => error);
    if (look > answered) {
      answered = look;
      const wasGone = failure;
      failure = state instanceof Error ? state.message : '';
      if (failure) tell();
      else take(state, asked);
      if (wasGone && !failure) loadAgain();
    }
    if (look === looks) isBusy = false;
    const calm = deepening() ? DEEPENING_EVERY : documents.length ? IDLE_EVERY : EMPTY_EVERY;
    const wait = isDue ? 0 : failure ? GONE_EVERY : running().length || performance.now() < eagerUntil ? BUSY_EVERY : calm;
    isDue = false;
    clearTimeout(timer); // of another look, which ended meanwhile
    timer = window.setTimeout(refresh, document.hidden ? Math.max(wait, IDLE_EVERY) : wait);
  }

  function take(/** @type {any} */ state, /** @type {string[]} */ asked) {
    ({ documents, limits, tags, followed, choosable, could_choose: couldChoose } = state);
    // Seen once, a job stays on the page until it is dismissed, in its place; without exceptions, until there is a newer one.
    const place = (/** @type {Job} */ job) => (watched.includes(job.job_id) ? watched.indexOf(job.job_id) : watched.length);
    jobs = /** @type {Job[]} */ (state.jobs).sort((a, b) => place(a) - place(b)).filter((job, i, all) => i === all.length - 1 || !isSpent(job));
    // Of a job that began meanwhile this answer knows nothing.
    watch([...jobs.map((job) => job.job_id), ...watched.filter((id) => !asked.includes(id) && !jobs.some((job) => job.job_id === id))]);
    for (const job of jobs) {
      job.files.forEach((file, i) => {
        if (file.state === 'failed' && !file.document_id) refused.add(`${job.job_id}-${i}`, file.name, file.reason);
      });
    }
    tell();
    if (wasRunning && !running().length) {
      app.emit('library-changed');
      app.announce(t('finished', { outcome: jobs.map((job) => outcome(job.files)).filter(Boolean).join(', ') }));
    }
    wasRunning = running().length > 0;
  }

  function tell() {
    app.emit('library', { documents, jobs: [...uploads.values(), ...[...jobs].reverse()], refused: refused.all, indexing: progress(), deepening: deepening(), failure, limits, followed, choosable, couldChoose });
  }

  /** Pages that are understood, of those that can be found; null where all are. */
  function deepening() {
    const total = sum(documents.map((document) => document.pages_indexed));
    const shallow = sum(documents.map((document) => document.pages_shallow));
    return shallow ? { done: Math.max(total - shallow, 0), total } : null;
  }

  function progress() {
    const active = running();
    return active.length === 0 ? null : {
      documents: sum(active.map((job) => job.files.filter((file) => file.state === 'queued' || file.state === 'running').length)),
      pages_done: sum(active.map((job) => job.pages_done)),
      pages_total: sum(active.map((job) => job.pages_total)),
    };
  }

  /** A card for files that are on their way. @returns {Job} */
  function showUpload(/** @type {File[]} */ files) {
    const id = `upload-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const card = /** @type {Job} */ ({ job_id: id, state: 'uploading', pages_done: 0, pages_total: 0, files: files.map((file) => ({ name: file.name, state: 'uploading', reason: '' })) });
    uploads.set(id, card);
    tell();
    app.announce(t('uploading files', { count: files.length }));
    return card;
  }

  /** Upload files and have them read. */
  async function add(/** @type {File[]} */ files) {
    const wantedTags = newTags();
    const card = showUpload(files);
    const { job_id: id, files: rows } = card;
    /** @type {{path: string, name: string}[]} */
    const sent = [];
    /** @type {File[]} */
    const unsent = [];
    await sendFiles(app, files, await firstLook.then(() => limits), (index, { path, error, canRetry }) => {
      rows[index].state = error ? 'failed' : 'queued';
      rows[index].reason = error ?? '';
      if (error) refused.add(`${id}-${index}`, rows[index].name, error);
      if (canRetry) unsent.push(files[index]);
      if (path) sent[index] = { path, name: files[index].name };
      tell();
    });
    const arrived = sent.filter(Boolean);
    card.files = rows.filter((row) => row.state === 'failed');
    if (arrived.length) {
      try {
        const { job_id } = await app.ask('add_files', { files: arrived, tags: wantedTags });
        watch([...watched, job_id]);
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        unsent.push(...files.filter((_, i) => sent[i]));
        arrived.forEach(({ name }, i) => { refused.add(`${id}-sent-${i}`, name, message); });
        card.files.push(...arrived.map(({ name }) => ({ name, state: 'failed', reason: message })));
      }
    }
    card.state = 'failed';
    card.isPart = card.files.length < files.length;
    card.unsent = unsent;
    // Files that never reached the server stay on the page with their reason.
    if (!card.files.length) uploads.delete(id);
    await refresh();
  }

  /** Do something on the server, say what came of it, and look again. */
  async function act(/** @type {string} */ name, /** @type {object} */ payload, said = '', /** @type {any} */ offer = undefined) {
    let isDone = true;
    try {
      const reply = await app.ask(name, payload);
      if (reply.job_id) watch([...watched.filter((id) => id !== reply.job_id), reply.job_id]);
      if (said) app.toast(said, offer);
    } catch (error) {
      isDone = false;
      app.toast(/** @type {Error} */ (error).message, { label: t('try again'), run: () => act(name, payload, said, offer) });
    }
    await refresh();
    return isDone;
  }

  /** A file that is still at its last page ends first: then it can be taken up again. */
  async function retry(/** @type {(string | undefined)[]} */ ids, replaced = '') {
    // One that was deleted meanwhile keeps none of the others.
    const document_ids = ids.filter((id) => documents.some((document) => document.document_id === id));
    for (let look = 0; look < LOOKS_FOR_END && document_ids.some((id) => documents.some((document) => document.document_id === id && document.state === 'running')); look++) {
      await new Promise((resolve) => { setTimeout(resolve, BUSY_EVERY / 2); });
      await refresh();
    }
    if (!document_ids.length || !(await act('retry_documents', { document_ids })) || !replaced) return;
    watch(watched.filter((id) => id !== replaced));
    await act('dismiss_job', { job_id: replaced });
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    if (isBusy) isDue = true;
    else refresh();
  });

  return {
    start() { firstLook = refresh(); },
    refresh,
    /** What is known of it was wrong: unless a look is on its way. */
    lookAgain() { if (!isBusy) refresh(); },
    tell,
    add,
    get limits() { return limits; },
    async limitsKnown() { return firstLook.then(() => limits); },
    get documents() { return documents; },
    /** Stop a job; what is stopped goes on by one click. */
    async stop(/** @type {Job} */ job) {
      const unfinished = job.files.filter((file) => file.state === 'queued' || file.state === 'running').map((file) => file.document_id);
      await act('stop_job', { job_id: job.job_id }, t('cancelled'), { label: t('undo'), run: () => retry(unfinished, job.job_id) });
    },
    stopFile(/** @type {Job} */ job, /** @type {number} */ position) {
      const { name, document_id } = job.files[position];
      return act('stop_file', { job_id: job.job_id, position }, t('cancelled file', { name }), { label: t('undo'), run: () => retry([document_id]) });
    },
    /** Go on with a job's files that failed or were cancelled; a job of their own takes its place. */
    retryJob: (/** @type {Job} */ job) => retry(job.files.filter(mayGoOn).map((file) => file.document_id), job.job_id),
    retry: (/** @type {string} */ documentId) => retry([documentId]),
    async dismiss(/** @type {string} */ jobId) {
      refused.forget((file) => file.id.startsWith(`${jobId}-`));
      if (uploads.delete(jobId)) return tell();
      jobs = jobs.filter((job) => job.job_id !== jobId);
      watch(watched.filter((id) => id !== jobId));
      tell();
      await act('dismiss_job', { job_id: jobId });
    },
    /** Send what did not arrive once more. */
    async sendAgain(/** @type {Job} */ { job_id, unsent = [], files }) {
      refused.forget((file) => file.id.startsWith(`${job_id}-`) && unsent.some(({ name }) => name === file.name));
      const rest = files.filter((file) => !unsent.some(({ name }) => name === file.name));
      if (rest.length) uploads.set(job_id, { .../** @type {Job} */ (uploads.get(job_id)), files: rest, unsent: [] });
      else uploads.delete(job_id);
      await add(unsent);
    },
    dismissRefused(/** @type {string} */ id) {
      refused.forget((file) => file.id === id);
      tell();
    },
    get tags() { return tags; },
    /** tagsOf: asked at each adding. */
    tagNew(/** @type {() => string[]} */ tagsOf) { newTags = tagsOf; },
    /** Gone at once; some seconds long one click brings them back. */
    async remove(/** @type {LibraryDocument[]} */ chosen) {
      const document_ids = chosen.map((document) => document.document_id);
      const said = chosen.length === 1 ? t('deleted', { name: chosen[0].document }) : t('deleted count', { count: chosen.length });
      await act('remove_documents', { document_ids }, said, { label: t('undo'), run: async () => {
        await act('bring_back', { document_ids });
        app.emit('library-changed');
      } });
      app.emit('library-changed');
    },
    follow(/** @type {string} */ folder) {
      eagerUntil = performance.now() + FOLDER_MS;
      return act('follow_folder', { folder }, t('follows folder', { folder }));
    },
    unfollow: (/** @type {string} */ folder) => act('unfollow_folder', { folder }, t('unfollowed', { folder }), { label: t('undo'), run: () => act('follow_folder', { folder }) }),
    changeTags: (/** @type {LibraryDocument[]} */ chosen, /** @type {string[]} */ add, /** @type {string[]} */ remove) => act('change_tags', { document_ids: chosen.map((document) => document.document_id), add, remove }),
    /** Why it did not work; empty where it did. */
    async change(/** @type {LibraryDocument} */ { document_id }, /** @type {string} */ name, /** @type {string[]} */ named) {
      try {
        await app.ask('change_document', { document_id, name, tags: named });
      } catch (error) {
        return /** @type {Error} */ (error).message;
      }
      await refresh();
      app.emit('library-changed');
      return '';
    },
    /** Send a newer version of a document; the older one goes when that is read. */
    async replace(/** @type {LibraryDocument} */ { document_id, document: name }, /** @type {File} */ file) {
      const card = showUpload([file]);
      /** @type {{path?: string, error?: string}} */
      let sent = {};
      await sendFiles(app, [file], limits, (_, outcome) => { sent = outcome; });
      uploads.delete(card.job_id);
      tell();
      if (sent.error) app.toast(`${file.name}: ${sent.error}`);
      else await act('replace_document', { document_id, path: sent.path }, t('replacing', { name }));
    },
  };
}
