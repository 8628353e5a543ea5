"""The rendering process: its memory, its end, and what it may take with it."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pagelight.ingest.render.renderer import Limits, Renderer
from pagelight.retrieval.errors import DocumentError, UnreadableDocument
from tests import samples
from tests.ingest.rendered_pages import RENDERERS, pages_of


def test_memory_over_the_limit_fails_the_page_with_its_reason(tmp_path: Path) -> None:
    limits = Limits(memory_mb=120, max_pixels=400_000_000)
    with pytest.raises(DocumentError, match=r"120 MB|crashes the renderer"):
        pages_of(samples.huge_page_pdf(tmp_path), 700, limits=limits, renderer="pdfium")


def test_the_memory_of_whoever_asks_does_not_count(tmp_path: Path) -> None:
    """Linux adds the parent's memory to a new process's ru_maxrss."""
    ballast = np.ones(40_000_000)  # 320 MB
    assert len(pages_of(samples.text_pdf(tmp_path, 2), limits=Limits(memory_mb=250))) == 2
    assert ballast[0] == 1


def test_a_page_that_kills_or_hangs_the_process_is_skipped(tmp_path: Path) -> None:
    """The process is killed at page 3 and stopped (as if it hung) at page 5: the rest comes nevertheless."""
    path = samples.text_pdf(tmp_path, 7)
    skipped: list[tuple[int, str]] = []
    numbers = []
    limits = Limits(seconds_per_page=2)
    with Renderer(limits, "pdfium") as renderer:
        # a page of 9 MB does not fit in the pipe, so the process cannot run ahead of this loop
        for page in renderer.pages(path, 200, on_skip=lambda n, why: skipped.append((n, why))):
            numbers.append(page.number)
            child = renderer._child
            assert child is not None
            if page.number == 2:
                time.sleep(0.5)
                os.kill(child.pid, signal.SIGKILL)
            if page.number == 4:
                time.sleep(0.5)
                os.kill(child.pid, signal.SIGSTOP)
    assert numbers == [1, 2, 4, 6, 7]
    assert [number for number, _ in skipped] == [3, 5]
    assert "crashes" in skipped[0][1]
    assert "longer than 2 seconds" in skipped[1][1]


def test_stopping_the_iteration_ends_the_process(tmp_path: Path) -> None:
    with Renderer() as renderer:
        pages = renderer.pages(samples.text_pdf(tmp_path, 30), 100)
        next(pages)
        child = renderer._child
        assert child is not None
        pages.close()
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)


def test_one_process_serves_many_requests(tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 3)
    with Renderer() as renderer:
        assert renderer.count(path) == 3
        child = renderer._child
        assert renderer.page(path, 2, 300).width == 300
        with pytest.raises(UnreadableDocument):
            renderer.count(samples.corrupt_pdf(tmp_path))
        assert renderer.count(path) == 3
        assert renderer._child is child


def test_one_file_is_not_refused_for_what_another_one_lacked(tmp_path: Path) -> None:
    """pdfium keeps its last error, and a PDF without pages sets none."""
    with Renderer() as renderer:
        for other, reason in ((samples.encrypted_pdf, "password"), (samples.corrupt_pdf, "damaged")):
            with pytest.raises(DocumentError, match=reason):
                renderer.count(other(tmp_path))
            with pytest.raises(UnreadableDocument, match="no pages"):
                renderer.count(samples.pageless_pdf(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("renderer", RENDERERS)
def test_pages_that_were_handed_over_are_not_kept(tmp_path: Path, renderer: str) -> None:
    """80 pages of .7 MB would be 54 MB more. The least of twenty pages leaves out what a page takes while it is drawn."""
    path = samples.text_pdf(tmp_path, 120)
    resident = {}
    with Renderer(renderer=renderer) as process:  # type: ignore[arg-type]
        for page in process.pages(path, 400):
            child = process._child
            assert child is not None
            resident[page.number] = _resident_mb(child.pid)
    early = min(resident[number] for number in range(20, 40))
    late = min(resident[number] for number in range(100, 120))
    assert late - early < 30


def _resident_mb(pid: int) -> float:
    """From Linux's /proc; skips elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("needs /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_programs_that_read_files_are_out_of_reach_of_a_terminals_control_c() -> None:
    """Else a document whose page is being drawn fails because somebody stops the program."""
    starts = [
        call
        for path in (Path(__file__).parents[2] / "ingest").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("subprocess.run", "subprocess.Popen")
    ]
    assert len(starts) > 4
    for call in starts:
        assert {"process_group", "start_new_session"} & {keyword.arg for keyword in call.keywords}, (
            ast.unparse(call)
        )


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from pagelight.ingest.render.renderer import Renderer
signal.signal(signal.SIGINT, lambda *_: None)
with Renderer() as renderer:
    for page in renderer.pages(Path(sys.argv[1]), 72):
        os.killpg(0, signal.SIGINT)
        print(type(page).__name__, page.number)
"""


def test_control_c_in_a_terminal_costs_no_page(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(samples.text_pdf(tmp_path, 4))]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True, start_new_session=True
    )
    assert run.stdout.splitlines() == [f"RenderedPage {number}" for number in (1, 2, 3, 4)]
    assert run.stderr == ""
