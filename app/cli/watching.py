"""`pagelight watch`: follow folders until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence

from pagelight.app.cli.table import printable
from pagelight.app.folders import given_paths
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.watch import Change
from pagelight.retrieval.errors import InvalidInput


def watch(settings: Settings, folders: Sequence[str]) -> int:
    """A line for each change on stdout, what cannot be read on stderr."""
    paths = given_paths(folders)
    for path in paths:
        if not path.is_dir():
            raise InvalidInput(f"{path}: no such folder")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    trouble = ""
    with Service(settings) as service:
        service.resume()
        for change in service.watch(paths, stop):
            _tell(service, change, trouble)
            trouble = change.trouble
    return 0


def _tell(service: Service, change: Change, trouble: str) -> None:
    if change.trouble and change.trouble != trouble:
        print(printable(change.trouble), file=sys.stderr, flush=True)
    for name in change.removed:
        print(printable(f"removed: {name}"), flush=True)
    if change.job_id:
        for file in service.job(change.job_id).wait().files:
            if file.state == "failed":
                print(printable(f"{file.name}: {file.reason}"), file=sys.stderr, flush=True)
            else:
                print(printable(f"{file.state}: {file.name}"), flush=True)
