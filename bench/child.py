"""One measurement in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import Any

#: ru_maxrss counts KiB on Linux and bytes on macOS
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def run(module: str, *arguments: str) -> dict[str, Any]:
    """The JSON that `python -m module arguments` prints; its progress goes to our stderr."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def cpu_seconds() -> float:
    """Processor time of this process, its threads, and its children that have ended."""
    return sum(os.times()[:4])


def answer(values: dict[str, Any]) -> None:
    """Print a child's measurements, with the peak memory of this process and of its largest child."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * RSS_UNIT
    print(json.dumps({**values, "peak_bytes": own, "peak_bytes_of_children": largest}))
