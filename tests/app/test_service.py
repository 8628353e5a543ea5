from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pagelight.app.evaluation.command import export_judgements
from pagelight.app.evaluation.dataset import read_dataset
from pagelight.app.payload import heatmap_payload
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.library import DocumentFilter
from pagelight.ingest.render.file_type import FileType
from pagelight.retrieval.errors import InvalidInput, NotFound, StoreLocked, StoreUnavailable
from tests.app.conftest import MANUAL, add, write_pdf
from tests.samples import text_pdf


def test_examples_are_questions_and_then_what_the_documents_say_again_and_again(service: Service) -> None:
    question, *others = service.examples()
    assert question == "Where is the emergency stop?"
    assert {"emergency stop", "region grew"} <= set(others)
    service.delete_document(service.find_document("manual.pdf").document_id)
    without = service.examples()
    assert "region grew" in without
    assert not [text for text in without if "stop" in text]


def test_an_empty_library_has_no_examples(empty_service: Service) -> None:
    assert empty_service.examples() == []


def test_a_document_is_searchable_and_then_gone(empty_service: Service, documents: Path) -> None:
    add(empty_service, documents / "manual.pdf")
    (hit,) = empty_service.search("emergency stop").hits
    empty_service.delete_document(hit.document_id)
    assert empty_service.search("emergency stop").hits == ()
    for gone in (
        lambda: empty_service.document_file(hit.document_id),
        lambda: empty_service.page_image(hit.document_id, 1),
        lambda: empty_service.heatmap(hit.document_id, 1, "stop"),
        lambda: empty_service.delete_document(hit.document_id),
    ):
        with pytest.raises(NotFound):
            gone()


def test_a_filter_takes_names_and_ids(service: Service) -> None:
    report = service.find_document("report.pdf").document_id
    for name in ("report.pdf", report, report[:12]):
        assert {hit.document for hit in service.search("revenue by region", documents=[name]).hits} == {
            "report.pdf"
        }
    with pytest.raises(NotFound):
        service.search("revenue", documents=["unknown.pdf"])


def test_two_documents_of_one_name_are_told_apart_by_id(service: Service, tmp_path: Path) -> None:
    add(service, write_pdf(tmp_path / "manual.pdf", (*MANUAL, *MANUAL)))
    with pytest.raises(InvalidInput, match="names 2 documents"):
        service.find_document("manual.pdf")
    assert len(service.search("emergency stop", documents=["manual.pdf"]).hits) == 3


def test_judgements_become_a_dataset(service: Service, tmp_path: Path) -> None:
    report = service.find_document("report.pdf").document_id
    manual = service.find_document("manual.pdf").document_id
    with pytest.raises(NotFound):
        export_judgements(service, tmp_path / "mine")
    service.judge("emissions", report, 1, True)
    service.judge("emissions", report, 2, True)
    service.judge("emissions", report, 1, False)
    service.judge("emergency", manual, 1, True)
    assert export_judgements(service, tmp_path / "mine") == 2
    dataset = read_dataset(tmp_path / "mine")
    assert [(query.text, dict(query.relevant)) for query in dataset.queries] == [
        ("emissions", {("report.pdf", 2): 1}),
        ("emergency", {("manual.pdf", 1): 1}),
    ]
    assert (tmp_path / "mine/pdfs/manual.pdf").read_bytes().startswith(b"%PDF-")


def test_judgements_of_a_deleted_document_go_with_it(service: Service) -> None:
    report = service.find_document("report.pdf").document_id
    service.judge("emissions", report, 2, True)
    service.delete_document(report)
    assert service.judgements() == ()


def test_heatmap_has_a_map_for_every_word(service: Service) -> None:
    heatmap = service.heatmap(service.find_document("report.pdf").document_id, 2, "scope one")
    assert list(heatmap.words) == ["scope", "one"]
    assert heatmap.maps.shape == (2, heatmap.grid.n_rows, heatmap.grid.n_cols)
    payload = heatmap_payload(heatmap)
    assert json.loads(json.dumps(payload)) == payload


