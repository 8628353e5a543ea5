// Addresses: of pages and documents on the server, and of what is being looked at.

/** Below `rootUrl`, where this app is mounted. */
function pageImage(rootUrl, documentId, page, width) {
  return `${rootUrl}/pages/${encodeURIComponent(documentId)}/${page}.webp?w=${width}`;
}

function documentAt(rootUrl, documentId, page = 1) {
  return `${rootUrl}/documents/${encodeURIComponent(documentId)}.pdf#page=${page}`;
}

/** Whether the address bar is ours: as a part of someone else's page it is not. */
function ownsAddress(rootUrl) {
  const trimmed = (path) => path.replace(/\/+$/, '');
  return trimmed(new URL(rootUrl, location.href).pathname) === trimmed(location.pathname);
}

/** {q, document, page, documents}: `document` without `page` limits the search to that document. */
function readLink() {
  const query = new URLSearchParams(location.search);
  const page = Number.parseInt(query.get('page') ?? '', 10);
  const named = query.getAll('document');
  const viewed = page > 0 && named.length > 0;
  return {
    q: (query.get('q') ?? '').slice(0, 2000),
    document: viewed ? named[0] : '',
    page: viewed ? page : 0,
    documents: viewed ? query.getAll('in') : named,
  };
}

/** The address that shows the same search and page again. */
function linkTo(rootUrl, { q, document, page, documents }) {
  const url = new URL(ownsAddress(rootUrl) ? location.pathname : `${rootUrl}/`, location.href);
  if (q) url.searchParams.set('q', q);
  if (document && page) {
    url.searchParams.set('document', document);
    url.searchParams.set('page', page);
  }
  for (const name of documents ?? []) url.searchParams.append(document && page ? 'in' : 'document', name);
  return url;
}

function writeLink(rootUrl, state) {
  if (ownsAddress(rootUrl)) history.replaceState(history.state, '', linkTo(rootUrl, state));
}
