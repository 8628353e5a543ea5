"""The library for language models, by the Model Context Protocol: over stdio, and at /mcp under the same guard."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any, ParamSpec, TypeVar, get_args

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field, ValidationError
from starlette.types import ASGIApp

import pagelight
from pagelight.app.filters import document_filter
from pagelight.app.granularity import Granularity
from pagelight.app.service import Service
from pagelight.app.web import mcp_answers as answers
from pagelight.app.web.access import Access
from pagelight.app.web.api.requests import sentence
from pagelight.retrieval.errors import PagelightError

_INSTRUCTIONS = (
    "Searches the pages of a library of documents by what is on them. `search` gives pages with the places that answer, "
    "as words, boxes and pictures. Cite document and page. Where nothing matches, say so; where documents are still "
    "being indexed, the answer may be incomplete."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


class _Server(MCPServer[Any]):
    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Its answer. Raises ToolError, in a sentence of ours where the arguments are wrong."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(sentence(error.__cause__.errors(include_url=False)[0])) from None
            if isinstance(error.__cause__, ToolError):  # ours, which the SDK puts words in front of
                raise error.__cause__ from None
            raise


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
        return _answered(
            lambda: answers.found(
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
        return _answered(answers.why_page, service, document, page, query)

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
        return _answered(
            lambda: answers.found(
                service,
                service.search_like(service.find_document(document).document_id, page, box, top_k),
                is_like=True,
            )
        )

    @server.tool(annotations=_READS, structured_output=False)
    def search_picture(
        content: Annotated[str, Field(description="an image file's bytes in base64")],
        top_k: Annotated[int, Field(description="pages to return")] = 5,
    ) -> CallToolResult:
        """Find the pages that are like a picture."""
        return _answered(
            lambda: answers.found(
                service, service.search_picture(answers.decoded(service, content), top_k), is_like=True
            )
        )

    @server.tool(annotations=_READS, structured_output=False)
    def read_page(
        document: Annotated[str, Field(description="name or id")],
        page: Annotated[int, Field(description="counts from 1")],
    ) -> CallToolResult:
        """One page: its words in reading order, and a picture of it."""
        return _answered(answers.read_page, service, document, page)

    @server.tool(annotations=_READS, structured_output=False)
    def list_documents() -> CallToolResult:
        """List the documents of the library, and those that are still being indexed."""
        return _answered(answers.list_documents, service)

    if access == "read":
        return server

    if is_local:

        @server.tool(structured_output=False)
        def add_document(
            path: Annotated[str, Field(description="a document or picture, or a folder of them")],
        ) -> CallToolResult:
            """Index a file or a folder of this machine, in the background."""
            return _answered(answers.add_path, service, path)
    else:

        @server.tool(name="add_document", structured_output=False)
        def add_content(
            name: Annotated[str, Field(description="what the document is called, such as report.pdf")],
            content: Annotated[str, Field(description="the file's bytes in base64")],
        ) -> CallToolResult:
            """Index a document or picture, in the background."""
            return _answered(answers.add_content, service, name, content)

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
    server = _Server(
        "pagelight",
        title=title,
        instructions=_INSTRUCTIONS,
        version=pagelight.__version__,
        log_level="WARNING",
    )
    root.handlers[:] = handlers
    root.setLevel(level)
    return server


def _answered(call: Callable[P, CallToolResult], *args: P.args, **kwargs: P.kwargs) -> CallToolResult:
    try:
        return call(*args, **kwargs)
    except PagelightError as error:
        raise ToolError(str(error)) from error
