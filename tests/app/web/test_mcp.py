"""Driven by the SDK's own client, in memory, over HTTP and over stdio."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
import uvicorn
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, ImageContent, TextContent
from PIL import Image

from pagelight.app.service import Service
from pagelight.app.web.app import create_app
from pagelight.app.web.mcp import build_mcp
from tests.waiting import until


def asked(service: Service, tool: str, is_local: bool = False, **arguments: object) -> CallToolResult:
    async def ask() -> CallToolResult:
        async with Client(build_mcp(service, is_local)) as client:
            result = await client.call_tool(tool, arguments)
            assert isinstance(result, CallToolResult)
            return result

    return anyio.run(ask)


def text_of(result: CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text


def test_a_search_gives_the_page_its_words_boxes_and_a_lit_picture(service: Service) -> None:
    result = asked(service, "search", query="scope one emissions")
    (hit,) = service.search("scope one emissions").hits
    assert "1. report.pdf, page 2 (strength " in text_of(result)
    assert "Scope one emissions" in text_of(result)
    assert f"at [{hit.regions[0].box[0]:.3f}" in text_of(result)
    assert result.structured_content["hits"][0]["page"] == 2
    picture = result.content[1]
    assert isinstance(picture, ImageContent)
    assert picture.mime_type == "image/jpeg"
    with Image.open(io.BytesIO(base64.b64decode(picture.data))) as image:
        red, _, blue = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    assert red > blue + 10  # it is lit


def test_places_are_listed_where_they_are_asked_for(service: Service) -> None:
    result = asked(service, "search", query="scope one emissions", granularity="places")
    place = result.structured_content["places"][0]
    assert (place["document"], place["page"]) == ("report.pdf", 2)
    assert "Places:\nreport.pdf, page 2, at [" in text_of(result)


def test_why_a_page_was_found_is_told(service: Service) -> None:
    result = asked(service, "why_page", document="report.pdf", page=2, query="scope one emissions")
    assert "all pages are compared" in text_of(result)
    assert "% emissions: Emissions at [" in text_of(result)
    assert result.structured_content["exact"] is True
    assert sum(e["share"] for e in result.structured_content["entries"]) == pytest.approx(1, abs=0.01)


def test_nothing_matches_is_said(service: Service) -> None:
    result = asked(service, "search", query="hippopotamus")
    assert text_of(result).startswith("Nothing in the library clearly matches “hippopotamus”")
    assert result.structured_content["matched"] is False
    assert not [part for part in result.content if isinstance(part, ImageContent)]


def test_a_library_that_is_still_being_indexed_says_so(service: Service, tmp_path: Path) -> None:
    from tests.samples import text_pdf

    job = service.add([text_pdf(tmp_path, 40)])
    said = text_of(asked(service, "search", query="scope one emissions"))
    job.cancel()
    assert "Still indexing: 1 document," in said


def test_a_page_is_read_by_the_documents_name(service: Service) -> None:
    result = asked(service, "read_page", document="manual.pdf", page=1)
    assert text_of(result).startswith("manual.pdf, page 1 of 1\n\nSafety manual The emergency stop")
    assert isinstance(result.content[1], ImageContent)


def test_documents_are_listed_and_added(service: Service, documents: Path) -> None:
    assert text_of(asked(service, "list_documents")).startswith("3 documents")
    content = (documents / "manual.pdf").read_bytes() + b"\n%sent"
    sent = asked(service, "add_document", name="../sent.pdf", content=base64.b64encode(content).decode())
    assert service.job(sent.structured_content["job_id"]).wait(60).state == "done"
    assert service.find_document("sent.pdf").pages_indexed == 1
    local = asked(service, "add_document", is_local=True, path=str(documents))
    assert "report.pdf: already indexed" in text_of(local)


def test_a_file_of_the_server_cannot_be_named_from_outside(service: Service, documents: Path) -> None:
    result = asked(service, "add_document", path=str(documents / "manual.pdf"))
    assert result.is_error


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("search", {"query": " "}, "the query is empty; type a few words"),
        ("search", {"query": "x", "top_k": 0}, "top_k: expected 1 to 100, got 0"),
        ("read_page", {"document": "unknown.pdf", "page": 1}, "no document 'unknown.pdf' in the library"),
        ("add_document", {"name": "a.pdf", "content": "%%"}, "content: expected base64"),
        ("search", {}, "query is missing"),
        ("search", {"query": None}, "query: expected text, got nothing"),
        ("search", {"query": "x", "top_k": None}, "top_k: expected a whole number, got nothing"),
        ("search", {"query": "x", "documents": "a.pdf"}, "documents: expected a list, got text"),
        ("search_like", {"document": "report.pdf", "page": 1, "box": [0, 0]}, "box"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    service: Service, tool: str, arguments: dict[str, object], sentence: str
) -> None:
    result = asked(service, tool, **arguments)
    assert result.is_error
    assert sentence in text_of(result)
    assert "\n" not in text_of(result)


def test_building_it_leaves_the_hosts_logging_alone(service: Service) -> None:
    before = (list(logging.getLogger().handlers), logging.getLogger().level)
    build_mcp(service, is_local=False)
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    """Served for whoever has the key."""
    app = create_app(service.settings, lambda request: request.headers.get("x-key") == "right", service)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join()


def test_over_http_the_same_guard_stands_before_it(address: str, service: Service) -> None:
    from mcp.client.streamable_http import streamable_http_client

    stranger = httpx.post(address, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert (stranger.status_code, stranger.json()["status"]) == (403, 403)

    async def ask() -> list[str]:
        from mcp.shared._httpx_utils import create_mcp_http_client

        async with (
            create_mcp_http_client(headers={"x-key": "right"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            tools = await client.list_tools()
            result = await client.call_tool("search", {"query": "emergency stop"})
            assert isinstance(result, CallToolResult)
            assert "manual.pdf, page 1" in text_of(result)
            return sorted(tool.name for tool in tools.tools)

    assert anyio.run(ask) == [
        "add_document",
        "list_documents",
        "read_page",
        "search",
        "search_like",
        "search_picture",
        "why_page",
    ]


STDIO = """
import sys
import pagelight.app.engine
from pagelight.app.cli.main import main
from tests.app.conftest import ReadingEncoder
pagelight.app.engine.load_encoder = lambda name, device: ReadingEncoder()
sys.exit(main(["mcp", "--data", sys.argv[1]]))
"""


def test_over_stdio_it_is_a_command(indexed_library: Path) -> None:
    root = str(Path(__file__).parents[3])

    async def ask() -> str:
        command = StdioServerParameters(
            command=sys.executable,
            args=["-c", STDIO, str(indexed_library)],
            cwd=root,
            env={"PYTHONPATH": root},
        )
        with anyio.fail_after(120):
            async with Client(stdio_client(command)) as client:
                result = await client.call_tool("search", {"query": "emergency stop"})
                assert isinstance(result, CallToolResult)
                return text_of(result)

    assert "manual.pdf, page 1" in anyio.run(ask)


def test_control_c_ends_it_while_it_waits_for_the_client(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[3])
    hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    with subprocess.Popen(
        [sys.executable, "-c", STDIO, str(tmp_path / "library")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(hello) + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 1
        finally:
            process.kill()


def test_over_stdio_an_empty_library_stays_empty(tmp_path: Path) -> None:
    """The sample documents are for people who look at a first page, not for a model that cites what it finds."""
    root = str(Path(__file__).parents[3])
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", STDIO, str(tmp_path / "library")],
        cwd=root,
        env={"PYTHONPATH": root},
    )

    async def ask() -> str:
        with anyio.fail_after(120):
            async with Client(stdio_client(command)) as client:
                await client.call_tool("search", {"query": "emergency stop"})  # waits for the start
                result = await client.call_tool("list_documents", {})
                assert isinstance(result, CallToolResult)
                return text_of(result)

    assert anyio.run(ask) == "0 documents"


def test_a_failure_is_the_sentence_alone(service: Service) -> None:
    result = asked(service, "read_page", document="unknown.pdf", page=1)
    assert result.is_error
    assert text_of(result) == "no document 'unknown.pdf' in the library"


def test_an_answer_to_an_example_does_not_repeat_the_words_it_was_made_of(service: Service) -> None:
    text = text_of(asked(service, "search_like", document="report.pdf", page=2))
    assert text.startswith(
        ("Nothing in the library is clearly like that", "1 page like that", "2 pages like that")
    )


def test_a_file_that_cannot_be_added_has_its_reason_behind_a_colon(service: Service) -> None:
    text = text_of(asked(service, "add_document", is_local=True, path="/nowhere/a.pdf"))
    assert text.startswith("a.pdf: failed: ")
