"""A reader of files in a Python process of its own: reading some files never ends, or takes all memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pagelight
from pagelight.ingest.render.limits import Limits

_LIMITED = 'ulimit -v "$1"; ulimit -t "$2"; ulimit -c 0; shift 2; exec "$@"'


def run_limited(
    module: str, arguments: Sequence[str], limits: Limits, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """`python -m MODULE ARGUMENTS…` within limits.memory_mb. Raises subprocess.TimeoutExpired."""
    memory_kb, cpu_seconds = str(limits.memory_mb * 1024), str(int(seconds) + 1)
    reader = (sys.executable, "-P", "-m", module, *arguments)
    return subprocess.run(
        ["sh", "-c", _LIMITED, "sh", memory_kb, cpu_seconds, *reader],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
        env=os.environ
        | {"PYTHONPATH": str(Path(pagelight.__file__).parent.parent), "OPENBLAS_NUM_THREADS": "1"},
    )
