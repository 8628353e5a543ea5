"""Controls of a report: random choice, ink and pooling, at the sizes of the settings that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from pagelight.app.evaluation.measure import Measurement, Setting
from pagelight.retrieval.store.precision import parse_precision

UNPRUNED = Setting("none")
INK = Setting.parse("ink")
#: pages of more vectors than this are pooled after their blank cells are gone, since Ward linkage grows with the square;
#: their baseline is `ink`, since without pruning they take seconds a search
MANY = 2000
#: a setting that keeps more than this share prunes nothing that a control could be compared with
PRUNES = 0.95
#: shares that controls keep where nothing that was asked for prunes
SHARES = (0.5, 0.25, 0.1)
#: controls are drawn at so many sizes
STEPS = 3
#: controls reach from a little more than the largest of the settings to a little less than the smallest
LARGER, SMALLER = 1.2, 0.8


def measure_controls(
    measure: Callable[[Setting], Measurement], asked: Mapping[Setting, Measurement]
) -> dict[Setting, Measurement]:
    """Cells with ink alone, shares drawn by lot from all cells and from those with ink, and hierarchical pooling.

    Without pruning too, unless an encoder gives more than MANY vectors a page.
    """
    found = dict(asked)
    many = _unpruned_vectors(asked.values()) > MANY
    for setting in [INK] if many else [UNPRUNED, INK]:
        if setting not in found:
            found[setting] = measure(setting)
    most = found[INK].kept if many else 1.0
    shares = ladder([_share(m) for setting, m in found.items() if setting not in (UNPRUNED, INK)], most)
    pool = "ink+pool" if many else "pool"
    specs = [
        spec
        for share in shares
        for spec in (f"random:{share}", f"random:{share},ink", f"{pool}:{max(round(most / share), 2)}")
    ]
    for setting in map(Setting.parse, specs):
        if setting not in found:
            found[setting] = measure(setting)
    return found


def _unpruned_vectors(measurements: Iterable[Measurement]) -> float:
    """Vectors that the encoder gives a page, as far as a pruned index tells."""
    return max(m.vectors_per_page / max(m.kept, 1e-9) for m in measurements)


def _share(m: Measurement) -> float:
    """The share of vectors that takes as many bytes in float16, which controls are kept in."""
    return m.kept * parse_precision(m.setting.precision).bytes_per_number / 2


def ladder(shares: Sequence[float], most: float = 1.0) -> tuple[float, ...]:
    """Shares from a little more than the largest to a little less than the smallest, evenly in the log.

    most: shares beyond would keep everything that a control can draw from

    >>> ladder([1.0, 0.4, 0.05]), ladder([]), ladder([0.06, 0.01], most=0.07)
    ((0.48, 0.14, 0.04), (0.5, 0.25, 0.1), (0.063, 0.022, 0.008))
    """
    pruned = [share for share in shares if share < PRUNES]
    if not pruned:
        return SHARES
    high, low = min(LARGER * max(pruned), 0.9 * most), SMALLER * min(pruned)
    return tuple(float(f"{share:.2g}") for share in np.geomspace(high, low, STEPS))
