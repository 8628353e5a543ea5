"""The one part of the Gradio page, whose DOM is built by our own scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from pagelight.app.web.ui.static_files import STATIC, modules, version

#: what a script in the browser calls: one JSON object in, one JSON object out
ServerFunction = Callable[[dict[str, Any], gr.Request], dict[str, Any]]
#: kept out of the list that is fetched ahead: the loader itself, and languages, of which a page needs one
_NOT_AHEAD = ("loader.js", "texts/")


def panel(functions: Sequence[ServerFunction], title: str, has_logo: bool) -> gr.HTML:
    """Add the panel, which calls the functions by their names. title: of the page; has_logo: whether it has one of its own

    It is never given a value. Gradio evaluates the templates of `gr.HTML`, values included, as Handlebars and
    then as a JavaScript template literal, so a file called `${...}.pdf` would run. The template here is
    constant; the scripts fetch what they show with the server functions and write it with `textContent`.
    """
    return gr.HTML(
        html_template='<div class="pl"></div>',
        js_on_load=_loader(title, has_logo),
        apply_default_css=False,
        server_functions=list(functions),
        elem_id="pagelight",
    )


def _loader(title: str, has_logo: bool) -> str:
    ahead = [name for name in modules() if not name.startswith(_NOT_AHEAD)]
    text = (STATIC / "loader.js").read_text(encoding="utf-8")
    filled = text.replace("{{version}}", version()).replace(
        "{{modules}}", json.dumps([*ahead, "texts/en.js"])
    )
    return filled.replace("{{brand}}", json.dumps({"title": title, "hasLogo": has_logo}))
