"""A part of the page whose DOM is built by our own scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

STATIC = Path(__file__).parent / "static"

#: what a script in the browser calls: one JSON object in, one JSON object out
ServerFunction = Callable[[dict[str, Any], gr.Request], dict[str, Any]]


def panel(
    name: str, scripts: Sequence[str], functions: Sequence[ServerFunction] = (), **options: Any
) -> gr.HTML:
    """Add a panel; `scripts` are files of static/ that run in one function scope, in order.

    It is never given a value. Gradio evaluates the templates of `gr.HTML`, values included, as Handlebars and
    then as a JavaScript template literal, so a file called `${...}.pdf` would run. The template here is
    constant; the scripts fetch what they show with the server functions and write it with `textContent`.
    """
    source = "\n".join((STATIC / f"{script}.js").read_text(encoding="utf-8") for script in scripts)
    return gr.HTML(
        html_template=f'<div class="pl pl-{name}"></div>',
        js_on_load=source,
        apply_default_css=False,
        server_functions=list(functions),
        **options,
    )
