// The header: the name, the switch between day and night, and the line that screen readers are told.

const THEME_KEY = 'pagelight-theme';

function logo() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('class', 'pl-logo');
  svg.setAttribute('aria-hidden', 'true');
  const shapes = [
    ['rect', { x: 6, y: 3, width: 20, height: 26, rx: 3.5, class: 'pl-logo-page' }],
    ['rect', { x: 3, y: 12, width: 26, height: 7.5, rx: 3.75, class: 'pl-logo-glow' }],
    ['path', { d: 'M11 9h10M11 15.750h10M11 22.500h6', class: 'pl-logo-lines' }],
  ];
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}

function isDark() {
  return document.body.classList.contains('dark');
}

function applyTheme(theme) {
  document.body.classList.toggle('dark', theme === 'dark');
  drawSwitch();
}

const switchButton = h('button', { type: 'button', class: 'pl-theme', onclick: toggleTheme }, h('span', { class: 'pl-theme-disc' }));

function drawSwitch() {
  const label = isDark() ? 'Switch to light' : 'Switch to dark';
  switchButton.setAttribute('aria-label', label);
  switchButton.title = label;
}

function toggleTheme() {
  const theme = isDark() ? 'light' : 'dark';
  applyTheme(theme);
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // A frame without storage keeps the choice until it is reloaded.
  }
}

function storedTheme() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

const live = h('p', { class: 'pl-unseen', role: 'status', 'aria-live': 'polite' });
const toast = h('p', { class: 'pl-toast', hidden: true, 'aria-hidden': 'true' });
let toastTimer = 0;

listen('announce', ({ text }) => {
  live.textContent = text;
});

listen('toast', ({ text }) => {
  live.textContent = text;
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, 3000);
});

root.replaceChildren(
  h('div', { class: 'pl-brand' }, logo(), h('span', { class: 'pl-name' }, 'Pagelight')),
  switchButton,
  live,
  toast,
);
if (storedTheme()) applyTheme(storedTheme());
drawSwitch();
