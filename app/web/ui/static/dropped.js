// @ts-check
// Files that were dropped, and those of folders that were.

/** All of a folder's entries: a browser gives them a hundred at a time. @returns {Promise<any[]>} */
async function entriesOf(/** @type {any} */ folder) {
  const reader = folder.createReader();
  const all = [];
  for (let some = null; !some || some.length; all.push(...some)) some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
  return all;
}

/**
 * Call it while the event is handled: afterwards a browser forgets what was dropped.
 * @param {DataTransfer} data
 * @param {() => Promise<string[]>} readable suffixes of files that can be read: of a folder only these are taken; of single files all are, and the server says why not
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(data, readable) {
  const files = [...data.files];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const suffixes = await readable();
  const canBeRead = (/** @type {string} */ name) => !suffixes.length || suffixes.some((suffix) => name.toLowerCase().endsWith(suffix));
  /** @type {File[]} */
  const found = [];
  async function walk(/** @type {any} */ entry, isInside = false) {
    if (entry.isDirectory) for (const one of await entriesOf(entry)) await walk(one, true);
    else if (!isInside || canBeRead(entry.name)) found.push(await new Promise((resolve, reject) => { entry.file(resolve, reject); }));
  }
  for (const entry of entries) await walk(entry);
  return found;
}
