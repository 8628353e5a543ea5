"""A stock of charts as matplotlib draws them, in its many styles: made once, mixed into the practice pages."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from training.figures.canvas import word_list

Axes = Any  # matplotlib's classes are not typed strictly
_STYLES = (
    "default",
    "ggplot",
    "seaborn-v0_8",
    "fivethirtyeight",
    "bmh",
    "classic",
    "seaborn-v0_8-whitegrid",
    "grayscale",
    "Solarize_Light2",
    "seaborn-v0_8-pastel",
    "tableau-colorblind10",
    "dark_background",
)


def make_stock(folder: Path, count: int, seed: int = 0) -> None:
    """``count`` charts of each class as ``folder/<class>/<n>.png``; those that are there are kept."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for name, draw in _KINDS.items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = place / f"{number}.png"
            if path.exists():
                continue
            rng = random.Random(f"{seed} {name} {number}")
            chance = np.random.default_rng(rng.getrandbits(32))
            with pyplot.style.context(rng.choices(_STYLES, [4] + [1] * (len(_STYLES) - 1))[0]):
                wide = rng.uniform(2.8, 6)
                figure = pyplot.figure(figsize=(wide, wide / rng.uniform(1, 2.2)), dpi=80)
                draw(figure, rng, chance)
                figure.savefig(path.with_suffix(".part"), format="png")
                pyplot.close(figure)
            path.with_suffix(".part").rename(path)


def _words(rng: random.Random, count: int) -> list[str]:
    return [rng.choice(word_list())[:10] for _ in range(count)]


def _dress(axes: Axes, rng: random.Random) -> None:
    """Titles, axis names, grid, spines, legend by chance."""
    if rng.random() < 0.5:
        axes.set_title(" ".join(_words(rng, 3)), fontsize=rng.uniform(7, 12))
    if rng.random() < 0.6:
        axes.set_xlabel(_words(rng, 1)[0])
        axes.set_ylabel(_words(rng, 1)[0])
    if rng.random() < 0.3:
        axes.grid(True, alpha=rng.uniform(0.2, 1))
    if rng.random() < 0.3:
        axes.spines[["top", "right"]].set_visible(False)
    if rng.random() < 0.4 and axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7)
    axes.tick_params(labelsize=rng.uniform(5, 9))
    axes.figure.tight_layout()


