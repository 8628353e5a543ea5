"""The commands, from adding documents to removing them: results to stdout, failures in one line each."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, WRONG_USAGE, main
from pagelight.app.cli.terminal import hits_table, result_table
from pagelight.app.service import Service
from pagelight.ingest.render.file_type import KINDS
from pagelight.retrieval.results import PageHit, SearchResult
from pagelight.retrieval.types import PageWords
from tests.app.conftest import write_pdf
from tests.contract import HIT, SEARCH
from tests.samples import corrupt_pdf, encrypted_pdf

Captured = pytest.CaptureFixture[str]


def test_a_folder_is_added_and_a_question_finds_its_page(documents: Path, capsys: Captured) -> None:
    assert main(["add", str(documents)]) == OK
    assert capsys.readouterr().out.splitlines() == [
        "indexed: manual.pdf",
        "indexed: photo.png",
        "indexed: report.pdf",
    ]
    assert main(["search", "emergency stop"]) == OK
    table = capsys.readouterr().out.splitlines()
    assert table[1].split()[:2] == ["manual.pdf", "1"]
    assert table[-1].startswith("1 page in ")


@pytest.mark.usefixtures("indexed_library")
def test_search_json_has_the_documented_form(capsys: Captured) -> None:
    assert main(["search", "scope one emissions", "--json", "--top-k", "1"]) == OK
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == SEARCH
    assert answer["query"] == "scope one emissions"
    assert answer["matched"] is True
    (hit,) = answer["hits"]
    assert set(hit) == HIT
    assert (hit["document"], hit["page"], hit["sources"]) == ("report.pdf", 2, ["text"])
    assert len(hit["document_id"]) == 64
    assert 0 <= hit["strength"] <= 1
    for region in hit["regions"]:
        x0, y0, x1, y1 = region["box"]
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


@pytest.mark.usefixtures("indexed_library")
def test_search_keeps_to_the_named_document(capsys: Captured) -> None:
    assert main(["search", "the emergency stop", "--document", "report.pdf", "--json"]) == OK
    assert {hit["document"] for hit in json.loads(capsys.readouterr().out)["hits"]} <= {"report.pdf"}


@pytest.mark.usefixtures("indexed_library")
def test_nothing_matches_is_an_answer(capsys: Captured) -> None:
    assert main(["search", "hippopotamus"]) == OK
    assert capsys.readouterr().out.startswith("Nothing in the library matches “hippopotamus”")


def test_a_table_without_a_page_says_that_nothing_matches() -> None:
    """In a document of which every page matches hardly at all, it was a table of no rows."""
    assert hits_table(SearchResult("quay", True, 0.1, ()), lambda *_: ()).startswith("Nothing in the library")


@pytest.mark.usefixtures("indexed_library")
@pytest.mark.parametrize("option", ["--tag", "--document"])
def test_bytes_that_are_no_text_are_found_nowhere(option: str, capsys: Captured) -> None:
    assert main(["search", "emergency stop", option, "\udcff"]) in (OK, FAILED)
    assert "emergency" not in capsys.readouterr().out.replace("“emergency stop”", "")


@pytest.mark.usefixtures("indexed_library")
def test_the_same_content_under_another_name_is_recognised(
    documents: Path, tmp_path: Path, capsys: Captured
) -> None:
    copy = tmp_path / "other name.pdf"
    copy.write_bytes((documents / "manual.pdf").read_bytes())
    assert main(["add", str(copy), "--json"]) == OK
    (entry,) = json.loads(capsys.readouterr().out)["files"]
    assert (entry["name"], entry["state"]) == ("other name.pdf", "already indexed")


def test_each_failure_is_one_line_and_the_others_carry_on(
    documents: Path, tmp_path: Path, capsys: Captured
) -> None:
    broken, locked = corrupt_pdf(tmp_path), encrypted_pdf(tmp_path)
    missing = tmp_path / "missing.pdf"
    status = main(["add", str(broken), str(missing), str(locked), str(documents / "manual.pdf")])
    out, err = capsys.readouterr()
    assert status == FAILED
    assert out.splitlines() == ["indexed: manual.pdf"]
    reasons = [line for line in err.splitlines() if line.startswith((broken.name, locked.name, str(missing)))]
    assert len(reasons) == 3
    assert "Traceback" not in err


def test_an_empty_folder_fails_with_its_reason(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "nothing"
    folder.mkdir()
    assert main(["add", str(folder)]) == FAILED
    assert capsys.readouterr().err.strip() == f"{folder}: no {KINDS} files in this folder"


@pytest.mark.usefixtures("indexed_library")
def test_list_and_remove(capsys: Captured) -> None:
    assert main(["list", "--json"]) == OK
    listed = json.loads(capsys.readouterr().out)
    assert [(d["document"], d["pages"], d["pages_indexed"], d["state"]) for d in listed] == [
        ("manual.pdf", 1, 1, "indexed"),
        ("photo.png", 1, 1, "indexed"),
        ("report.pdf", 2, 2, "indexed"),
    ]
    assert listed[0]["type"] == "pdf"
    assert set(listed[0]) >= {"document_id", "reason", "added", "place", "older", "other_names", "tags"}
    assert main(["remove", "manual.pdf"]) == OK
    assert main(["remove", listed[2]["document_id"][:10]]) == OK
    capsys.readouterr()
    assert main(["list"]) == OK
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["photo.png"]
    assert main(["search", "emergency stop"]) == OK
    assert capsys.readouterr().out.startswith("Nothing")


@pytest.mark.usefixtures("indexed_library")
def test_removing_an_unknown_document_is_one_line(capsys: Captured) -> None:
    assert main(["remove", "unknown.pdf"]) == FAILED
    assert capsys.readouterr().err == "pagelight: no document 'unknown.pdf' in the library\n"


def test_searching_an_empty_library_says_what_to_do(capsys: Captured) -> None:
    assert main(["search", "anything"]) == FAILED
    assert "pagelight add" in capsys.readouterr().err


def test_documents_that_hardly_match_are_left_out_of_the_table_as_pages_are() -> None:
    hits = tuple(
        PageHit(name, name, 1, score=strength, strength=strength, sources=())
        for name, strength in (("near.pdf", 0.8), ("far.pdf", 0.01))
    )
    result = SearchResult("query", True, 0.01, hits)
    for granularity in ("documents", "pages"):
        table = result_table(result, granularity, lambda *_: PageWords())
        assert "near.pdf" in table
        assert "far.pdf" not in table


@pytest.mark.usefixtures("indexed_library")
def test_like_says_that_a_document_needs_a_page(capsys: Captured) -> None:
    assert main(["like", "report.pdf"]) == WRONG_USAGE
    assert "--page" in capsys.readouterr().err


def test_nothing_like_an_example_is_told_without_the_words_it_was_made_of() -> None:
    nothing = SearchResult("a heap of words", False, 0.01, ())
    assert hits_table(nothing, lambda *_: PageWords(), is_like=True) == (
        "Nothing in the library is like that (0.01 s)."
    )


def test_a_folder_that_is_open_elsewhere_is_one_sentence(service: Service, capsys: Captured) -> None:
    assert main(["list"]) == FAILED
    err = capsys.readouterr().err
    assert "is open in another Pagelight" in err
    assert err.count("\n") == 1
    assert service.documents()


def test_a_taken_port_is_one_line(capsys: Captured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == FAILED
    err = capsys.readouterr().err
    assert err.startswith(f"pagelight: cannot listen on 127.0.0.1:{port}: ")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("indexed_library")
def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").touch()
    assert main(["export", "emissions", "-o", str(tmp_path / "file" / "hits.pdf")]) == FAILED
    err = capsys.readouterr().err
    assert err.startswith("pagelight: ")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("indexed_library")
def test_export_writes_the_found_pages(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "hits.pdf"
    assert main(["export", "emissions", "-o", str(out)]) == OK
    assert capsys.readouterr().out == f"{out}: 1 page\n"
    assert out.read_bytes().startswith(b"%PDF-")


def test_names_cannot_steer_the_terminal(documents: Path, tmp_path: Path, capsys: Captured) -> None:
    hostile = tmp_path / "\x1b[31mred\x07.pdf"
    hostile.write_bytes((documents / "manual.pdf").read_bytes())
    main(["add", str(hostile)])
    main(["list"])
    assert "\x1b" not in capsys.readouterr().out


def test_a_folder_names_what_it_left_out(documents: Path, tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "invoice").write_bytes((documents / "manual.pdf").read_bytes())
    (folder / "clip.mp4").write_text("no document")
    assert main(["add", str(folder)]) == OK
    out, err = capsys.readouterr()
    assert out == "indexed: invoice\n"
    assert f"{folder}: 1 file of other types left out: clip.mp4\n" in err


def test_an_empty_path_is_wrong_usage(capsys: Captured) -> None:
    assert main(["add", ""]) == WRONG_USAGE
    assert capsys.readouterr().err == "pagelight: the path is empty; give . for the current folder\n"


@pytest.mark.usefixtures("indexed_library")
def test_the_same_file_under_another_name_says_what_it_is_and_that_name_works(
    documents: Path, tmp_path: Path, capsys: Captured
) -> None:
    copy = tmp_path / "copy of manual.pdf"
    copy.write_bytes((documents / "manual.pdf").read_bytes())
    assert main(["add", str(copy)]) == OK
    assert capsys.readouterr().out == "already indexed as manual.pdf: copy of manual.pdf\n"
    assert main(["search", "emergency stop", "--document", "Copy of MANUAL.pdf"]) == OK
    assert "manual.pdf" in capsys.readouterr().out
    assert main(["remove", "copy of manual.pdf"]) == OK
    assert capsys.readouterr().out == "removed: manual.pdf (which is copy of manual.pdf as well)\n"


def test_a_new_version_is_told_from_the_old_one_and_replaces_it_when_asked(
    tmp_path: Path, capsys: Captured
) -> None:
    path = write_pdf(tmp_path / "a.pdf", (("Budget", "The lighthouse budget is 100"),))
    assert main(["add", str(path)]) == OK
    write_pdf(path, (("Budget", "The lighthouse budget is 200"),))
    capsys.readouterr()
    assert main(["add", str(path)]) == OK
    assert "(an older version stays: " in capsys.readouterr().out
    assert main(["search", "lighthouse budget", "--json"]) == OK
    shown = sorted(hit["document"] for hit in json.loads(capsys.readouterr().out)["hits"])
    assert shown[0] == "a.pdf"
    assert shown[1].startswith("a.pdf (older, added 20")
    assert main(["remove", "a.pdf"]) == WRONG_USAGE
    said = capsys.readouterr().err
    assert "names 2 documents; give the id of one: a.pdf = " in said
    assert main(["add", str(path), "--replace", "--tag", "Finance"]) == OK
    capsys.readouterr()
    assert main(["list", "--json"]) == OK
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["document"], listed["older"], listed["tags"]) == ("a.pdf", False, ["Finance"])
    assert listed["place"] == str(path)
    assert main(["remove", "a.pdf"]) == OK


def test_a_watched_folder_is_followed_until_it_is_stopped(
    documents: Path, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    old = (folder / "manual.pdf", documents / "manual.pdf")
    old[0].write_bytes(old[1].read_bytes())
    os.utime(old[0], (1, 1))
    threading.Timer(6, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        assert main(["watch", str(folder)]) == OK
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert capsys.readouterr().out == "indexed: manual.pdf\n"
    assert main(["watch", str(folder / "nowhere")]) == WRONG_USAGE
