"""The commands that look after a library: results to stdout, what is wrong to stderr, the exit status back."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from pagelight.app.cli.progress_bar import follow
from pagelight.app.cli.table import printable
from pagelight.app.maintenance import backup as backups
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.repair import repair as mend
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.library import Document


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
        print(f"{checkup.n_documents:,} documents, {checkup.n_pages:,} pages in the index: all is well")
        return 0
    if any(not finding.mend for finding in checkup.findings):
        print(printable(f"mend it with: pagelight repair --data {settings.data}"), file=sys.stderr)
    return 1


def repair(settings: Settings) -> int:
    """Mend what can be mended, read again what has to be; 1 where documents are lost."""
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
    from pagelight.app.maintenance.reindex import reindex as make_anew

    with tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True) as bar:

        def on_page(document: Document, done: int, total: int) -> None:
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
        print(printable(f"{name}: its file is gone, it is not in the backup"), file=sys.stderr)
    print(f"{file}: {made.n_documents:,} documents, {made.n_bytes / 1e6:,.1f} MB")
    return int(bool(made.missing))


def restore(settings: Settings, file: str) -> int:
    made = backups.restore(Path(file), settings.data)
    _index_what_waits(settings)
    print(printable(f"{settings.data}: {made.n_documents:,} documents restored"))
    return 0


def _index_what_waits(settings: Settings) -> None:
    """Start the library without its samples and follow its jobs to their end."""
    with Service(settings) as service:
        service.resume()
        for job in service.active_jobs():
            follow(job)
