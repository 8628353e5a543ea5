"""The commands: results to stdout, failures to stderr, the exit status returned."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pagelight.app.cli import terminal
from pagelight.app.cli.terminal import Interrupts, follow, follow_deepening
from pagelight.app.counts import counted
from pagelight.app.filters import parse_box
from pagelight.app.folders import check_library, folder_content, given_paths, holds_library
from pagelight.app.payload import JSON, documents_payload, job_payload, search_payload
from pagelight.app.settings import Settings
from pagelight.app.web.serve import Stopping
from pagelight.ingest.document import Document, DocumentFilter, name_key
from pagelight.ingest.render.file_type import KINDS
from pagelight.retrieval.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from pagelight.app.granularity import Granularity
    from pagelight.app.service import Service
    from pagelight.ingest.job_progress import JobFile
    from pagelight.retrieval.results import SearchResult


def serve(settings: Settings) -> int:
    # From the first moment on: the first process of a container does not hear SIGTERM otherwise.
    stopping = Stopping()
    from pagelight.app.web.serve import run_server

    return run_server(settings, stopping)


def mcp(settings: Settings) -> int:
    """Serve until the client closes the connection; stdout belongs to the protocol."""
    # The SDK waits for a line of input before it heeds Ctrl-C.
    Stopping()
    from pagelight.app.web.mcp import run_stdio

    with _opened(dataclasses.replace(settings, samples=False)) as service:
        service.start_in_background()
        run_stdio(service)
    return 0


def add(
    settings: Settings, paths: Sequence[str], replace: bool, tags: Sequence[str], quick: bool, as_json: bool
) -> int:
    """Every file is tried; the exit status tells whether one of them failed. quick: leave meaning for the next start"""
    files, failed = _files(paths)
    if not files:
        return 1
    with Interrupts() as interrupts, _opened(settings) as service:
        job = service.add(files, replace=replace, tags=tags)
        try:
            status = follow(job, interrupts)
            if not quick:
                follow_deepening(service, interrupts)
                status = job.status
        except KeyboardInterrupt:
            print("pagelight: stopped; the same command goes on where it stopped", file=sys.stderr)
            return 1
    for file in status.files:
        if file.state == "failed":
            failed = True
            print(terminal.printable(f"{file.name}: {file.reason}"), file=sys.stderr)
        elif not as_json:
            print(terminal.printable(_file_line(file)))
    if as_json:
        _print_json(job_payload(status))
    return int(failed)


def search(
    settings: Settings,
    query: str,
    top_k: int,
    documents: Sequence[str],
    only: DocumentFilter,
    granularity: Granularity,
    as_json: bool,
) -> int:
    from pagelight.app.library_search import check_count, checked_query

    checked_query(query, settings)
    check_count(top_k, settings)

    def find(service: Service) -> SearchResult:
        return service.search(query, top_k, documents, only=only)

    return _print_found(settings, find, granularity, as_json)


def like(
    settings: Settings,
    example: str,
    page: int | None,
    box: str | None,
    top_k: int,
    documents: Sequence[str],
    only: DocumentFilter,
    granularity: Granularity,
    as_json: bool,
) -> int:
    """A page of a document of the library; without a page the example is an image file."""
    if page is None and box is not None:
        raise InvalidInput("like: --box needs a --page of a document")
    if page is None and not os.path.isfile(example):
        raise InvalidInput(
            f"{example}: no such picture; to search with a page of a document, give its --page"
        )

    def find(service: Service) -> SearchResult:
        if page is None:
            return service.search_picture(Path(example).read_bytes(), top_k, documents, only=only)
        document_id = service.find_document(example).document_id
        place = parse_box(box) if box is not None else None
        return service.search_like(document_id, page, place, top_k, documents, only=only)

    return _print_found(settings, find, granularity, as_json, is_like=True)


def list_documents(settings: Settings, only: DocumentFilter, as_json: bool) -> int:
    documents: tuple[Document, ...] = ()
    if holds_library(settings.data):
        with _opened(settings) as service:
            documents = service.documents(only)
    if as_json:
        _print_json(documents_payload(documents))
    elif documents:
        print(terminal.documents_table(documents))
    elif only != DocumentFilter():
        print("No document fits.")
    else:
        print(f"The library in {settings.data} is empty. Fill it with: pagelight add PATH")
    return 0


def rename(settings: Settings, document: str, name: str) -> int:
    with _existing(settings) as service:
        found = service.find_document(document)
        service.rename(found.document_id, name)
    print(terminal.printable(f"{found.name}: renamed to {name}"))
    return 0


def tag(settings: Settings, documents: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> int:
    """Add and take away tags; without either, say which there are."""
    with _existing(settings) as service:
        for name in documents:
            service.change_tags([service.find_document(name).document_id], added, removed)
        tags = service.tags()
    for name, count in tags.items():
        print(terminal.printable(f"{name}: {counted(count, 'document')}"))
    return 0


def remove(settings: Settings, document: str) -> int:
    with _existing(settings) as service:
        found = service.find_document(document)
        service.delete_document(found.document_id)
    shown = found.label or found.name
    also = f" (which is {document} as well)" if name_key(document) in map(name_key, found.other_names) else ""
    print(terminal.printable(f"removed: {shown}{also}"))
    return 0


def export(
    settings: Settings, query: str, top_k: int, documents: Sequence[str], only: DocumentFilter, output: str
) -> int:
    with _existing(settings) as service:
        count = service.export(query, output, top_k, documents, only=only, least_strength=terminal.FAINT)
    print(f"{output}: {counted(count, 'page')}")
    return 0


def evaluate(
    settings: Settings,
    dataset: str | None,
    own: bool,
    prune: Sequence[str],
    report: str | None,
    as_json: bool,
) -> int:
    from pagelight.app.evaluation.command import run_evaluation

    if own == (dataset is not None):
        raise InvalidInput("eval: give either a DATASET or --self")
    return run_evaluation(settings, dataset, prune, report, as_json)


def judgements(settings: Settings, output: str) -> int:
    from pagelight.app.evaluation.command import export_judgements

    with _existing(settings) as service:
        count = export_judgements(service, Path(output))
    print(f"{output}: {counted(count, 'query', 'queries')}")
    return 0


def _opened(settings: Settings) -> Service:
    # Imported here: it brings libraries that `serve` loads with its signal handlers set.
    from pagelight.app.service import Service

    return Service(settings)


def _existing(settings: Settings) -> Service:
    """The library, where there is one; a mistyped folder does not become one. Raises NotFound."""
    check_library(settings.data)
    return _opened(settings)


def _print_found(
    settings: Settings,
    find: Callable[[Service], SearchResult],
    granularity: Granularity,
    as_json: bool,
    is_like: bool = False,
) -> int:
    """Raises NotFound where there is no library, or an empty one and a person is told."""
    with _existing(settings) as service:
        result = find(service)
        if as_json:
            _print_json(search_payload(result, granularity))
        elif not service.documents():
            raise NotFound(f"the library in {settings.data} is empty; fill it with: pagelight add PATH")
        else:
            print(terminal.result_table(result, granularity, service.page_words, is_like))
    return 0


def _file_line(file: JobFile) -> str:
    """Line on a file: what became of it, as what, and what is there besides."""
    line = f"{file.state}: {file.name}"
    if file.state == "already indexed" and file.document != file.name:
        line = f"already indexed as {file.document}: {file.name}"
    if file.older:
        line += (
            f" (an older version stays: {', '.join(one[:12] for one in file.older)}; --replace removes it)"
        )
    return line


def _files(paths: Sequence[str]) -> tuple[list[Path], bool]:
    """The documents at the paths, and whether some path had none (said on stderr)."""
    files: list[Path] = []
    failed = False
    for path in given_paths(paths):
        content = folder_content(path)
        found = content.documents
        is_locked = path in content.unreadable
        if content.left_out and not is_locked:
            print(terminal.printable(f"{path}: {content.left_out}"), file=sys.stderr)
        if not found:
            failed = True
            reason = "no such file"
            if os.path.isdir(path):
                reason = "it cannot be opened" if is_locked else f"no {KINDS} files in this folder"
            print(terminal.printable(f"{path}: {reason}"), file=sys.stderr)
        files.extend(found)
    return list(dict.fromkeys(files)), failed


def _print_json(value: JSON | list[JSON]) -> None:
    print(json.dumps(value, ensure_ascii=False))
