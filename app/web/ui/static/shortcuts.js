// Keys of the search tab: / to the box, down to the results, Escape back, Alt+Page up and down in the document.

input.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' && found?.hits.length) {
    event.preventDefault();
    focusCards();
  }
});
viewer.element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.fullscreenElement) backToResults();
  const step = { PageDown: 1, PageUp: -1 }[event.key];
  const target = viewer.view && step ? viewer.view.page + step : 0;
  if (!step || !event.altKey || target < 1 || target > viewer.view.pages) return;
  event.preventDefault();
  open(viewer.view.document_id, target, { focus: false, scroll: false });
});
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  selectTab('pl-search');
  whenShown(input, () => {
    input.focus();
    input.select();
  });
});
