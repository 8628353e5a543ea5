"""Curves as SVG text: a metric over bytes a page on a logarithmic axis. Colours and fonts come from the page's CSS."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 920, 400
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 16, 46


@dataclass(frozen=True, slots=True)
class Point:
    """low, high: ends of the interval, equal to y where there is none
    strong: named, drawn larger and with its interval
    """

    x: float
    y: float
    low: float
    high: float
    name: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Points that one strategy reaches with different parameters.

    tone: CSS class that colours it
    shape: circle, square, diamond, triangle, ring or cross; tells series apart where colours do not
    """

    name: str
    tone: str
    shape: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        share = (math.log(value) - math.log(self.x_low)) / (math.log(self.x_high) - math.log(self.x_low))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def draw(series: Sequence[Series], rule: float | None, rule_name: str, description: str) -> str:
    """The chart as an `<svg>` element. rule: a level drawn across, such as what no pruning reaches."""
    points = [point for one in series for point in one.points]
    scale = _fit(points, rule)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(description)}">',
        *_axes(scale),
    ]
    if rule is not None:
        y = scale.y(rule)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="rule-name" x="{WIDTH - RIGHT - 4}" y="{y - 7:.1f}" text-anchor="end">{escape(rule_name)}</text>'
        )
    for one in series:
        parts += _line(one, scale)
    parts += _names(points, scale)
    return "".join([*parts, "</svg>"])


def legend(series: Sequence[Series]) -> str:
    """Names of the series beside their marks, as HTML."""
    items = (
        f'<li class="{one.tone}"><svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">'
        f"{_mark(one.shape, 0, 0, 4.5)}</svg>{escape(one.name)}</li>"
        for one in series
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def size(n_bytes: float) -> str:
    """Bytes for people.

    >>> size(512), size(7_360), size(64_000), size(1_870_000)
    ('512 B', '7.4 kB', '64 kB', '1.9 MB')
    """
    for factor, unit in ((1e6, "MB"), (1e3, "kB")):
        if n_bytes >= factor:
            value = n_bytes / factor
            return f"{value:.1f} {unit}" if value < 10 and round(value, 1) % 1 else f"{value:.0f} {unit}"
    return f"{n_bytes:.0f} B"


def _fit(points: Sequence[Point], rule: float | None) -> _Scale:
    xs = [max(point.x, 1.0) for point in points] or [1.0]
    ys = [y for p in points for y in ((p.low, p.y, p.high) if p.strong else (p.y,))] + (
        [] if rule is None else [rule]
    )
    ys = [y for y in ys if not math.isnan(y)] or [0.0, 1.0]
    y_low, y_high = min(ys), max(ys)
    pad = max(0.06 * (y_high - y_low), 0.01)
    return _Scale(min(xs) / 1.25, max(xs) * 1.25, max(y_low - pad, 0.0), min(y_high + pad, 1.05))


def _axes(scale: _Scale) -> list[str]:
    parts = []
    bottom = HEIGHT - BOTTOM
    for value in _steps(scale.y_low, scale.y_high):
        y = scale.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
        )
    for value in _decades(scale.x_low, scale.x_high):
        x = scale.x(value)
        parts.append(f'<line class="notch" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}"/>')
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{size(value)}</text>'
        )
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text class="axis-name" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">bytes a page on disk</text>'
    )
    return parts


def _line(one: Series, scale: _Scale) -> list[str]:
    points = sorted(one.points, key=lambda point: point.x)
    parts = [f'<g class="series {one.tone}">']
    if len(points) > 1:
        path = " ".join(f"{scale.x(p.x):.1f},{scale.y(p.y):.1f}" for p in points)
        parts.append(f'<polyline points="{path}"/>')
    for point in points:
        x, y = scale.x(point.x), scale.y(point.y)
        if point.strong and point.high > point.low:
            parts.append(
                f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" '
                f'y1="{scale.y(point.low):.1f}" y2="{scale.y(point.high):.1f}"/>'
            )
        title = escape(f"{point.name}: {point.y:.3f} at {size(point.x)}")
        radius = 6 if point.strong else 4
        parts.append(f"<g><title>{title}</title>{_mark(one.shape, x, y, radius)}</g>")
    return [*parts, "</g>"]


def _mark(shape: str, x: float, y: float, r: float) -> str:
    if shape == "square":
        return (
            f'<rect class="mark" x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}"/>'
        )
    if shape == "diamond":
        path = f"M{x:.1f} {y - 1.3 * r:.1f}l{1.3 * r:.1f} {1.3 * r:.1f}l{-1.3 * r:.1f} {1.3 * r:.1f}l{-1.3 * r:.1f} {-1.3 * r:.1f}z"
        return f'<path class="mark" d="{path}"/>'
    if shape == "triangle":
        path = f"M{x:.1f} {y - 1.2 * r:.1f}l{1.2 * r:.1f} {2.1 * r:.1f}h{-2.4 * r:.1f}z"
        return f'<path class="mark" d="{path}"/>'
    if shape == "cross":
        path = f"M{x - r:.1f} {y - r:.1f}l{2 * r:.1f} {2 * r:.1f}m0 {-2 * r:.1f}l{-2 * r:.1f} {2 * r:.1f}"
        return f'<path class="mark open" d="{path}"/>'
    return f'<circle class="mark{" open" if shape == "ring" else ""}" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'


def _names(points: Sequence[Point], scale: _Scale) -> list[str]:
    """Names of the strong points, moved apart; each stands above or below its mark where there is room."""
    taken = [(scale.x(p.x) - 7, scale.y(p.y) - 7, scale.x(p.x) + 7, scale.y(p.y) + 7) for p in points]
    parts = []
    for point in sorted((p for p in points if p.strong), key=lambda p: p.x):
        x, y = scale.x(point.x), scale.y(point.y)
        width = 6.4 * len(point.name)
        left = min(max(x - width / 2, LEFT + 4), WIDTH - RIGHT - width - 4)
        places = [(left, y + dy) for dy in (-14, 24, -30, 40, -46, 56)]
        places += [(min(x + 12, WIDTH - RIGHT - width), y + 4), (max(x - 12 - width, LEFT), y + 4)]
        at = next((p for p in places if _free(p, width, taken)), places[0])
        taken.append((at[0], at[1] - 11, at[0] + width, at[1] + 3))
        parts.append(f'<text class="point-name" x="{at[0]:.1f}" y="{at[1]:.1f}">{escape(point.name)}</text>')
    return parts


def _free(at: tuple[float, float], width: float, taken: Sequence[tuple[float, float, float, float]]) -> bool:
    x0, y0, x1, y1 = at[0], at[1] - 11, at[0] + width, at[1] + 3
    if y0 < TOP or y1 > HEIGHT - BOTTOM:
        return False
    return all(x1 < a or x0 > c or y1 < b or y0 > d for a, b, c, d in taken)


def _steps(low: float, high: float) -> list[float]:
    """Four to eight round values.

    >>> _steps(0.41, 0.69)
    [0.45, 0.5, 0.55, 0.6, 0.65]
    """
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / s <= 8)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 4) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten, thinned where there are many.

    >>> _decades(900, 12_000)
    [1000, 2000, 5000, 10000]
    """
    values = [m * 10**e for e in range(9) for m in (1, 2, 5) if low <= m * 10**e <= high]
    return values if len(values) <= 14 else [v for v in values if str(v)[0] == "1"]
