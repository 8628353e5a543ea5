// Where files come in: dropped anywhere on the page, or chosen.

/** Uploads at a time: a hundred files must not open a hundred connections. */
const UPLOADS_AT_ONCE = 3;

/** onfiles(files): files were chosen or dropped. */
function makeDropzone({ onfiles }) {
  const limits = h('p', { class: 'pl-faint pl-limits' });
  const chooser = h('input', { type: 'file', multiple: true, class: 'pl-unseen', tabindex: '-1', 'aria-hidden': 'true', onchange: () => { take(chooser.files); chooser.value = ''; } });
  const zone = h('button', { type: 'button', class: 'pl-dropzone', onclick: () => chooser.click() },
    h('span', { class: 'pl-drop-icon' }, icon('upload')),
    h('span', { class: 'pl-drop-title' }, 'Drop documents here'),
    h('span', { class: 'pl-drop-or' }, 'or ', h('u', {}, 'choose files')),
    limits);
  const curtain = h('div', { class: 'pl-curtain', hidden: true, 'aria-hidden': 'true' }, h('div', {}, icon('upload'), 'Drop to add to your library'));
  const box = h('div', {}, zone, chooser, curtain);
  let depth = 0;

  function take(files) {
    if (files.length) onfiles([...files]);
  }

  function carriesFiles(event) {
    return [...(event.dataTransfer?.types ?? [])].includes('Files');
  }

  // Moved out of the tab, which is hidden while the other one is shown.
  container.append(curtain);
  container.addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    depth++;
    curtain.hidden = false;
  });
  container.addEventListener('dragleave', (event) => {
    if (carriesFiles(event) && --depth <= 0) {
      depth = 0;
      curtain.hidden = true;
    }
  });
  container.addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  container.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    curtain.hidden = true;
    selectTab('pl-library');
    take(event.dataTransfer.files);
  });
  listen('choose-files', () => whenShown(zone, () => zone.focus()));

  return {
    element: box,
    setLimits({ megabytes, pages, suffixes }) {
      chooser.accept = suffixes.join(',');
      limits.textContent = `PDF, PNG, JPEG, TIFF or WebP · up to ${megabytes.toLocaleString()} MB and ${pages.toLocaleString()} pages each`;
    },
  };
}

/**
 * Send files to the server a few at a time. onstep(index, {path} | {error}) for each, in any order.
 * What the server would refuse for its size is not sent at all.
 */
async function sendFiles(files, { megabytes }, onstep) {
  const queue = files.map((file, index) => ({ file, index }));
  async function worker() {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { file, index } = next;
      if (file.size > megabytes * 1024 * 1024) onstep(index, { error: `Larger than the limit of ${megabytes.toLocaleString()} MB.` });
      else if (file.size === 0) onstep(index, { error: 'The file is empty.' });
      else onstep(index, await sendFile(file));
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, worker));
}

async function sendFile(file) {
  try {
    const { path } = await upload(file);
    return path ? { path } : { error: 'The upload failed.' };
  } catch {
    return { error: 'The upload failed. Check the connection and the size limit, then try again.' };
  }
}