def test_one_folder_has_one_service(service: Service) -> None:
    with pytest.raises(StoreLocked, match="is open in another Pagelight"):
        Service(service.settings)


def test_a_closed_service_says_that_it_stops_and_leaves_its_folder_to_others(service: Service) -> None:
    service.close()
    service.close()
    with pytest.raises(StoreUnavailable, match="Pagelight is stopping"):
        service.search("emissions")
    with Service(service.settings) as again:
        assert again.search("emissions").hits[0].document == "report.pdf"


def test_an_index_is_opened_with_what_it_was_made_with(documents: Path, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "library", pruning="ratio:0.5", precision="int8")
    first = Service(settings)
    add(first, documents / "manual.pdf")
    first.close()
    second = Service(Settings(data=tmp_path / "library"))
    assert len(second.search("emergency stop").hits) == 1
    second.close()


def test_a_qdrant_server_keeps_the_vectors_as_well(documents: Path, tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path / "library", qdrant_url=":memory:", qdrant_collection="machines", samples=False
    )
    service = Service(settings)
    add(service, documents / "manual.pdf")
    assert [hit.document for hit in service.search("emergency stop").hits] == ["manual.pdf"]
    client = service._engine().store._engine._client  # type: ignore[attr-defined]
    assert client.collection_exists("machines")
    service.close()


def test_an_export_takes_its_path_as_text_and_leaves_out_weak_pages(service: Service, tmp_path: Path) -> None:
    query, out = "revenue emissions emergency", str(tmp_path / "hits.pdf")
    hits = service.search(query).hits
    assert len(hits) > 1
    assert service.export(query, out) == len(hits)
    assert service.export(query, out, least_strength=hits[0].strength) == 1
    assert service.export(query, out, least_strength=1.1) == 1


SLOW = """
import signal, sys
import pagelight.app.engine
from pagelight.app.cli.main import main
from tests.app.conftest import ReadingEncoder
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background ignores it
pagelight.app.engine.load_encoder = lambda name, device: ReadingEncoder(seconds_per_page=float(sys.argv[2]), batch=1)
sys.exit(main(["add", sys.argv[1]]))
"""


