"""Mounted in an application that has a package `app` of its own, as FastAPI's documentation lays one out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MAIN = """
from fastapi import FastAPI
from pagelight import Settings, mount
from app.helper import GREETING

app = FastAPI()
service = mount(app, path="/search", settings=Settings(data="library", samples=False))


@app.get("/")
def hello() -> str:
    return GREETING
"""
DRIVER = """
import json
from fastapi.testclient import TestClient
from app.main import app

with TestClient(app) as client:
    print(json.dumps([
        client.get("/").json(),
        client.get("/search/healthz").text,
        client.get("/search/api/v1/documents").json(),
        client.get("/search/").status_code,
    ]))
"""


def test_a_host_with_a_package_named_app_mounts_it(tmp_path: Path) -> None:
    """`from app import mount` found the host's own package."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "app/helper.py").write_text('GREETING = "hello from the host"\n')
    (tmp_path / "app/main.py").write_text(MAIN)
    root = Path(__file__).parents[3]
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.append({str(root)!r}); sys.path.insert(0, '.')\n{DRIVER}",
        ],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1]) == ["hello from the host", "ok", [], 200]
