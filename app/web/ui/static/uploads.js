// @ts-check
// Where files come in: dropped anywhere on the page, pasted, or chosen; whatever tab is shown.

import { h, t } from './dom.js';
import { droppedFiles } from './dropped.js';
import { icon } from './icons.js';

/** Uploads at a time: a hundred files must not open a hundred connections. */
const UPLOADS_AT_ONCE = 3;
const MEGABYTE = 1024 * 1024;

/** @typedef {import('./app.js').App} App */

/**
 * Listen to the page; the files go to `library.add`.
 * @param {App} app
 * @param {{add: (files: File[]) => void, limits: {suffixes: string[]}, limitsKnown: () => Promise<{suffixes: string[]}>}} library
 */
export function takeFiles(app, library) {
  const chooser = h('input', { type: 'file', multiple: true, class: 'pl-unseen pl-chooser', tabindex: '-1', 'aria-hidden': 'true', onchange: () => { take(chooser.files); chooser.value = ''; } });
  const curtain = h('div', { class: 'pl-curtain', hidden: true, 'aria-hidden': 'true' }, h('div', {}, icon('upload'), t('drop to add')));
  let depth = 0;

  function take(/** @type {FileList | File[] | null | undefined} */ files) {
    if (!files?.length || !app.canWrite) return;
    app.emit('show-tab', { tab: 'library' });
    library.add([...files]);
  }

  const carriesFiles = (/** @type {DragEvent} */ event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const lower = () => {
    depth = 0;
    curtain.hidden = true;
  };

  app.container.append(chooser, curtain);
  app.container.addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth++;
    curtain.hidden = !app.canWrite;
  });
  app.container.addEventListener('dragleave', (event) => { if (carriesFiles(event) && --depth <= 0) lower(); });
  // On the whole window: a file that is let go beside the page must not replace it.
  addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    const isTaken = event.defaultPrevented;
    event.preventDefault();
    lower();
    const data = event.dataTransfer;
    if (isTaken || !data || !app.canWrite || !app.container.contains(/** @type {Node} */ (event.target))) return;
    droppedFiles(data, async () => (await library.limitsKnown()).suffixes).then((files) => {
      if (files.length) take(files);
      else app.toast(t('nothing in folder'));
    }).catch(() => take(data.files));
  });
  app.listen('choose-files', () => {
    chooser.accept = library.limits.suffixes.join(',');
    chooser.click();
  });
}

/**
 * Send files to the server a few at a time. onstep(index, {path} | {error}) for each, in any order.
 * What the server would refuse for its size is not sent at all.
 * @param {App} app
 * @param {File[]} files
 * @param {{megabytes: number}} limits
 * @param {(index: number, outcome: {path?: string, error?: string, canRetry?: boolean}) => void} onstep
 *   canRetry: it is not the file's fault
 */
export async function sendFiles(app, files, { megabytes }, onstep) {
  const queue = files.map((file, index) => ({ file, index }));
  async function worker() {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { file, index } = next;
      if (file.size > megabytes * MEGABYTE) onstep(index, { error: t('too large', { megabytes }) });
      else if (file.size === 0) onstep(index, { error: t('file empty') });
      else onstep(index, await sendFile(app, file));
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, worker));
}

async function sendFile(/** @type {App} */ app, /** @type {File} */ file) {
  try {
    const { path } = await app.upload(file);
    return path ? { path } : { error: t('upload failed'), canRetry: true };
  } catch {
    return { error: t('upload failed'), canRetry: true };
  }
}