def test_control_c_leaves_a_state_that_the_same_command_resumes(tmp_path: Path) -> None:
    source = text_pdf(tmp_path, 20)
    environment = {**os.environ, "PAGELIGHT_DATA": str(tmp_path / "library"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SLOW, str(source)]  # and the seconds that a page takes
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [*command, "0.4"],
        env=environment,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        _wait_for_a_page(tmp_path / "library/library.sqlite3")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of its processes
        out, err = process.communicate(timeout=180)
    assert process.returncode == 1
    assert out == ""
    assert "the same command goes on where it stopped" in err
    assert "Traceback" not in err
    assert "crashes" not in err
    service = Service(Settings(data=tmp_path / "library", samples=False))
    (document,) = service.documents()
    assert (document.state, document.reason) == ("queued", "")
    assert 0 < document.pages_indexed < 20
    service.close()
    again = subprocess.run(
        [*command, "0"], env=environment, cwd=root, capture_output=True, text=True, timeout=180, check=False
    )
    assert again.returncode == 0, again.stderr
    service = Service(Settings(data=tmp_path / "library", samples=False))
    (document,) = service.documents()
    assert (document.state, document.pages_indexed) == ("indexed", 20)
    service.close()


def _wait_for_a_page(database: Path) -> None:
    import sqlite3

    for _ in range(400):
        time.sleep(0.1)
        if database.exists():
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                try:
                    row = connection.execute("SELECT max(pages_indexed) FROM documents").fetchone()
                except sqlite3.OperationalError:
                    continue
            if row[0] and row[0] >= 2:
                return
    raise TimeoutError("no page was indexed")


def test_a_page_that_does_not_exist_is_not_judged(service: Service) -> None:
    report = service.find_document("report.pdf").document_id
    for page in (0, 3):
        with pytest.raises(NotFound):
            service.judge("emissions", report, page, True)
    assert service.judgements() == ()


def test_a_search_names_a_bounded_number_of_documents(service: Service) -> None:
    with pytest.raises(InvalidInput, match="at most 1,000 names, got 100,000"):
        service.search("emissions", documents=["report.pdf"] * 100_000)


def test_a_renamed_document_is_found_and_shown_under_its_new_name(service: Service) -> None:
    manual = service.find_document("manual.pdf").document_id
    service.rename(manual, "Safety at sea.pdf")
    (hit,) = service.search("emergency stop", documents=["manual.pdf"]).hits
    assert hit.document == "Safety at sea.pdf"


def test_quotes_mean_the_phrase_and_a_minus_leaves_pages_out(service: Service) -> None:
    assert [hit.page for hit in service.search('"emissions fell"').hits] == [2]
    assert service.search('"fell emissions"').hits == ()
    assert {hit.page for hit in service.search("annual emissions report").hits} >= {1, 2}
    left = service.search("annual emissions report -europe").hits
    assert {(hit.document, hit.page) for hit in left} >= {("report.pdf", 2)}
    assert ("report.pdf", 1) not in {(hit.document, hit.page) for hit in left}
    with pytest.raises(InvalidInput, match="leave out"):
        service.search("-europe")


def test_a_filter_of_documents_limits_the_search(service: Service) -> None:
    report = service.find_document("report.pdf").document_id
    service.change_tags([report], ["Energy", "2026"])
    found = service.search("emergency emissions", only=DocumentFilter(tags=("energy",))).hits
    assert {hit.document for hit in found} == {"report.pdf"}
    assert service.search("emissions", only=DocumentFilter(types=(FileType.PNG,))).hits == ()
    assert service.search("emissions", only=DocumentFilter(added_to="2001")).hits == ()
    assert (
        service.search("emissions", documents=["manual.pdf"], only=DocumentFilter(tags=("energy",))).hits
        == ()
    )
    service.change_tags([report], removed=["ENERGY"])
    assert service.tags() == {"2026": 1}


def test_a_deletion_can_be_taken_back_until_it_is_done(indexed_library: Path) -> None:
    with Service(Settings(data=indexed_library, samples=False)) as service:
        manual = service.find_document("manual.pdf").document_id
        service.delete_soon([manual])
        assert service.search("emergency stop").hits == ()
        with pytest.raises(NotFound):
            service.page_image(manual, 1)
        assert service.undo_delete([manual]) == [manual]
        assert service.search("emergency stop").hits[0].document == "manual.pdf"
        service.delete_soon([manual])
    # the process ended before the time was over
    with Service(Settings(data=indexed_library, samples=False)) as service:
        service.resume()
        assert service.undo_delete([manual]) == []
        assert "manual.pdf" not in {document.name for document in service.documents()}


def test_a_newer_version_takes_name_and_tags_and_the_older_one_goes(service: Service, tmp_path: Path) -> None:
    old = service.find_document("manual.pdf").document_id
    service.rename(old, "Safety.pdf")
    service.set_tags(old, ["house"])
    newer = write_pdf(tmp_path / "v2.pdf", (("Safety manual", "The emergency stop is under the table"),))
    boundary = b"--x\r\nContent-Disposition: form-data; name=files; filename=v2.pdf\r\n\r\n"

    async def sent() -> AsyncIterator[bytes]:
        yield boundary + newer.read_bytes() + b"\r\n--x--\r\n"

    (token,) = asyncio.run(service.uploads.receive("multipart/form-data; boundary=x", sent()))
    service.replace_document(old, token).wait(60)
    found = service.find_document("Safety.pdf")
    assert found.document_id != old
    assert found.tags == ("house",)
    assert old not in {document.document_id for document in service.documents()}
