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
    reader, environment = own_python(module, *arguments)
    return subprocess.run(
        ["sh", "-c", _LIMITED, "sh", memory_kb, cpu_seconds, *reader],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
        process_group=0,
        env=environment,
    )


def own_python(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment of `python -m MODULE ARGUMENTS…`, which imports this Pagelight and nothing from the current folder."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(pagelight.__file__).parent.parent),
        # idle threads would each reserve address space, which is limited
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    return [sys.executable, "-P", "-m", module, *arguments], environment
