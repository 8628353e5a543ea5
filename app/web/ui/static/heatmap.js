// @ts-check
// The heat map: one small grid of bytes for each word of the query, drawn in the browser.

import { h } from './dom.js';

/** Below this share of the strongest match a cell stays unlit. */
const FLOOR = 0.25;
/** Share of a page that words on it light at most, and what weak cells keep of their opacity where far more is lit. */
const WIDE = 0.05;
const LEAST_CALM = 0.4;
/** Canvas pixels for each cell: the browser smooths the rest of the way to the page's size. */
const CELL = 4;
/** Canvas pixels for each hatched cell. */
const HATCH = 12;
/** Pixels across of the page's picture as it is looked at for its darkness, and the mean channel below which it is dark. */
const SAMPLE = 16;
const DARK = 100;
/** Weak, middling and strong matches: light, honey, ember. */
const SHADES = [[255, 232, 150], [255, 178, 64], [244, 104, 40]];

function bytes(/** @type {string} */ base64) {
  const text = atob(base64);
  const found = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) found[i] = text.charCodeAt(i);
  return found;
}

/**
 * @typedef {{rows: number, columns: number, words: string[], weights: number[], maps: Uint8Array[], indexed: Uint8Array}} Heat
 */

/** From the server's form. @returns {Heat} */
export function readHeatmap(/** @type {{grid: number[], words: string[], weights: number[], maps: string[], indexed: string}} */ { grid, words, weights, maps, indexed }) {
  return { rows: grid[0], columns: grid[1], words, weights, maps: maps.map(bytes), indexed: bytes(indexed) };
}

/** Strongest of the chosen words for each cell, 0..1; beside heavier words, a light one ("the") stays faint. */
function strongest(/** @type {Heat} */ heat, /** @type {number[]} */ chosen) {
  const cells = new Float32Array(heat.rows * heat.columns);
  const heaviest = Math.max(...chosen.map((word) => heat.weights[word]), 1e-6);
  for (const word of chosen) {
    const map = heat.maps[word];
    const share = Math.sqrt(heat.weights[word] / heaviest) / 255;
    for (let cell = 0; cell < cells.length; cell++) cells[cell] = Math.max(cells[cell], map[cell] * share);
  }
  return cells;
}

function shade(/** @type {number} */ strength) {
  const place = strength * (SHADES.length - 1);
  const low = Math.min(Math.floor(place), SHADES.length - 2);
  return SHADES[low].map((channel, i) => channel + (SHADES[low + 1][i] - channel) * (place - low));
}

/** Red, green, blue and opacity for each strength from 0 to 255. Unlit cells take the palest shade, so that smoothing fades into light and not into black. */
const PALETTE = Array.from({ length: 256 }, (_, value) => {
  const strength = Math.max(0, (value / 255 - FLOOR) / (1 - FLOOR));
  return [...shade(strength), 255 * Math.min(1, strength * 1.4)];
});

/** How much of their opacity weak cells keep: a chart that is lit as a whole has to stay readable. */
function calmness(/** @type {Float32Array} */ cells) {
  const lit = cells.filter((value) => value >= FLOOR).length / cells.length;
  return lit > WIDE ? Math.max(LEAST_CALM, Math.sqrt(WIDE / lit)) : 1;
}

/** Draw the chosen words' matches; the canvas covers the page exactly, whatever the zoom. */
export function drawHeatmap(/** @type {HTMLCanvasElement} */ canvas, /** @type {Heat} */ heat, /** @type {number[]} */ chosen, /** @type {number} */ opacity) {
  const { rows, columns } = heat;
  const small = h('canvas', { width: columns, height: rows });
  const context = small.getContext('2d');
  const image = context.createImageData(columns, rows);
  const { data } = image;
  const cells = strongest(heat, chosen);
  const calm = calmness(cells);
  cells.forEach((value, cell) => {
    const [red, green, blue, alpha] = PALETTE[Math.round(255 * value)];
    const at = cell * 4;
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = alpha * opacity * (1 - (1 - calm) * (1 - value ** 4));
  });
  context.putImageData(image, 0, 0);
  canvas.width = columns * CELL;
  canvas.height = rows * CELL;
  const wide = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  wide.imageSmoothingQuality = 'high';
  wide.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** Hatch the cells whose vectors were pruned: nothing is known of them, which is not the same as no match. */
export function drawSkipped(/** @type {HTMLCanvasElement} */ canvas, /** @type {Heat} */ heat) {
  const { rows, columns, indexed } = heat;
  canvas.width = columns * HATCH;
  canvas.height = rows * HATCH;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.strokeStyle = 'rgba(110, 98, 82, 0.35)';
  context.lineWidth = 1.2;
  indexed.forEach((kept, cell) => {
    if (kept) return;
    const x = (cell % columns) * HATCH;
    const y = Math.floor(cell / columns) * HATCH;
    context.beginPath();
    context.moveTo(x, y + HATCH);
    context.lineTo(x + HATCH, y);
    context.stroke();
  });
}

/** Whether light has to be added instead of ink: true for a page that is dark on the whole. */
export async function isDarkPage(/** @type {HTMLImageElement} */ image) {
  try {
    const small = await createImageBitmap(image, { resizeWidth: SAMPLE, resizeHeight: SAMPLE });
    const context = h('canvas', { width: SAMPLE, height: SAMPLE }).getContext('2d', { willReadFrequently: true });
    context.drawImage(small, 0, 0, SAMPLE, SAMPLE);
    const { data } = context.getImageData(0, 0, SAMPLE, SAMPLE);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
    return sum / (SAMPLE * SAMPLE * 3) < DARK;
  } catch {
    // Another origin's image (an embedding page) cannot be read; most pages are light.
    return false;
  }
}
