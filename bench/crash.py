"""`python -m bench.crash [N]`: kill -9 in the middle of adding, deleting, judging and understanding, N times on one library.

After each kill the index has to open, and everything that was answered has to be there: documents with all their pages,
none twice, judgements; nothing that was deleted. At the end what was left in the middle goes on by itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import random
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.crash_child import finish as finish_work
from bench.crash_child import live
from pagelight.app.folders import INDEX
from pagelight.app.judgements import Judgements
from pagelight.app.maintenance.doctor import JUDGEMENTS, examine, recorded_config
from pagelight.ingest.library import Library
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import page_id

#: each program is forked from a server that has imported everything
FORKS = multiprocessing.get_context("forkserver")
#: seconds after the program is ready; adding a document takes some 0.2
_EARLIEST, _LATEST = 0.0, 5.0
_ROUNDS = 40


@dataclass
class Answered:
    """The answers of the program before it died. documents: id to pages; indexed: ids; doubtful: may be there or not"""

    documents: dict[str, int] = field(default_factory=dict)
    indexed: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    judged: set[tuple[str, int, str]] = field(default_factory=set)

    def hear(self, words: tuple[str | int, ...]) -> None:
        match words:
            case ("added", str(document_id), int(pages)):
                self.documents[document_id] = pages
            case ("indexed", str(document_id), _):
                self.indexed.add(document_id)
            case ("judged", str(document_id), int(page), str(query)):
                self.judged.add((document_id, page, query))
            case ("deleting", str(document_id)):
                self.doubtful.add(document_id)
            case ("deleted", str(document_id)):
                self.forget(document_id)

    def forget(self, document_id: str) -> None:
        self.documents.pop(document_id, None)
        self.indexed.discard(document_id)
        self.doubtful.discard(document_id)
        self.judged = {one for one in self.judged if one[0] != document_id}


def main(rounds: int = _ROUNDS, seed: int = 0) -> int:
    FORKS.set_forkserver_preload(["bench.crash_child"])
    dice = random.Random(seed)
    answered, troubles = Answered(), []
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number in range(rounds):
            run_and_kill(folder, seed * 100_000 + number, dice.uniform(_EARLIEST, _LATEST), answered)
            troubles += [f"kill {number + 1}: {trouble}" for trouble in check(folder / "library", answered)]
        troubles += [f"at the end: {trouble}" for trouble in finish(folder, answered)]
        pages = sum(answered.documents.values())
        print(
            f"{rounds} kills in {time.monotonic() - start:.0f} s; at the end {len(answered.documents)} documents, "
            f"{pages} pages, {len(answered.judged)} judgements; {len(troubles)} troubles"
        )
    for trouble in troubles:
        print(trouble)
    return int(bool(troubles))


def run_and_kill(folder: Path, seed: int, seconds: float, answered: Answered) -> None:
    """Start the program, let it work for a while, kill it, and read what it had answered by then."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=live, args=(folder, seed, theirs))
    process.start()
    theirs.close()
    try:
        ours.recv()  # it is ready
        time.sleep(seconds)
    finally:
        process.kill()
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):  # half a message
        while True:
            answered.hear(ours.recv())
    process.join()
    ours.close()


def check(data: Path, answered: Answered) -> list[str]:
    """The answers that did not hold; deletions in the middle may have happened or not."""
    troubles = []
    config = recorded_config(data / INDEX)
    if config is None:
        return ["the index has no record"]
    with closing(Library(data)) as library, closing(open_store(data / INDEX, config)) as store:
        there = {document.document_id: document for document in library.documents()}
        for document_id in sorted(answered.doubtful):
            if document_id not in there:
                answered.forget(document_id)
        answered.doubtful.clear()
        for document_id, pages in answered.documents.items():
            numbers = store.page_numbers(document_id)
            if document_id not in there:
                troubles.append(f"document {document_id[:8]} is lost")
            elif document_id in answered.indexed and numbers != set(range(1, pages + 1)):
                troubles.append(f"document {document_id[:8]} has {len(numbers)} of {pages} pages")
            elif not numbers <= set(range(1, pages + 1)):
                troubles.append(f"document {document_id[:8]} has pages that it does not have")
        troubles += _depth(library, store)
        stored = sum(len(store.page_numbers(document_id)) for document_id in store.document_ids())
        if stored != store.stats().n_pages:
            troubles.append(f"{store.stats().n_pages - stored} pages are there twice")
        # a document that was added in the moment of the kill, before the program could say so
        for document_id, document in there.items():
            if document_id not in answered.documents and document.pages:
                answered.documents[document_id] = document.pages
    with closing(Judgements(data / JUDGEMENTS)) as judgements:
        known = {(one.document_id, one.page, one.query) for one in judgements.all()}
    troubles += [f"a judgement of {one[0][:8]} is lost" for one in answered.judged - known]
    return troubles


def _depth(library: Library, store: PageStore) -> list[str]:
    """Pages that are neither understood nor waiting for it; a count that is too low is never put right."""
    troubles = []
    for document in library.documents():
        numbers = sorted(store.page_numbers(document.document_id))
        shallow = store.shallow_pages(document.document_id)
        pages = store.fetch([page_id(document.document_id, number) for number in numbers])
        lost = sum(not len(page.meaning) and page.to_understand is None for page in pages)
        if lost:
            troubles.append(f"document {document.document_id[:8]} has {lost} pages that nobody understands")
        if document.pages_shallow < len(shallow):
            troubles.append(
                f"document {document.document_id[:8]} has more pages to understand than it knows of"
            )
    return troubles


def finish(folder: Path, answered: Answered) -> list[str]:
    """Let the program's next start do what was left, then look at everything."""
    data = folder / "library"
    process = FORKS.Process(target=finish_work, args=(data,))
    process.start()
    process.join()
    troubles = [str(finding) for finding in examine(data, thorough=True).findings]
    with closing(Library(data)) as library:
        for document in library.documents():
            if document.pages_shallow:
                troubles.append(f"{document.name} has {document.pages_shallow} pages that are not understood")
            if document.state != "indexed" or document.pages_indexed != document.pages:
                troubles.append(f"{document.name} is {document.state}: {document.reason}")
            answered.documents[document.document_id] = document.pages
    return troubles


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
