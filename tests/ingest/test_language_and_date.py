"""Language and date of documents: told while they are indexed, and asked for by filters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pagelight.ingest.document import DocumentFilter
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.language import LANGUAGES, LanguageCount
from pagelight.ingest.library import Library
from pagelight.ingest.office.mail import document_date
from pagelight.ingest.render.file_type import FileType
from pagelight.retrieval.errors import InvalidInput
from tests.ingest.office.made_files import mail, zipped

TEXTS = {
    "en": "The keeper of the lighthouse is on the quay, and it was not an easy night for the crew of the ferry.",
    "de": "Der Wärter ist auf dem Kai und die Nacht war nicht leicht, denn das Schiff wird von den Wellen getragen.",
    "fr": "Le gardien du phare est sur le quai et la nuit ne fut pas facile pour les marins qui sont dans le port.",
    "es": "El guardián del faro está en el muelle y la noche no fue fácil para los marineros que son de la isla.",
    "it": "Il guardiano del faro è sul molo e la notte non era facile per i marinai che sono nella barca con gli altri.",
    "nl": "De wachter van de toren is op de kade en het was niet een rustige nacht voor de mensen die aan boord zijn.",
    "pt": "O guarda do farol não está no cais e a noite foi longa para os homens que são da ilha com uma lanterna.",
    "sv": "Vakten och båten är på kajen, men det var inte en lätt natt för de som har kommit till hamnen med oss.",
    "pl": "Latarnik nie jest na molo i noc była długa dla załogi, która przez wiatr i fale się spóźniła do portu.",
    "ru": "Смотритель маяка не на причале, и ночь была долгой для экипажа, как это уже было при шторме из-за ветра.",
    "ja": "灯台の番人は埠頭にいます。夜は長かった。",
    "zh": "灯塔看守人在码头上，夜晚很长。",
    "ar": "حارس المنارة على الرصيف وكانت الليلة طويلة",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_language_is_told_by_its_function_words_or_its_script(code: str) -> None:
    count = LanguageCount()
    count.add(TEXTS[code].split())
    assert count.language == code
    assert code in LANGUAGES


@pytest.mark.parametrize("text", ["", "KX-77120-B 4471 12.50 EUR", "Total 4 7 9 Summe 12 15", "Willemstad"])
def test_where_no_language_can_be_told_it_is_left_open(text: str) -> None:
    count = LanguageCount()
    count.add(text.split())
    assert count.language == ""


def _print(path: Path, text: str, date: str = "") -> Path:
    canvas = Canvas(str(path), invariant=True)
    for row, line in enumerate(text.split(", ")):
        canvas.drawString(40, 700 - 20 * row, line)
    if date:
        canvas._doc.info.invariant = 0
        canvas.setDateFormatter(lambda *_: f"D:{date}120000+01'00'")
    canvas.save()
    return path


def test_documents_are_found_by_language_and_own_date(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    files = [
        _print(tmp_path / "en.pdf", TEXTS["en"], "20240301"),
        _print(tmp_path / "de.pdf", TEXTS["de"], "20221224"),
    ]
    picture, exif = Image.linear_gradient("L").convert("RGB").resize((300, 400)), Image.Exif()
    exif[306] = "2023:05:06 07:08:09"
    picture.save(tmp_path / "photo.jpg", exif=exif)
    assert jobs.wait(jobs.submit([(path, path.name) for path in [*files, tmp_path / "photo.jpg"]]), 60)

    def named(only: DocumentFilter) -> set[str]:
        return {document.name for document in library.documents(only)}

    assert {document.name: (document.language, document.dated) for document in library.documents()} == {
        "en.pdf": ("en", "2024-03-01"),
        "de.pdf": ("de", "2022-12-24"),
        "photo.jpg": ("", "2023-05-06"),
    }
    assert named(DocumentFilter(languages=("en", "fr"))) == {"en.pdf"}
    assert named(DocumentFilter(dated_from="2023", dated_to="2023-12")) == {"photo.jpg"}
    assert named(DocumentFilter(dated_to="2023-05-06")) == {"de.pdf", "photo.jpg"}
    assert named(DocumentFilter(dated_from="2023-05-06")) == {"en.pdf", "photo.jpg"}


def test_documents_without_a_date_are_of_no_time(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    Image.linear_gradient("L").save(tmp_path / "a.png")
    assert jobs.wait(jobs.submit([(tmp_path / "a.png", "a.png")]), 60)
    assert library.documents()[0].dated == ""
    assert library.documents(DocumentFilter(dated_to="2030")) == []


def test_office_files_and_mails_say_their_date_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a"
    core = "<cp:coreProperties><dcterms:created>2019-02-03T04:05:06Z</dcterms:created></cp:coreProperties>"
    for file_type, content, date in (
        (FileType.DOCX, zipped({"docProps/core.xml": core}), "2019-02-03"),
        (FileType.ODT, zipped({"meta.xml": "<m><dc:date>2020-03-04T05:06:07</dc:date></m>"}), "2020-03-04"),
        (FileType.EML, b"Date: Tue, 05 May 2021 10:00:00 +0200\n" + mail("x"), "2021-05-05"),
        (FileType.EML, b"Date: soon\n" + mail("x"), ""),
        (FileType.DOCX, b"PK\x03\x04 broken", ""),
    ):
        path.write_bytes(content)
        assert document_date(path, file_type) == date


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"types": ["word"]}, "type: expected one of pdf, png"),
        ({"languages": ["english"]}, "language: expected one of ar,"),
        ({"states": ["ready"]}, "state: expected one of queued"),
        ({"tags": "taxes"}, "tags: expected a list, got text"),
        ({"dated_to": "last week"}, "dated_to: expected a date such as 2026-11-29, got 'last week'"),
    ],
)
def test_a_filter_that_can_let_nothing_through_is_refused_where_it_is_made(
    choice: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        DocumentFilter(**choice)


def test_lists_of_a_filter_may_be_lists() -> None:
    assert DocumentFilter(tags=["taxes"], types=["pdf"]) == DocumentFilter(
        tags=("taxes",), types=(FileType.PDF,)
    )
