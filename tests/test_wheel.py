"""The wheel, installed into an environment of its own and used from another folder, as people use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.samples import headed_pdf

ROOT = Path(__file__).parents[1]
QUESTION = "when is the lantern lit"
pytestmark = pytest.mark.slow

#: a host application with a package that is called `app`, as FastAPI's own examples have it
HOST = """
from fastapi import FastAPI

from app.greeting import GREETING
from pagelight import Settings, mount

app = FastAPI()


@app.get("/")
def greet() -> str:
    return GREETING


service = mount(app, "/search", Settings(data="library", samples=False))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the tracked files alone, so that nothing which happens to lie about gets in."""
    tracked = (
        subprocess.run(
            [
                "git",
                "ls-files",
                "-z",
                "app",
                "ingest",
                "retrieval",
                "assets",
                "pagelight",
                "pyproject.toml",
                "README.md",
                "LICENSE",
            ],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .split("\0")
    )
    source = tmp_path_factory.mktemp("source")
    for name in filter(None, tracked):
        if not (ROOT / name).exists():
            continue
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name, follow_symlinks=False)
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--config-settings=--build-option=--compression=stored",  # in a third of the time
        "-w",
        folder,
        source,
    ]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def outside(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `bin/python`, an environment that has the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("outside")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    # A folder that is named in a .pth file has no .pth files of its own read: this checkout stays out.
    (site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "venv/bin/python",
        "install",
        "-q",
        "--no-deps",
        wheel,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    headed_pdf(
        folder / "handbook.pdf",
        (("Keeper", "The weather is in the log book"), ("Lantern", "The lantern is lit at dusk")),
    )
    return folder


Run = Callable[..., subprocess.CompletedProcess[str]]


def environment() -> dict[str, str]:
    """Without what could lead back to this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PAGELIGHT"))}
    return {**kept, "PAGELIGHT_SAMPLES": "false"}


@pytest.fixture(scope="module")
def run(outside: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [outside / "venv/bin/pagelight", *arguments],
            cwd=outside,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def found(run: Run) -> dict[str, object]:
    """What the command line finds in a library that it made."""
    run("add", "handbook.pdf")
    return dict(json.loads(run("search", QUESTION, "--json").stdout)["hits"][0])


def test_only_pagelight_is_installed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert {name.split("/")[0].split("-")[0] for name in names} == {"pagelight"}
    for needed in (
        "assets/encoder/reader.safetensors",
        "app/web/ui/static/base.css",
        "py.typed",
        "assets/encoder/README.md",
    ):
        assert f"pagelight/{needed}" in names
    assert [name for name in names if name.endswith(".pdf")]
    assert not [name for name in names if "/tests/" in name or "/training/" in name or "/bench/" in name]
    assert wheel.stat().st_size < 100_000_000


def test_the_program_says_its_version(run: Run, outside: Path) -> None:
    said = run("--version").stdout.split()
    code = "import pagelight; print(pagelight.__version__, pagelight.__file__)"
    version, file = subprocess.run(
        [outside / "venv/bin/python", "-c", code],
        cwd=outside,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said[-1] == version
    assert Path(file).is_relative_to(outside)


def test_the_command_line_finds_the_page(found: dict[str, object]) -> None:
    assert (found["document"], found["page"]) == ("handbook.pdf", 2)
    assert found["regions"]


@pytest.fixture
def served(outside: Path) -> Iterator[Callable[..., str]]:
    """Starts a server and returns its address once it answers at `path`."""
    processes = []

    def serve(command: list[str], folder: Path, port: int, path: str) -> str:
        log = (outside / "log").open("w")
        processes.append(subprocess.Popen(command, cwd=folder, env=environment(), stdout=log, stderr=log))
        address = f"http://127.0.0.1:{port}"
        for _ in range(1200):
            try:
                urllib.request.urlopen(address + path, timeout=2).close()
                return address
            except OSError:
                assert processes[-1].poll() is None, (outside / "log").read_text()
                time.sleep(0.1)
        raise TimeoutError((outside / "log").read_text())

    yield serve
    for process in processes:
        process.terminate()
        process.wait(60)


def search_over_http(address: str) -> dict[str, object]:
    body = json.dumps({"data": [QUESTION, 1, []]}).encode()
    request = urllib.request.Request(
        f"{address}/gradio_api/call/search", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/search/{event}", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    assert "event: complete" in lines, lines
    data = lines[lines.index("event: complete") + 1]  # heartbeats come before it on a busy machine
    return dict(json.loads(data.removeprefix("data: "))[0]["hits"][0])


def test_the_server_finds_the_same_place(
    served: Callable[..., str], outside: Path, found: dict[str, object]
) -> None:
    command = [str(outside / "venv/bin/python"), "-m", "pagelight", "serve", "--port", "17861"]
    address = served(command, outside, 17861, "/")
    assert search_over_http(address)["regions"] == found["regions"]


def test_a_host_with_an_app_package_of_its_own_mounts_it(
    served: Callable[..., str], outside: Path, found: dict[str, object]
) -> None:
    host = outside / "host"
    (host / "app").mkdir(parents=True)
    (host / "app/__init__.py").touch()
    (host / "app/greeting.py").write_text('GREETING = "hello from the host"\n')
    (host / "app/main.py").write_text(HOST)
    shutil.copytree(outside / "library", host / "library", ignore=shutil.ignore_patterns("lock"))
    command = [str(outside / "venv/bin/python"), "-m", "uvicorn", "app.main:app", "--port", "17862"]
    address = served(command, host, 17862, "/search/healthz")
    with urllib.request.urlopen(f"{address}/", timeout=10) as answer:
        assert json.load(answer) == "hello from the host"
    with urllib.request.urlopen(f"{address}/search/healthz", timeout=10) as answer:
        assert answer.read() == b"ok"
    with urllib.request.urlopen(f"{address}/search/api/v1/documents", timeout=10) as answer:
        assert [document["name"] for document in json.load(answer)] == ["handbook.pdf"]
    urllib.request.urlopen(f"{address}/search/", timeout=10).close()  # raises where the page is not there
    assert search_over_http(f"{address}/search")["regions"] == found["regions"]
