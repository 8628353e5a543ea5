"""A job's progress as a bar on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

from pagelight.app.cli.table import printable
from pagelight.app.payload import JSON

#: seconds between two looks at a job
INTERVAL = 0.1


def follow(status: Callable[[], JSON]) -> JSON:
    """Show pages and the time left until the job ends; returns its last status."""
    with tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True, smoothing=0.1) as bar:
        while True:
            now = status()
            bar.total = now["pages_total"] or None
            running = next((entry["name"] for entry in now["files"] if entry["state"] == "running"), "")
            bar.set_description_str(printable(running[:40]), refresh=False)
            bar.update(now["pages_done"] - bar.n)
            if now["state"] != "running":
                return now
            time.sleep(INTERVAL)
