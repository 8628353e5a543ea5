"""Names of a page's vectors and of its payload's fields, the same in the embedded store and on a server."""

PATCHES = "patches"
PASSAGES = "passages"
#: the sum of the page's passages
SUBJECT = "subject"
WORDS = "words"
#: text for people to select, where it is not the document's own alone, and its number of words
LEGIBLE = "legible"
N_LEGIBLE = "n_legible"
#: of indexes with a codebook: its entries, and the terms of the document's own words
SEEN = "seen"
#: of indexes with learned centroids: the entries of those that the page's vectors lie nearest to
CENTROIDS = "centroids"
DOCUMENT_ID = "document_id"
PAGE = "page"
N_VECTORS = "n_vectors"
N_PATCHES = "n_patches"
#: of indexes with a codebook: the packed vectors, and the terms of the document's own words
VECTORS = "vectors"
TERMS = "terms"
#: lines of a page's passages, beside the vectors in PASSAGES; and instead of them, the words that are still to be understood
MEANING = "meaning"
SHALLOW = "shallow"
#: enough to see that a page's meaning is still to come
IS_SHALLOW = f"{SHALLOW}.read"
#: enough to see that it is there
N_LINES = f"{MEANING}.n_lines"
#: the fields that `PageColumn`s are made of
COLUMNS = [
    DOCUMENT_ID,
    "document",
    PAGE,
    N_VECTORS,
    N_PATCHES,
    VECTORS,
    TERMS,
    f"{MEANING}.read",
    IS_SHALLOW,
]
