"""The library for language models, by the Model Context Protocol: over stdio, and at /mcp under the same guard."""

from __future__ import annotations

import base64
import binascii
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar, get_args

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent, ToolAnnotations
from pydantic import Field
from starlette.types import ASGIApp

import pagelight
from pagelight.app.filters import document_filter
from pagelight.app.granularity import Granularity
from pagelight.app.payload import JSON, documents_payload, job_payload, receipt_payload, search_payload
from pagelight.app.places import lit_crop, text_in
from pagelight.app.service import Service
from pagelight.app.uploads import document_name
from pagelight.app.web.access import Access
from pagelight.retrieval.errors import InvalidInput, NotFound, PagelightError
from pagelight.retrieval.results import PageHit, SearchResult

#: pictures in one answer: a model reads the best ones, and each costs it some thousand tokens
_CROPS = 3
_PIXELS = 1200
_INSTRUCTIONS = (
    "Searches the pages of a library of documents by what is on them. `search` gives pages with the places that answer, "
    "as words, boxes and pictures. Cite document and page. Where nothing matches, say so; where documents are still "
    "being indexed, the answer may be incomplete."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

P = ParamSpec("P")
R = TypeVar("R")


def build_mcp(service: Service, is_local: bool, access: Access = "write") -> MCPServer[Any]:
    """is_local: the client runs on this machine as this person, so files are named by their paths

    access: "read" leaves out the tool that adds documents
    """
    server = _server(service.settings.title)

    @server.tool(annotations=_READS, structured_output=False)
    def search(
        query: Annotated[
            str,
            Field(
                description="a question, or words, or a description of a look; quotes mean the phrase, `-word` excludes"
            ),
        ],
        top_k: Annotated[int, Field(description="pages to return")] = 5,
        documents: Annotated[list[str], Field(description="names or ids to search in; empty: all")] = [],  # noqa: B006
        tags: Annotated[list[str], Field(description="tags that the documents have, all of them")] = [],  # noqa: B006
        types: Annotated[list[str], Field(description="kinds of file: pdf, png …; empty: all")] = [],  # noqa: B006
        added_from: Annotated[str, Field(description="date from which on they were added, UTC")] = "",
        added_to: Annotated[str, Field(description="date up to which they were added")] = "",
        languages: Annotated[
            list[str], Field(description="languages of the documents: en, de …; empty: all")
        ] = [],  # noqa: B006
        dated_from: Annotated[str, Field(description="the documents' own date, from this day on")] = "",
        dated_to: Annotated[str, Field(description="the documents' own date, up to this day")] = "",
        granularity: Annotated[
            Granularity, Field(description="what is listed beside the pages: documents or places")
        ] = "pages",
    ) -> CallToolResult:
        """Find the pages that answer, with the words there, boxes, strength and pictures of the best places."""
        return _said(
            lambda: _found(
                service,
                service.search(
                    query,
                    top_k,
                    documents,
                    only=document_filter(tags, types, added_from, added_to, languages, dated_from, dated_to),
                ),
                granularity,
            )
        )

    @server.tool(annotations=_READS, structured_output=False)
    def why_page(
        document: Annotated[str, Field(description="name or id")],
        page: Annotated[int, Field(description="counts from 1")],
        query: Annotated[str, Field(description="the query that the page was found by")],
    ) -> CallToolResult:
        """Why a page was found: each word of the query, what it matched, where, and its share of the score."""
        return _said(_why_page, service, document, page, query)

    @server.tool(annotations=_READS, structured_output=False)
    def search_like(
        document: Annotated[str, Field(description="name or id")],
        page: Annotated[int, Field(description="counts from 1")],
        box: Annotated[
            tuple[float, float, float, float] | None,
            Field(
                description="x0, y0, x1, y1 relative to the page, as `search` gives them; none: the whole page"
            ),
        ] = None,
        top_k: Annotated[int, Field(description="pages to return")] = 5,
    ) -> CallToolResult:
        """Find the pages that are like a page, or like a piece of it: its words, its looks and what it means."""
        return _said(
            lambda: _found(
                service,
                service.search_like(service.find_document(document).document_id, page, box, top_k),
            )
        )

    @server.tool(annotations=_READS, structured_output=False)
    def search_picture(
        content: Annotated[str, Field(description="an image file's bytes in base64")],
        top_k: Annotated[int, Field(description="pages to return")] = 5,
    ) -> CallToolResult:
        """Find the pages that are like a picture."""
        return _said(lambda: _found(service, service.search_picture(_decoded(service, content), top_k)))

    @server.tool(annotations=_READS, structured_output=False)
    def read_page(
        document: Annotated[str, Field(description="name or id")],
        page: Annotated[int, Field(description="counts from 1")],
    ) -> CallToolResult:
        """One page: its words in reading order, and a picture of it."""
        return _said(_read_page, service, document, page)

    @server.tool(annotations=_READS, structured_output=False)
    def list_documents() -> CallToolResult:
        """What the library holds, and what is still being indexed."""
        return _said(_list_documents, service)

    if access == "read":
        return server

    if is_local:

        @server.tool(structured_output=False)
        def add_document(
            path: Annotated[str, Field(description="a document or picture, or a folder of them")],
        ) -> CallToolResult:
            """Index a file or a folder of this machine, in the background."""
            return _said(_add_path, service, path)
    else:

        @server.tool(name="add_document", structured_output=False)
        def add_content(
            name: Annotated[str, Field(description="what the document is called, such as report.pdf")],
            content: Annotated[str, Field(description="the file's bytes in base64")],
        ) -> CallToolResult:
            """Index a document or picture, in the background."""
            return _said(_add_content, service, name, content)

    return server


def run_stdio(service: Service) -> None:
    """Serve over stdio until the client closes the connection."""
    access: Access = "read" if service.settings.search_only else "write"
    build_mcp(service, is_local=True, access=access).run("stdio")


@asynccontextmanager
async def running_apps(service: Service) -> AsyncIterator[dict[Access, ASGIApp]]:
    """One server for those who may add documents, and one for those who may not: streamable HTTP without sessions."""
    async with AsyncExitStack() as stack:
        apps: dict[Access, ASGIApp] = {}
        for access in get_args(Access):
            server = build_mcp(service, is_local=False, access=access)
            # Names and origins are the guard's business, which knows more about them.
            security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
            server.streamable_http_app(stateless_http=True, json_response=True, transport_security=security)
            await stack.enter_async_context(server.session_manager.run())
            apps[access] = StreamableHTTPASGIApp(server.session_manager)
        yield apps


def _server(title: str) -> MCPServer[Any]:
    """The SDK configures the root logger, which belongs to the host."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    server: MCPServer[Any] = MCPServer(
        "pagelight",
        title=title,
        instructions=_INSTRUCTIONS,
        version=pagelight.__version__,
        log_level="WARNING",
    )
    root.handlers[:] = handlers
    root.setLevel(level)
    return server


def _said(call: Callable[P, CallToolResult], *args: P.args, **kwargs: P.kwargs) -> CallToolResult:
    try:
        return call(*args, **kwargs)
    except PagelightError as error:
        raise ToolError(str(error)) from error


def _found(service: Service, result: SearchResult, granularity: Granularity = "pages") -> CallToolResult:
    crops = result.hits[:_CROPS] if result.matched else ()
    hits = [_hit(service, hit, number) for number, hit in enumerate(result.hits, start=1)]
    payload = search_payload(result, granularity)
    lines = [_headline(result), *_still_indexing(service), *hits, *_listed(payload)]
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


def _why_page(service: Service, document: str, page: int, query: str) -> CallToolResult:
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


def _headline(result: SearchResult) -> str:
    if not result.matched:
        nearest = "; the nearest pages follow, which may not be about it" if result.hits else ""
        return f"Nothing in the library clearly matches “{result.query}”{nearest}."
    return f"{len(result.hits)} pages for “{result.query}”, best first:"


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
            f"Still indexing: {documents} documents, {done} of {total} pages done; more may be found later."
        ]
    if depth is not None:
        return [
            f"Getting deeper: {depth[0]} of {depth[1]} pages are understood, the others found by words only."
        ]
    return []


def _read_page(service: Service, document: str, page: int) -> CallToolResult:
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


def _list_documents(service: Service) -> CallToolResult:
    documents = service.documents()
    rows = [
        f"{one.name}: {one.pages_indexed} of {one.pages or '?'} pages, {one.state} (id {one.document_id[:12]})"
        for one in documents
    ]
    lines = [f"{len(rows)} documents", *_still_indexing(service), *rows]
    return _answer("\n".join(lines), [], {"documents": documents_payload(documents)})


def _add_path(service: Service, path: str) -> CallToolResult:
    job = service.add([Path(path).expanduser()])
    return _added(job_payload(job.status), job.job_id)


def _decoded(service: Service, content: str) -> bytes:
    limit = service.settings.limits.max_bytes
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("content: expected base64") from None
    if len(data) > limit:
        raise InvalidInput(f"larger than the limit of {limit // 1_000_000:,} MB; split it or raise max_mb")
    return data


def _add_content(service: Service, name: str, content: str) -> CallToolResult:
    data = _decoded(service, content)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        job = service.add([file.name], names=[document_name(name)])
    return _added(job_payload(job.status), job.job_id)


def _added(status: JSON, job_id: str) -> CallToolResult:
    rows = [f"{file['name']}: {file['state']} {file['reason']}".rstrip() for file in status["files"]]
    return _answer("\n".join(rows), [], {"job_id": job_id, **status})


def _answer(text: str, pictures: list[ImageContent], structured: JSON) -> CallToolResult:
    content: list[ContentBlock] = [TextContent(text=text), *pictures]
    return CallToolResult(content=content, structured_content=structured)


def _picture(data: bytes) -> ImageContent:
    return ImageContent(data=base64.b64encode(data).decode("ascii"), mime_type="image/jpeg")
