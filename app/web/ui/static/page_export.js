// Taking a page along: its picture as it is lit, and a citation.

/** Save the page with its heat map and boxes as a PNG; the plain image where the browser forbids that. */
async function savePage(image, heatCanvas, regions, isDark, name) {
  const canvas = h('canvas', { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  if (heatCanvas) {
    context.globalCompositeOperation = isDark ? 'screen' : 'multiply';
    context.drawImage(heatCanvas, 0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = 'source-over';
  }
  context.strokeStyle = '#c96f00';
  regions.forEach(({ box: [x0, y0, x1, y1] }, rank) => {
    context.lineWidth = (rank === 0 ? 3 : 1.5) * (canvas.width / 1000);
    context.strokeRect(x0 * canvas.width, y0 * canvas.height, (x1 - x0) * canvas.width, (y1 - y0) * canvas.height);
  });
  let href = image.src;
  try {
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    if (blob) href = URL.createObjectURL(blob);
  } catch {
    // A page that embeds this app from elsewhere may show the image but not read it.
  }
  h('a', { href, download: `${name.replace(/[\\/:*?"<>|]+/g, ' ').trim()}.png` }).click();
  if (href.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Whether it worked; the clipboard API exists on https and localhost only. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'pl-unseen', value: text });
    container.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
