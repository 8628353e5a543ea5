"""The commands that look after a library: results to stdout, what is wrong to stderr, the exit status returned."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from pagelight.app.cli.terminal import Interrupts, follow, follow_deepening, printable
from pagelight.app.counts import counted
from pagelight.app.folders import check_library, given_paths
from pagelight.app.maintenance import backup as backups
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.repair import repair as mend
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.library import Document
from pagelight.ingest.watch import Change
from pagelight.retrieval.errors import InvalidInput


def doctor(settings: Settings, thorough: bool, as_json: bool) -> int:
    """0: all is sound; 1: something is wrong, a line each."""
    checkup = examine(settings.data, thorough)
    if as_json:
        print(json.dumps({"sound": checkup.sound, **asdict(checkup)}, ensure_ascii=False))
        return int(not checkup.sound)
    for finding in checkup.findings:
        print(printable(str(finding)), file=sys.stderr)
    if checkup.unchecked:
        print(printable(checkup.unchecked))
    if checkup.sound:
        print(
            f"{counted(checkup.n_documents, 'document')}, {counted(checkup.n_pages, 'page')} in the index: all is well"
        )
        return 0
    if any(not finding.mend for finding in checkup.findings):
        print(printable(f"mend it with: pagelight repair --data {settings.data}"), file=sys.stderr)
    return 1


def repair(settings: Settings) -> int:
    """Mend what can be mended, read again what has to be; 1 where documents are lost."""
    check_library(settings.data)
    done = mend(settings.data)
    for line in done:
        print(printable(line))
    _index_what_waits(settings)
    checkup = examine(settings.data)
    for finding in checkup.findings:
        print(printable(str(finding)), file=sys.stderr)
    if not done and checkup.sound:
        print("nothing had to be mended")
    return int(not checkup.sound)


def reindex(settings: Settings) -> int:
    check_library(settings.data)
    from pagelight.app.maintenance.reindex import reindex as make_anew

    with (
        Interrupts() as interrupts,
        tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True) as bar,
    ):

        def on_page(document: Document, done: int, total: int) -> None:
            interrupts.check()
            bar.set_description_str(printable(f"{document.name[:40]} {done}/{total}"), refresh=False)
            bar.update()

        failed = make_anew(settings, on_page)
    for document in failed:
        print(printable(f"{document.name}: {document.reason}"), file=sys.stderr)
    print("the new index is in place")
    return int(bool(failed))


def backup(settings: Settings, file: str) -> int:
    made = backups.back_up(settings.data, Path(file))
    for name in made.missing:
        print(printable(f"{name}: its file is gone or damaged, it is not in the backup"), file=sys.stderr)
    print(f"{file}: {counted(made.n_documents, 'document')}, {made.n_bytes / 1e6:,.1f} MB")
    return int(bool(made.missing))


def restore(settings: Settings, file: str) -> int:
    made = backups.restore(Path(file), settings.data)
    _index_what_waits(settings)
    for name in made.missing:
        print(printable(f"{name}: the backup has no whole file of it; add it again"), file=sys.stderr)
    print(printable(f"{settings.data}: {counted(made.n_documents, 'document')} restored"))
    return int(bool(made.missing))


def _index_what_waits(settings: Settings) -> None:
    """Start the library without its samples, follow its jobs to their end, and wait until all pages are understood."""
    with Interrupts() as interrupts, Service(settings) as service:
        service.resume()
        for job in service.active_jobs():
            follow(job, interrupts)
        follow_deepening(service, interrupts)


def watch(settings: Settings, folders: Sequence[str]) -> int:
    """A line for each change on stdout, what cannot be read on stderr."""
    paths = given_paths(folders)
    for path in paths:
        if not path.is_dir():
            raise InvalidInput(f"{path}: no such folder")
    stop = threading.Event()
    print(printable(f"following {', '.join(map(str, paths))} (Ctrl-C stops it)"), file=sys.stderr, flush=True)
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
        for file in service.job(change.job_id).wait(deep=False).files:
            if file.state == "failed":
                print(printable(f"{file.name}: {file.reason}"), file=sys.stderr, flush=True)
            else:
                print(printable(f"{file.state}: {file.name}"), flush=True)
