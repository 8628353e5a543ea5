"""Pages that are found before they are understood: in Python, on the command line, and for whoever looks after them."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.app.cli.main import OK, main
from pagelight.app.evaluation.corpus import Corpus
from pagelight.app.evaluation.dataset import DatasetDocument
from pagelight.app.evaluation.memory_store import MemoryStore
from pagelight.app.maintenance.backup import back_up, restore
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.reindex import reindex
from pagelight.app.maintenance.repair import repair
from pagelight.app.payload import document_payload, job_payload
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.retrieval.errors import LibraryDamaged
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import page_id
from tests import samples
from tests.understanding_encoder import UnderstandingEncoder

Captured = pytest.CaptureFixture[str]
N_PAGES = 6


@pytest.fixture(autouse=True)
def _understands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pagelight.app.engine.load_encoder", lambda name, device: UnderstandingEncoder())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return samples.text_pdf(tmp_path, N_PAGES, "deep.pdf", "deep")


@pytest.fixture
def shallow_library(tmp_path: Path, file: Path) -> Path:
    """Found, not understood: it was closed in between."""
    folder = tmp_path / "shallow"
    with quick(folder) as service, service._turns.taken():  # who searches goes first
        assert service.add([file]).wait(60, deep=False).has_ended
    return folder


def quick(folder: Path) -> contextlib.closing[Service]:
    return contextlib.closing(Service(Settings(data=folder, samples=False)))


@pytest.fixture
def opened(shallow_library: Path) -> Iterator[Service]:
    with quick(shallow_library) as service:
        yield service


def test_searchable_and_understood_are_asked_for_apart(tmp_path: Path, file: Path) -> None:
    with quick(tmp_path / "library") as service:
        with service._turns.taken():
            job = service.add([file])
            status = job.wait(60, deep=False)
            assert (status.state, status.has_ended, status.is_deep) == ("done", True, False)
            assert status.pages_shallow == N_PAGES
            assert service.deepening() == (0, N_PAGES)
            assert service.search("page").hits
            assert [one.state for one in job][-1] == "done"  # iteration ends with the job
        status = job.wait(60)
        assert status.is_deep
        assert service.deepening() is None
        assert service.wait_until_deep(60)


def test_progress_goes_on_until_the_pages_are_understood(tmp_path: Path, file: Path) -> None:
    with quick(tmp_path / "library") as service:
        seen = [N_PAGES + 1]
        last = service.add([file]).wait(60, lambda status: seen.append(status.pages_shallow))
        assert last.is_deep
        assert max(seen[1:]) > 0 == seen[-1]


def test_how_deep_pages_are_is_said_to_programs(opened: Service) -> None:
    with opened._turns.taken():
        (document,) = opened.documents()
        assert document_payload(document)["pages_shallow"] == document.pages_shallow == N_PAGES
        job = opened.add([opened.document_file(document.document_id)])
        assert job_payload(job.wait(60, deep=False))["pages_shallow"] == N_PAGES
        assert b"pages_shallow 6.0" in opened.metrics.text().replace(b"pagelight_", b"")


def test_the_next_start_goes_on(opened: Service) -> None:
    assert opened.deepening() == (0, N_PAGES)
    opened.resume()
    assert opened.wait_until_deep(60)
    assert opened.deepening() is None


def test_add_waits_unless_it_is_to_be_quick(tmp_path: Path, file: Path, capsys: Captured) -> None:
    folder = tmp_path / "library"
    assert main(["add", str(file), "--data", str(folder)]) == OK
    with quick(folder) as service:
        assert service.deepening() is None
    assert "indexed: deep.pdf" in capsys.readouterr().out


def test_quick_leaves_it_to_the_next_add(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    folder = tmp_path / "library"
    slow = UnderstandingEncoder(seconds_to_understand=0.2)
    with monkeypatch.context() as patch:
        patch.setattr("pagelight.app.engine.load_encoder", lambda name, device: slow)
        assert main(["add", "--quick", str(file), "--data", str(folder)]) == OK
    with quick(folder) as service:
        assert service.deepening() is not None
    assert main(["add", str(file), "--data", str(folder)]) == OK
    with quick(folder) as service:
        assert service.deepening() is None
    assert "already indexed: deep.pdf" in capsys.readouterr().out


@pytest.mark.parametrize("byte", [0, 0xFF])
def test_meaning_that_is_damaged_is_noticed_and_found_out_anew(tmp_path: Path, file: Path, byte: int) -> None:
    folder = tmp_path / "library"
    with quick(folder) as service:
        assert service.add([file]).wait(60).is_deep
    (path,) = folder.glob("index/shard/segments/*/vector_storage-passages/*vectors/chunk_0.mmap")
    with path.open("r+b") as stream:
        stream.write(bytes([byte]) * (1 << 20))
    (finding,) = examine(folder, thorough=True).findings
    assert finding.what == f"the vectors of {N_PAGES} pages of 'deep.pdf' are damaged"
    assert repair(folder)
    assert not examine(folder, thorough=True).findings


@pytest.mark.parametrize("part", ["passages", "subject"])
def test_meaning_that_is_lost_is_noticed_and_found_out_anew(
    tmp_path: Path, file: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "library"
    with quick(folder) as service:
        assert service.add([file]).wait(60).is_deep
    (path,) = folder.glob(f"index/shard/segments/*/vector_storage-{part}/deleted/flags_a.dat")
    with path.open("r+b") as stream:
        stream.write(b"\x1f")  # of five pages, as if they had none
    (finding,) = examine(folder).findings
    assert finding.what == f"what is meant by {N_PAGES - 1} pages of 'deep.pdf' is lost"
    with quick(folder) as service:
        service.resume()
        with pytest.raises(LibraryDamaged, match=r"lost what is meant by 5 pages; .*pagelight repair"):
            service.search("nothing like it")
    (told,) = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert "has lost what is meant by 5 pages" in told
    assert repair(folder)
    caplog.clear()
    with quick(folder) as service:
        service.resume()
        assert service.wait_until_deep(60)
    assert not [one for one in caplog.records if one.levelname == "WARNING"]
    assert examine(folder, thorough=True).sound


def test_who_mends_is_not_told_to(
    tmp_path: Path, file: Path, caplog: pytest.LogCaptureFixture, capsys: Captured
) -> None:
    folder = tmp_path / "library"
    assert main(["add", str(file), "--data", str(folder)]) == OK
    shutil.rmtree(folder / "index")
    with quick(folder) as service:
        service._engine()
    assert "the index has lost 6 pages" in caplog.text
    caplog.clear()
    assert main(["repair", "--data", str(folder)]) == OK
    assert "has lost" not in caplog.text + capsys.readouterr().err
    assert examine(folder).sound


def test_counts_of_an_older_version_are_made_anew(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "library"
    with quick(folder) as service:
        assert service.add([file]).wait(60).is_deep
    counts = folder / "index" / "counts.json"
    older = json.loads(counts.read_text())
    assert older.pop("n_meant") == N_PAGES
    counts.write_text(json.dumps(older))
    with quick(folder) as service:
        assert service._engine().store.n_without_meaning() == 0
    assert examine(folder, thorough=True).sound


def test_doctor_finds_nothing_wrong_with_pages_that_wait(shallow_library: Path) -> None:
    assert examine(shallow_library, thorough=True).sound
    with quick(shallow_library) as service:
        assert service.deepening() == (0, N_PAGES)


def test_repair_counts_the_pages_that_wait(shallow_library: Path) -> None:
    with quick(shallow_library) as service:
        (document,) = service.documents()
        service._library.set_shallow(document.document_id, 0)
    assert repair(shallow_library) == []
    with quick(shallow_library) as service:
        assert service.deepening() == (0, N_PAGES)


def test_a_database_that_was_lost_does_not_lose_what_waits(shallow_library: Path) -> None:
    (shallow_library / "library.sqlite3").unlink()
    with quick(shallow_library) as service:
        service.resume()
        assert service.wait_until_deep(60)
        (document,) = service.documents()
        pages = service._engine().store.fetch([page_id(document.document_id, n + 1) for n in range(N_PAGES)])
        assert [len(page.meaning) > 0 for page in pages] == [True] * N_PAGES


def test_a_new_index_is_understood_before_it_takes_the_place_of_the_old_one(shallow_library: Path) -> None:
    reindex(Settings(data=shallow_library, precision="int8", samples=False))
    with quick(shallow_library) as service:
        assert service.deepening() is None
        assert service._engine().store.stats().n_deep == N_PAGES


def test_a_backup_comes_back_and_is_understood(shallow_library: Path, tmp_path: Path) -> None:
    back_up(shallow_library, tmp_path / "backup.tar")
    shutil.rmtree(shallow_library)
    restore(tmp_path / "backup.tar", shallow_library)
    with quick(shallow_library) as service:
        service.resume()
        assert service.wait_until_deep(60)
        assert service.deepening() is None
        assert service._engine().store.stats().n_deep == N_PAGES


def test_an_evaluation_understands_all_pages_before_it_measures(tmp_path: Path, file: Path) -> None:
    encoder = UnderstandingEncoder()
    store = MemoryStore(open_store(tmp_path / "index", IndexConfig.of(encoder, "none")))
    with Corpus([DatasetDocument("deep.pdf", file)], tmp_path / "corpus") as corpus:
        corpus.index(encoder, parse_pruning("none"), store)  # type: ignore[arg-type]
        (document_id,) = corpus.ids.values()
        pages = store.fetch([page_id(document_id, number + 1) for number in range(N_PAGES)])
    assert store.stats().n_shallow == 0
    assert len(pages) == N_PAGES
    assert all(len(page.meaning) and page.to_understand is None for page in pages)
    store.close()