def _bars(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    axes, count, series = figure.add_subplot(), rng.randint(3, 14), rng.choice((1, 1, 2, 3))
    flat, stacked, base = rng.random() < 0.35, rng.random() < 0.5, np.zeros(count)
    names, wide = _words(rng, count), rng.uniform(0.45, 0.85)
    for i in range(series):
        values = chance.uniform(0.1, 1, count)
        place = np.arange(count) + (0 if stacked else wide * i / series)
        size = wide if stacked else wide / series
        hatch = rng.choice(("/", "x", "..")) if rng.random() < 0.1 else None
        if flat:
            axes.barh(place, values, size, left=base if stacked else None, label=names[i], hatch=hatch)
        else:
            errors = chance.uniform(0, 0.1, count) if rng.random() < 0.15 else None
            axes.bar(
                place,
                values,
                size,
                bottom=base if stacked else None,
                label=names[i],
                yerr=errors,
                hatch=hatch,
            )
        base += values
    (axes.set_yticks if flat else axes.set_xticks)(
        range(count), names, rotation=0 if flat else rng.choice((0, 45, 90))
    )
    _dress(axes, rng)


def _lines(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    axes, count = figure.add_subplot(), rng.choice((6, 12, 60, 200))
    x, kind = np.linspace(0, rng.uniform(1, 10), count), rng.random()
    for name in _words(rng, rng.choice((1, 1, 2, 3, 5))):
        if kind < 0.4:
            y = np.cumsum(chance.normal(0, 1, count))
        elif kind < 0.7:
            y = np.sin(x * rng.uniform(0.5, 4) + rng.uniform(0, 6)) * np.exp(-x * rng.uniform(0, 0.4))
        else:
            y = np.power(x + 0.1, rng.uniform(-1, 2)) * rng.uniform(0.5, 2) + chance.normal(0, 0.02, count)
        style = (
            rng.choice(("-", "-", "--", "-.", "o-", "s--", "^-"))
            if count < 20
            else rng.choice(("-", "-", "--", ":"))
        )
        (axes.step if rng.random() < 0.1 else axes.plot)(
            x, y, style, label=name, linewidth=rng.uniform(0.7, 2.5)
        )
        if rng.random() < 0.12:
            axes.fill_between(x, y, y.min(), alpha=0.3)
    if rng.random() < 0.1:
        axes.set_yscale("symlog")
    _dress(axes, rng)


def _pie(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    axes, count = figure.add_subplot(), rng.randint(2, 9)
    ring = {"width": rng.uniform(0.25, 0.6)} if rng.random() < 0.4 else {}
    rim = {"edgecolor": "w"} if rng.random() < 0.5 else {}
    explode = chance.choice([0, 0, 0.08], count) if rng.random() < 0.3 else None
    labels = _words(rng, count) if rng.random() < 0.6 else None
    shown = "%1.0f%%" if rng.random() < 0.5 else None
    axes.pie(
        chance.uniform(0.2, 2, count),
        explode,
        labels,
        autopct=shown,
        wedgeprops=ring | rim,
        textprops={"fontsize": rng.uniform(5, 9)},
        startangle=rng.uniform(0, 360),
    )
    if labels is None:
        axes.legend(_words(rng, count), fontsize=6, loc=rng.choice(("center left", "lower right")))
    figure.tight_layout()


def _scatter(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    axes = figure.add_subplot()
    for name in _words(rng, rng.choice((1, 1, 2, 3))):
        count, slope = rng.randint(20, 300), rng.uniform(-1, 1)
        x = chance.normal(rng.uniform(0, 3), 1, count)
        y = slope * x + chance.normal(0, rng.uniform(0.2, 1), count)
        colours = {"c": chance.random(count)} if rng.random() < 0.2 else {}
        axes.scatter(
            x,
            y,
            rng.choice((3, 8, 15, 30)),
            marker=rng.choice("oosx+^D"),
            alpha=rng.uniform(0.4, 1),
            label=name,
            **colours,
        )
    _dress(axes, rng)


def _histogram(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    axes, bins = figure.add_subplot(), rng.randint(10, 50)
    kind = rng.choice(("bar", "bar", "stepfilled", "step"))
    edge = rng.choice((None, "black", "white"))
    for name in _words(rng, rng.choice((1, 1, 1, 2))):
        data = chance.normal(rng.uniform(-1, 1), 1, 600) if rng.random() < 0.6 else chance.gamma(2, 1, 600)
        axes.hist(
            data, bins, histtype=kind, density=True, alpha=rng.uniform(0.5, 1), label=name, edgecolor=edge
        )
    if rng.random() < 0.35:
        x = np.linspace(-3, 4, 80)
        axes.plot(x, np.exp(-x * x / 2) / 2.5, "k" if rng.random() < 0.5 else "r")
    _dress(axes, rng)


def _heat(figure: Any, rng: random.Random, chance: np.random.Generator) -> None:
    colours = rng.choice(("viridis", "plasma", "coolwarm", "gray", "Blues", "jet", "RdBu", "terrain"))
    x, y = np.meshgrid(np.linspace(-3, 3, 40), np.linspace(-3, 3, 40))
    z = sum(
        chance.normal()
        * np.exp(-((x - chance.normal()) ** 2 + (y - chance.normal()) ** 2) / rng.uniform(0.5, 3))
        for _ in range(6)
    )
    kind = rng.choice(("image", "matrix", "filled", "contour", "surface", "arrows"))
    axes = figure.add_subplot(projection="3d" if kind == "surface" else None)
    match kind:
        case "surface":
            axes.plot_surface(x, y, z, cmap=colours, rstride=2, cstride=2)
            return
        case "image":
            drawn = axes.imshow(z, cmap=colours)
        case "matrix":
            drawn = axes.pcolormesh(
                chance.random((rng.randint(4, 16), rng.randint(4, 16))),
                cmap=colours,
                edgecolors=rng.choice(("none", "w")),
            )
        case "filled":
            drawn = axes.contourf(x, y, z, rng.randint(5, 14), cmap=colours)
        case "contour":
            drawn = axes.contour(x, y, z, rng.randint(5, 14), cmap=colours)
        case _:
            drawn = axes.quiver(
                x[::3, ::3], y[::3, ::3], z[::3, ::3], -z.T[::3, ::3], z[::3, ::3], cmap=colours
            )
    if rng.random() < 0.6 and kind != "arrows":
        figure.colorbar(drawn)
    axes.tick_params(labelsize=6)


_KINDS: dict[str, Callable[[Any, random.Random, np.random.Generator], None]] = {
    "bar chart": _bars,
    "line chart": _lines,
    "pie chart": _pie,
    "scatter plot": _scatter,
    "histogram": _histogram,
    "heat map": _heat,
}
