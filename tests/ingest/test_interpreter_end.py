"""A program that ends while pages are being read, and closes nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from tests import samples

PROGRAM = """
import sys, threading, time
from pathlib import Path
from pagelight import Service, Settings

service = Service(Settings(data=Path(sys.argv[1]), samples=False))
service.add([sys.argv[2]])
while not any(thread.name.startswith("encoding") for thread in threading.enumerate()):
    time.sleep(0.001)
"""


def test_pages_that_were_being_read_are_taken_up_by_the_next_start(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), str(samples.text_pdf(tmp_path, 2))]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with sqlite3.connect(tmp_path / "data" / "library.sqlite3") as database:
        assert database.execute("SELECT * FROM remarks").fetchall() == []
    with Service(Settings(data=tmp_path / "data", samples=False)) as service:
        assert [document.state for document in service.documents()] == ["running"]
        service.resume()
        service.wait_until_deep(300)
        (document,) = service.documents()
    assert (document.state, document.pages_indexed, document.reason) == ("indexed", 2, "")
