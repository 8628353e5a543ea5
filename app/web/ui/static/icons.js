// @ts-check
// Line icons on a 24 x 24 field, drawn for this app.

import { h, svg } from './dom.js';

/** @type {Record<string, string[]>} */
const ICONS = {
  search: ['M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z', 'm15.5 15.5 5 5'],
  down: ['m6 9 6 6 6-6'],
  left: ['m14.5 5-7 7 7 7'],
  right: ['m9.5 5 7 7-7 7'],
  plus: ['M12 5v14', 'M5 12h14'],
  minus: ['M5 12h14'],
  close: ['m6 6 12 12', 'M18 6 6 18'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  open: ['M13 4h7v7', 'm20 4-9 9', 'M19 14.5V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1h4.5'],
  copy: ['M9 8h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1Z', 'M4.800 16H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h11a1 1 0 0 1 1 1v.8'],
  download: ['M12 4v11', 'm7 10.5 5 5 5-5', 'M5 20h14'],
  expand: ['M9 4H4v5', 'M15 4h5v5', 'M9 20H4v-5', 'M15 20h5v-5'],
  boxes: ['M4 8V5a1 1 0 0 1 1-1h3', 'M16 4h3a1 1 0 0 1 1 1v3', 'M20 16v3a1 1 0 0 1-1 1h-3', 'M8 20H5a1 1 0 0 1-1-1v-3', 'M9 9h6v6H9z'],
  hatch: ['M4 12 12 4', 'M4 20 20 4', 'M12 20l8-8'],
  thumbUp: ['M7 11v9H4v-9h3Zm0 0 4-7c1.400 0 2.200 1 2 2.400L12.500 9H18a2 2 0 0 1 2 2.300l-1 7A2 2 0 0 1 17 20H7'],
  thumbDown: ['M7 13V4H4v9h3Zm0 0 4 7c1.400 0 2.200-1 2-2.400L12.500 15H18a2 2 0 0 0 2-2.300l-1-7A2 2 0 0 0 17 4H7'],
  trash: ['M5 7h14', 'M9 7V4.500h6V7', 'm6.500 7 1 13h9l1-13', 'M10 11v5', 'M14 11v5'],
  edit: ['M4.500 19.500l1-4L16 5a1.400 1.400 0 0 1 2 0l1 1a1.400 1.400 0 0 1 0 2L8.500 18.500l-4 1Z', 'm14.500 6.500 3 3'],
  star: ['m12 4 2.400 5.100 5.600.7-4.100 3.900 1 5.500L12 16.500 7.100 19.200l1-5.500L4 9.800l5.600-.7L12 4Z'],
  crop: ['M7 3v13a1 1 0 0 0 1 1h13', 'M3 7h13a1 1 0 0 1 1 1v13'],
  pages: ['M9 4h9a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z', 'M5 8v11a1 1 0 0 0 1 1h9', 'M11 8.500h5', 'M11 12h5'],
  image: ['M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z', 'M9 10.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z', 'm5 18 5-5 3 3 3-4 3.500 4.500'],
  file: ['M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z', 'M14 3v5h5'],
  folder: ['M4 6a1 1 0 0 1 1-1h4.500l2 2.500H19a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1Z'],
  upload: ['M12 16V5', 'm7 9.500 5-5 5 5', 'M5 20h14'],
  alert: ['M12 4 3 19.500h18L12 4Z', 'M12 10v4', 'M12 16.800v.2'],
  clock: ['M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Z', 'M12 7.500V12l3 2'],
  rotate: ['M19 8a8 8 0 1 0 1 5', 'M20 4v4.500h-4.500'],
  target: ['M4 9V5a1 1 0 0 1 1-1h4', 'M15 4h4a1 1 0 0 1 1 1v4', 'M20 15v4a1 1 0 0 1-1 1h-4', 'M9 20H5a1 1 0 0 1-1-1v-4', 'M12 9.500v5', 'M9.500 12h5'],
  share: ['M12 14V4', 'm8 8 4-4 4 4', 'M5 13v6a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-6'],
  help: ['M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Z', 'M9.700 9.500a2.400 2.400 0 1 1 3.300 2.200c-.7.3-1 .8-1 1.600v.4', 'M12 16.500v.2'],
  undo: ['M8 6 4 10l4 4', 'M4 10h10a5 5 0 0 1 0 10h-3'],
  retry: ['M19 8a8 8 0 1 0 1 5', 'M20 4v4.500h-4.500'],
  up: ['m6 15 6-6 6 6'],
  sort: ['M8 20V5', 'm4.500 8.500 3.500-3.500 3.500 3.500', 'M16 4v15', 'm12.500 15.500 3.500 3.500 3.500-3.500'],
  strip: ['M4 4h6v16H4z', 'M14 4h6v7h-6z', 'M14 15h6v5h-6z'],
};

/** @param {string} name */
export function icon(name) {
  return svg('svg', { viewBox: '0 0 24 24', class: 'pl-icon', 'aria-hidden': 'true' }, ...ICONS[name].map((d) => svg('path', { d })));
}

/**
 * An icon button with a name for those who cannot see it, and a tooltip for those who can.
 * @param {string} name
 * @param {string} label
 * @param {(event: any) => void} onclick
 * @param {Record<string, any>} [attributes]
 */
export function iconButton(name, label, onclick, attributes = {}) {
  return h('button', { type: 'button', class: 'pl-icon-button', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}
