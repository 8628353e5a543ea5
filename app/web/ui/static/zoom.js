// Zoom and pan of the page inside its scrolling stage. The page's width is the only thing that changes,
// so whatever is laid over it in percent stays in place.

const MOST_ZOOM = 6;
const ZOOM_STEP = 1.3;

function makeZoom(stage, page, onchange) {
  let zoom = 1;
  let grip = null;

  /** Keep the point under (clientX, clientY), or the middle of the stage, where it is. */
  function set(wanted, clientX, clientY) {
    const view = stage.getBoundingClientRect();
    const x = clientX ?? view.left + view.width / 2;
    const y = clientY ?? view.top + view.height / 2;
    const before = page.getBoundingClientRect();
    const across = (x - before.left) / before.width;
    const down = (y - before.top) / before.height;
    zoom = Math.min(MOST_ZOOM, Math.max(1, wanted));
    page.style.width = `${zoom * 100}%`;
    const after = page.getBoundingClientRect();
    stage.scrollLeft += after.left + across * after.width - x;
    stage.scrollTop += after.top + down * after.height - y;
    stage.classList.toggle('pl-zoomed', zoom > 1);
    onchange(zoom);
  }

  stage.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    set(zoom * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });

  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') set(zoom * ZOOM_STEP);
    else if (event.key === '-') set(zoom / ZOOM_STEP);
    else if (event.key === '0') set(1);
    else return;
    event.preventDefault();
  });

  // Fingers scroll by themselves; a mouse takes hold of the page.
  stage.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0 || zoom === 1) return;
    grip = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop };
    stage.setPointerCapture(event.pointerId);
    stage.classList.add('pl-panning');
  });
  stage.addEventListener('pointermove', (event) => {
    if (!grip) return;
    stage.scrollLeft = grip.left - (event.clientX - grip.x);
    stage.scrollTop = grip.top - (event.clientY - grip.y);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    stage.addEventListener(end, () => {
      grip = null;
      stage.classList.remove('pl-panning');
    });
  }
  stage.addEventListener('dblclick', (event) => set(zoom > 1 ? 1 : 2.2, event.clientX, event.clientY));

  return {
    in: () => set(zoom * ZOOM_STEP),
    out: () => set(zoom / ZOOM_STEP),
    reset: () => set(1),
  };
}
