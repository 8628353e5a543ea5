"""Displayed formulas, set by matplotlib."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageOps

from training.figures.canvas import Style, blank, put_text

Size = tuple[int, int]

_FORMULAS = (
    r"$E = mc^2$",
    r"$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$",
    r"$\sum_{k=1}^{n} k^2 = \frac{n(n+1)(2n+1)}{6}$",
    r"$f(x) = \frac{1}{\sigma\sqrt{2\pi}}\, e^{-\frac{(x-\mu)^2}{2\sigma^2}}$",
    r"$\alpha_{i+1} = \alpha_i - \eta\,\nabla L(\alpha_i)$",
    r"$\Pr(A \mid B) = \frac{\Pr(B \mid A)\,\Pr(A)}{\Pr(B)}$",
    r"$\left(\frac{p}{q}\right)^{n} \leq \prod_{j=0}^{m} \left(1 - 2^{-j}\right)$",
    r"$\hat{y} = \beta_0 + \beta_1 x_1 + \dots + \beta_k x_k + \varepsilon$",
    r"$\frac{\partial u}{\partial t} = \kappa \, \frac{\partial^2 u}{\partial x^2}$",
    r"$x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$",
    r"$\lim_{n \to \infty} \left(1 + \frac{1}{n}\right)^n = e$",
    r"$\mathbf{A}^{T}\mathbf{A}\,\mathbf{x} = \mathbf{A}^{T}\mathbf{b}, \quad \|\mathbf{x}\|_2 \leq 1$",
    r"$\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \bar{x})^2$",
    r"$\mathcal{L}(\theta) = -\sum_{i} \log p_\theta(y_i \mid x_i) + \lambda \|\theta\|^2$",
    r"$\oint_C \vec{F} \cdot d\vec{r} = \iint_S (\nabla \times \vec{F}) \cdot d\vec{S}$",
)


@cache
def _formula_picture(index: int, fontset: str) -> Image.Image:
    """A formula in black on white, at a fixed large size."""
    from matplotlib import mathtext, rc_context
    from matplotlib.font_manager import FontProperties

    buffer = io.BytesIO()
    with rc_context({"mathtext.fontset": fontset}):
        mathtext.math_to_image(_FORMULAS[index], buffer, prop=FontProperties(size=22), dpi=110)
    picture = Image.open(buffer).convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("L")


def formula(style: Style, size: Size) -> Image.Image:
    """One to three displayed formulas, centred, sometimes numbered."""
    rng = style.rng
    image, draw = blank(style, size)
    rows = max(1, min(3, size[1] // (style.size * 3)))
    for row in range(rows):
        picture = _formula_picture(rng.randrange(len(_FORMULAS)), rng.choice(("cm", "stix", "dejavusans")))
        tall = min(size[1] / rows * 0.9, style.size * rng.uniform(2.2, 3.4))
        share = min(tall / picture.height, size[0] * 0.85 / picture.width)
        picture = picture.resize(
            (max(4, round(picture.width * share)), max(4, round(picture.height * share))),
            Image.Resampling.BICUBIC,
        )
        middle = (row + 0.5) * size[1] / rows
        ink = Image.new("RGB", picture.size, style.ink)
        image.paste(
            ink,
            (round((size[0] - picture.width) / 2), round(middle - picture.height / 2)),
            ImageOps.invert(picture),
        )
        if rng.random() < 0.5:
            put_text(draw, (size[0] - 3, middle), f"({rng.randint(1, 40)})", style, 1, "rm")
    return image
