// The library tab: it only watches. Jobs run on the server, whether or not this page is open.

/** Milliseconds between looks: while something runs, while the library is empty, and otherwise. */
const BUSY_EVERY = 800;
const EMPTY_EVERY = 2500;
const IDLE_EVERY = 15_000;
const WATCHED_KEY = 'pagelight-jobs';

let limits = { megabytes: Infinity, pages: 0, suffixes: [] };
let jobs = [];
let documents = [];
let watched = storedJobs();
let timer = 0;
let wasRunning = false;
/** Uploads in this page, shown as jobs until the server has one. */
const uploads = new Map();

const dropzone = makeDropzone({ onfiles: add });
const jobList = makeJobs({ onstop: (job_id) => ask('stop_job', { job_id }), ondismiss: dismiss });
const table = makeDocuments({
  onopen: ({ document_id }) => emit('open-document', { document_id }),
  ondelete: remove,
});
const failure = h('p', { class: 'pl-failure', role: 'alert', hidden: true });
root.replaceChildren(dropzone.element, failure, jobList.element, table.element);

function storedJobs() {
  try {
    return JSON.parse(sessionStorage.getItem(WATCHED_KEY) ?? '[]').map(String);
  } catch {
    return [];
  }
}

function watchJobs(ids) {
  watched = ids;
  try {
    sessionStorage.setItem(WATCHED_KEY, JSON.stringify(watched));
  } catch {
    // Without storage a finished job is forgotten when the page is loaded again.
  }
}

async function refresh() {
  clearTimeout(timer);
  try {
    const state = await ask('list_library', { jobs: watched });
    take(state);
  } catch (error) {
    setFailure(error.message);
  }
  const running = jobs.some((job) => job.state === 'running');
  const wait = running ? BUSY_EVERY : documents.length ? IDLE_EVERY : EMPTY_EVERY;
  timer = setTimeout(refresh, document.hidden ? Math.max(wait, IDLE_EVERY) : wait);
}

function take(state) {
  setFailure('');
  ({ jobs, documents, limits } = state);
  dropzone.setLimits(limits);
  // Seen once, a job stays on the page until it is dismissed, finished or not.
  watchJobs(jobs.map((job) => job.job_id));
  draw(state.root);
  const running = jobs.filter((job) => job.state === 'running');
  emit('library', { documents, indexing: running.length ? progress(running) : null });
  if (wasRunning && !running.length) {
    emit('library-changed');
    announce(`Finished: ${jobs.map((job) => outcome(job.files)).filter(Boolean).join(', ')}`);
  }
  wasRunning = running.length > 0;
}

function progress(running) {
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  return {
    documents: sum(running.map((job) => job.files.filter((file) => file.state === 'queued' || file.state === 'running').length)),
    pages_done: sum(running.map((job) => job.pages_done)),
    pages_total: sum(running.map((job) => job.pages_total)),
  };
}

let rootUrl = '';

function draw(url = rootUrl) {
  rootUrl = url;
  jobList.show([...uploads.values(), ...[...jobs].reverse()], documents);
  table.show(rootUrl, documents);
}

function setFailure(text) {
  failure.textContent = text;
  failure.hidden = !text;
}

async function add(files) {
  const id = `upload-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const rows = files.map((file) => ({ name: file.name, state: 'uploading', reason: '' }));
  const card = { job_id: id, state: 'uploading', pages_done: 0, pages_total: 0, files: rows };
  const sent = [];
  uploads.set(id, card);
  draw();
  announce(`Uploading ${plural(files.length, 'file')}`);
  await firstLook; // which tells the limits
  await sendFiles(files, limits, (index, { path, error }) => {
    rows[index].state = error ? 'failed' : 'queued';
    rows[index].reason = error ?? '';
    if (path) sent[index] = { path, name: files[index].name };
    draw();
  });
  const arrived = sent.filter(Boolean);
  card.files = rows.filter((row) => row.state === 'failed');
  if (arrived.length) {
    try {
      const { job_id } = await ask('add_files', { files: arrived });
      watchJobs([...watched, job_id]);
    } catch (error) {
      card.files.push(...arrived.map(({ name }) => ({ name, state: 'failed', reason: error.message })));
    }
  }
  card.state = 'failed';
  // Files that never reached the server stay on the page with their reason.
  if (!card.files.length) uploads.delete(id);
  await refresh();
}

function dismiss(jobId) {
  if (!uploads.delete(jobId)) {
    jobs = jobs.filter((job) => job.job_id !== jobId);
    watchJobs(watched.filter((id) => id !== jobId));
  }
  draw();
}

async function remove({ document_id, document: name }) {
  try {
    await ask('remove_document', { document_id });
    emit('toast', { text: `Deleted ${name}` });
  } catch (error) {
    emit('toast', { text: error.message });
  }
  await refresh();
  emit('library-changed');
}

document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
const firstLook = refresh();
