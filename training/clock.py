"""Clock of a training, pauses left out."""

import statistics
import time
from collections import deque
from collections.abc import Callable

PAUSE = 4.0  # times as long as is usual: more of a step is a pause
FIRST = 60.0  # seconds that a step may count for before any is usual


class Clock:
    """Seconds of work, told step by step.

    A stopped process or a suspended machine must not age a training, whose learning rate falls with its minutes. It shows
    as one step many times as long as those before it, of which as much counts as a slow step takes. (Processor time would
    be no measure: it counts each thread, and a GPU not at all.)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds = 0.0
        self._now, self._last = now, now()
        self._took: deque[float] = deque(maxlen=15)

    def step(self) -> float:
        """A step has ended: all seconds of work so far."""
        now = self._now()
        took, self._last = now - self._last, now
        self.seconds += min(took, PAUSE * statistics.median(self._took) if self._took else FIRST)
        self._took.append(took)
        return self.seconds
