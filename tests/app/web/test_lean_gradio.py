"""Gradio as `pagelight serve` imports it, against Gradio as everybody else does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from contextlib import nullcontext
from pathlib import Path
from pagelight.app.settings import Settings
from pagelight.app.web.ui.lean_gradio import lean_gradio

is_lean = sys.argv[1] == "lean"
with lean_gradio() if is_lean else nullcontext():
    from pagelight.app.web.app import create_app
    app = create_app(Settings(data=Path(sys.argv[2]), samples=False))
imported = [name for name in ("mcp", "pandas") if name in sys.modules]

import gradio.blocks, gradio.caching, gradio.component_meta, gradio.routes
from starlette.testclient import TestClient

client = TestClient(app, base_url="http://127.0.0.1")
config = client.get("/config").json()
print(json.dumps({
    "imported": imported,
    "stubs": gradio.component_meta.create_or_modify_pyi.__qualname__,
    "maker": gradio.blocks.App is gradio.routes.App,
    "finders": [type(finder).__name__ for finder in sys.meta_path if "agelight" in type(finder).__module__],
    "table": gradio.caching.pd.DataFrame.__name__,
    "tables": [name for name in ("mcp", "pandas") if name in sys.modules],
    "page": client.get("/").status_code,
    "api": client.get("/gradio_api/info").json(),
    "components": [component["type"] for component in config["components"]],
    "calls": [call["api_name"] for call in config["dependencies"]],
}))
"""


def started(kind: str, folder: Path) -> dict[str, object]:
    command = [sys.executable, "-c", PROGRAM, kind, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.slow
def test_a_lean_start_serves_the_same_and_leaves_gradio_whole(tmp_path: Path) -> None:
    lean, whole = started("lean", tmp_path / "lean"), started("whole", tmp_path / "whole")
    assert lean.pop("imported") == []
    assert whole.pop("imported") == ["mcp", "pandas"]
    # imported for the table that was asked for, and found by whoever imports it now
    assert lean.pop("tables") == ["pandas"]
    assert whole.pop("tables") == ["mcp", "pandas"]
    assert lean == whole
    assert lean["stubs"] == "create_or_modify_pyi"
    assert lean["maker"] is True
    assert lean["finders"] == []
    assert lean["page"] == 200
