"""Answers to MCP's tools: text, pictures of the best places, and the same JSON as HTTP's."""

from __future__ import annotations

import base64
import binascii
import tempfile
from pathlib import Path

from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent

from pagelight.app.counts import counted
from pagelight.app.granularity import Granularity
from pagelight.app.payload import JSON, documents_payload, job_payload, receipt_payload, search_payload
from pagelight.app.places import lit_crop, text_in
from pagelight.app.service import Service
from pagelight.app.uploads import document_name
from pagelight.retrieval.errors import InvalidInput, NotFound
from pagelight.retrieval.results import PageHit, SearchResult

#: pictures in one answer: a model reads the best ones, and each costs it some thousand tokens
_CROPS = 3
_PIXELS = 1200


def found(
    service: Service, result: SearchResult, granularity: Granularity = "pages", is_like: bool = False
) -> CallToolResult:
    """The pages of a result, with pictures of the best places. is_like: of a search by an example"""
    crops = result.hits[:_CROPS] if result.matched else ()
    hits = [_hit(service, hit, number) for number, hit in enumerate(result.hits, start=1)]
    payload = search_payload(result, granularity)
    lines = [_headline(result, is_like), *_still_indexing(service), *hits, *_listed(payload)]
    pictures = [
        _picture(lit_crop(service.page_image(hit.document_id, hit.page, _PIXELS), hit.regions))
        for hit in crops
    ]
    indexing = service.indexing()
    more: JSON = {
        "indexing": None if indexing is None else {"pages_done": indexing[1], "pages_total": indexing[2]}
    }
    return _answer("\n".join(lines), pictures, {**payload, **more})


def _listed(payload: JSON) -> list[str]:
    """The documents or places of a result, where it has them, best first."""
    documents = [
        f"{one['document']}: pages {', '.join(map(str, one['pages']))} (strength {one['strength']:.2f})"
        for one in payload.get("documents", ())
    ]
    places = [
        f"{one['document']}, page {one['page']}, at [{', '.join(f'{edge:.3f}' for edge in one['box'])}] "
        f"(strength {one['strength']:.2f})"
        for one in payload.get("places", ())
    ]
    return [
        *(["", "Documents:", *documents] if documents else []),
        *(["", "Places:", *places] if places else []),
    ]


def why_page(service: Service, document: str, page: int, query: str) -> CallToolResult:
    """The parts of a page's score."""
    found = service.find_document(document)
    payload = receipt_payload(service.why(found.document_id, page, query))
    rows = [
        f"{entry['share']:.0%} {entry['word'] or entry['kind']}"
        + (f": {entry['matched']}" if entry["matched"] else "")
        + (f" at [{', '.join(f'{edge:.3f}' for edge in entry['box'])}]" if entry["box"] else "")
        for entry in payload["entries"]
    ]
    compared = (
        "all pages are compared" if payload["exact"] else "a first stage chooses the pages that are compared"
    )
    head = f"{found.name}, page {page}, score {payload['score']} for “{query}” ({compared}):"
    return _answer("\n".join([head, *rows]), [], {"document_id": found.document_id, "page": page, **payload})


def _headline(result: SearchResult, is_like: bool) -> str:
    if not result.matched:
        nearest = "; the nearest pages follow, which may not be about it" if result.hits else ""
        lacks = "is clearly like that" if is_like else f"clearly matches “{result.query}”"
        return f"Nothing in the library {lacks}{nearest}."
    asked = "like that" if is_like else f"for “{result.query}”"
    return f"{counted(len(result.hits), 'page')} {asked}, best first:"


def _hit(service: Service, hit: PageHit, number: int) -> str:
    places = []
    try:
        words = service.page_words(hit.document_id, hit.page)
    except NotFound:
        words = None
    for region in hit.regions:
        box = ", ".join(f"{edge:.3f}" for edge in region.box)
        text = text_in(words, region.box) if words is not None else ""
        places.append(f"   at [{box}]: {text or 'a picture'}")
    head = (
        f"{number}. {hit.document}, page {hit.page} (strength {hit.strength:.2f}, id {hit.document_id[:12]})"
    )
    return "\n".join([head, *places])


def _still_indexing(service: Service) -> list[str]:
    found, depth = service.indexing(), service.deepening()
    if found is not None:
        documents, done, total = found
        return [
            f"Still indexing: {counted(documents, 'document')}, {done} of {total} pages done; more may be found later."
        ]
    if depth is not None:
        return [
            f"Getting deeper: {depth[0]} of {depth[1]} pages are understood, the others found by words only."
        ]
    return []


def read_page(service: Service, document: str, page: int) -> CallToolResult:
    """A page's words in reading order, and its picture."""
    found = service.find_document(document)
    service.check_page(found.document_id, page)
    try:
        text = " ".join(service.page_words(found.document_id, page).texts)
    except NotFound:
        text = ""
    shown = _picture(lit_crop(service.page_image(found.document_id, page, _PIXELS), ()))
    head = f"{found.name}, page {page} of {found.pages}"
    body = text or "(the document has no words of its own here; see the picture)"
    more = {"document": found.name, "document_id": found.document_id, "page": page, "text": text}
    return _answer(f"{head}\n\n{body}", [shown], more)


def list_documents(service: Service) -> CallToolResult:
    """The documents, and how far indexing is."""
    documents = service.documents()
    rows = [
        f"{one.name}: {one.pages_indexed} of {one.pages or '?'} pages, {one.state} (id {one.document_id[:12]})"
        for one in documents
    ]
    lines = [counted(len(rows), "document"), *_still_indexing(service), *rows]
    return _answer("\n".join(lines), [], {"documents": documents_payload(documents)})


def add_path(service: Service, path: str) -> CallToolResult:
    """The job that indexes a file or folder of this machine."""
    job = service.add([Path(path).expanduser()])
    return _added(job_payload(job.status), job.job_id)


def decoded(service: Service, content: str) -> bytes:
    """The bytes of base64. Raises InvalidInput."""
    limit = service.settings.limits.max_bytes
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("content: expected base64") from None
    if len(data) > limit:
        raise InvalidInput(f"larger than the limit of {limit // 1_000_000:,} MB; split it or raise max_mb")
    return data


def add_content(service: Service, name: str, content: str) -> CallToolResult:
    """The job that indexes a file that was sent."""
    data = decoded(service, content)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        job = service.add([file.name], names=[document_name(name)])
    return _added(job_payload(job.status), job.job_id)


def _added(status: JSON, job_id: str) -> CallToolResult:
    rows = [
        f"{file['name']}: {file['state']}" + (f": {file['reason']}" if file["reason"] else "")
        for file in status["files"]
    ]
    return _answer("\n".join(rows), [], {"job_id": job_id, **status})


def _answer(text: str, pictures: list[ImageContent], structured: JSON) -> CallToolResult:
    content: list[ContentBlock] = [TextContent(text=text), *pictures]
    return CallToolResult(content=content, structured_content=structured)


def _picture(data: bytes) -> ImageContent:
    return ImageContent(data=base64.b64encode(data).decode("ascii"), mime_type="image/jpeg")
