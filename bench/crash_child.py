"""The program that `bench.crash` kills: it adds, deletes and judges at random, understands pages meanwhile, and says what has been answered."""

from __future__ import annotations

import random
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from pagelight.app import engine
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from tests.understanding_encoder import UnderstandingEncoder

#: documents beyond which more are deleted than added
_MANY = 12
_MOST_PAGES = 6
#: of a page, so that a kill finds documents half indexed
_SECONDS_PER_PAGE = 0.02


#: something that happened, with its values
Say = Callable[..., None]


def live(folder: Path, seed: int, answers: Connection) -> None:
    """Until it is killed."""

    def say(*words: str | int) -> None:
        answers.send(words)

    dice = random.Random(seed)
    engine.load_encoder = lambda name, device: UnderstandingEncoder(
        _SECONDS_PER_PAGE, batch=2, seconds_to_understand=_SECONDS_PER_PAGE
    )
    with Service(Settings(data=folder / "library", samples=False)) as service:
        service.resume()
        say("ready")
        for turn in range(10_000):
            act(service, dice, folder / f"{seed}-{turn}.pdf", say)


def finish(data: Path) -> None:
    """Do what was left unfinished."""
    engine.load_encoder = lambda name, device: UnderstandingEncoder()
    with Service(Settings(data=data, samples=False)) as service:
        service.resume()
        service.wait_until_deep()


def act(service: Service, dice: random.Random, path: Path, say: Say) -> None:
    documents = service.documents()
    choice = dice.random()
    if not documents or choice < (0.5 if len(documents) < _MANY else 0.2):
        pages = dice.randint(1, _MOST_PAGES)
        write_pdf(path, pages)
        job = service.add([path])
        document_id = job.status.files[0].document_id
        say("added", document_id, pages)
        if dice.random() < 0.6:
            job.wait(deep=dice.random() < 0.5)
            say("indexed", document_id, pages)
        path.unlink()
        return
    document = dice.choice(documents)
    if choice < 0.75:
        page = dice.randint(1, max(document.pages, 1))
        service.judge(f"query {path.stem}", document.document_id, page, True)
        say("judged", document.document_id, page, f"query {path.stem}")
    else:
        say("deleting", document.document_id)
        service.delete_document(document.document_id)
        say("deleted", document.document_id)


def write_pdf(path: Path, n_pages: int) -> None:
    canvas = Canvas(str(path), pagesize=(300, 400))
    for page in range(1, n_pages + 1):
        canvas.drawString(40, 300, f"{path.stem} page {page}")
        canvas.showPage()
    canvas.save()
