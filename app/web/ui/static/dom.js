// What every panel's script starts from. Text from people and files reaches the page through
// textContent and setAttribute only; nothing here or below builds HTML from strings.

const root = element.querySelector('.pl');
const container = element.closest('.gradio-container') ?? document.body;

/** An element: `h('a', {class: 'x', href: url, onclick: fn}, 'text', child, null)`. */
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(node.style, value);
    else if (name === 'value' || name === 'checked' || name === 'disabled') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon button with a name for those who cannot see it, and a tooltip for those who can. */
function iconButton(name, label, onclick, attributes = {}) {
  return h('button', { type: 'button', class: 'pl-icon-button', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}

/** Tell the other panels of this app; two apps on one page stay apart. */
function emit(name, detail = {}) {
  container.dispatchEvent(new CustomEvent(`pagelight:${name}`, { detail }));
}

function listen(name, handler) {
  container.addEventListener(`pagelight:${name}`, (event) => handler(event.detail));
}

/** Said by screen readers. */
function announce(text) {
  emit('announce', { text });
}

/** Call a server function; rejects with a line that can be shown. */
async function ask(name, payload = {}) {
  let reply = null;
  try {
    reply = await server[name](payload);
  } catch {
    // Told apart from an answer below.
  }
  if (reply === null || typeof reply !== 'object') {
    throw new Error('Pagelight does not answer. Check that it is still running, then try again.');
  }
  if (reply.error) throw Object.assign(new Error(reply.error), { status: reply.status });
  return reply;
}

function plural(count, noun, nouns = `${noun}s`) {
  return `${count.toLocaleString()} ${count === 1 ? noun : nouns}`;
}

function selectTab(id) {
  container.querySelector(`#${id}-button`)?.click();
}

/** Once the tab of an element is shown, which takes a few frames after it was selected. */
function whenShown(node, action, frames = 60) {
  if (node.offsetParent) action();
  else if (frames > 0) requestAnimationFrame(() => whenShown(node, action, frames - 1));
}

const MOTION = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
const NARROW = matchMedia('(max-width: 799px)');
