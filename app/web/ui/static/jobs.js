// Ingest jobs as cards: how far they are, what became of each file, and a way to stop them.

const FILE_STATES = {
  uploading: ['clock', 'uploading'],
  queued: ['clock', 'waiting'],
  running: ['clock', 'reading'],
  indexed: ['check', 'ready'],
  'already indexed': ['check', 'already in the library'],
  failed: ['alert', 'failed'],
  cancelled: ['close', 'cancelled'],
};

function duration(seconds) {
  if (seconds < 8) return 'a few seconds left';
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} seconds left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} minutes left`;
  return `about ${Math.round(seconds / 3600)} hours left`;
}

/** Numbers of each outcome, as "2 ready, 1 failed". */
function outcome(files) {
  const words = [];
  for (const state of ['indexed', 'already indexed', 'failed', 'cancelled']) {
    const count = files.filter((file) => file.state === state).length;
    if (count) words.push(`${count.toLocaleString()} ${FILE_STATES[state][1]}`);
  }
  return words.join(', ');
}

/** onstop(job_id), ondismiss(job_id) */
function makeJobs({ onstop, ondismiss }) {
  const box = h('div', { class: 'pl-jobs' });
  const stopping = new Set();
  const unfolded = new Set();

  /** documents: to tell how far each file is. */
  function show(jobs, documents) {
    const pages = new Map(documents.map((document) => [document.document_id, document]));
    const focused = document.activeElement?.closest?.('[data-job]')?.dataset.job;
    box.replaceChildren(...jobs.map((job) => card(job, pages)));
    if (focused) box.querySelector(`[data-job="${CSS.escape(focused)}"] button`)?.focus();
  }

  function card(job, pages) {
    const running = job.state === 'running' || job.state === 'uploading';
    const done = job.pages_total ? job.pages_done / job.pages_total : 0;
    const bar = h('div', { class: 'pl-progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(done * 100), 'aria-label': 'Pages read' }, h('i', { style: { width: `${100 * done}%` } }));
    const few = job.files.length <= 6 || unfolded.has(job.job_id);
    const files = few ? job.files : job.files.filter((file) => file.state === 'running' || file.state === 'failed').slice(0, 6);
    return h('article', { class: `pl-job pl-job-${job.state}`, 'data-job': job.job_id },
      h('header', {}, h('h3', {}, heading(job)), h('p', { class: 'pl-faint' }, detail(job)), action(job)),
      running && bar,
      h('ul', { class: 'pl-job-files' }, files.map((file) => row(file, pages.get(file.document_id)))),
      !few && h('button', { type: 'button', class: 'pl-link', onclick: (event) => { unfolded.add(job.job_id); event.target.remove(); } }, `Show all ${job.files.length.toLocaleString()} files`));
  }

  function heading(job) {
    if (job.state === 'uploading') return `Uploading ${plural(job.files.length, 'file')}`;
    if (job.state === 'running') return `Reading ${plural(job.files.length, 'document')}`;
    if (job.state === 'cancelled') return 'Cancelled';
    if (job.state === 'failed') return 'Nothing could be added';
    return job.files.some((file) => file.state === 'failed') ? 'Finished, with exceptions' : 'Finished';
  }

  function detail(job) {
    if (job.state === 'uploading') return '';
    if (job.state !== 'running') return outcome(job.files);
    const count = job.pages_total ? `${job.pages_done.toLocaleString()} of ${plural(job.pages_total, 'page')}` : 'Counting pages';
    const left = job.seconds_left === null || job.seconds_left === undefined ? '' : ` · ${duration(job.seconds_left)}`;
    return count + left;
  }

  function action(job) {
    if (job.state === 'uploading') return null;
    if (job.state !== 'running') return iconButton('close', 'Dismiss', () => ondismiss(job.job_id));
    if (stopping.has(job.job_id)) return h('button', { type: 'button', class: 'pl-button', disabled: true }, 'Cancelling…');
    return h('button', { type: 'button', class: 'pl-button', onclick: (event) => {
      stopping.add(job.job_id);
      event.target.disabled = true;
      event.target.textContent = 'Cancelling…';
      onstop(job.job_id).catch(() => stopping.delete(job.job_id));
    } }, 'Cancel');
  }

  function row(file, document) {
    const [iconName, word] = FILE_STATES[file.state] ?? ['clock', file.state];
    const read = file.state === 'running' && document?.pages ? `page ${document.pages_indexed.toLocaleString()} of ${document.pages.toLocaleString()}` : word;
    return h('li', { class: `pl-job-file pl-file-${file.state.replace(' ', '-')}` },
      icon(iconName), h('span', { class: 'pl-job-name', title: file.name }, file.name),
      h('span', { class: 'pl-job-state' }, file.reason ? file.reason : read));
  }

  return { element: box, show };
}
