"""The program itself: wrong usage, help, the version, completion, the environment, and how a process of its own behaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import pagelight
from pagelight.app.cli.main import OK, WRONG_USAGE, main
from pagelight.app.cli.program import program
from pagelight.app.cli.terminal import Interrupts
from pagelight.app.service import Service
from pagelight.app.settings import Settings

Captured = pytest.CaptureFixture[str]


def test_only_a_process_of_its_own_changes_how_often_threads_give_way(documents: Path) -> None:
    before = sys.getswitchinterval()
    assert main(["add", str(documents)]) == OK
    assert sys.getswitchinterval() == before
    code = (
        "import sys; from pagelight.app.cli.main import main; main(); print(sys.getswitchinterval() < 0.001)"
    )
    run = subprocess.run([sys.executable, "-c", code, "list"], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "True"


def test_a_process_of_its_own_multiplies_in_one_thread_for_each_search() -> None:
    code = (
        "import numpy; from threadpoolctl import threadpool_info; from pagelight.app.cli.main import main; main();"
        "print({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "list"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
    )
    assert run.stdout.splitlines()[-1] == "{1}"


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", ""],
        ["search", "x" * 500],
        ["search", "x", "--top-k", "0"],
        ["eval"],
        ["eval", "x", "--self"],
        ["search", "x", "--top-k", "many"],
        ["search"],
        ["add"],
        ["fly"],
        ["list", "--colour"],
        ["list", "--log-level", "loud"],
        ["completion", "tcsh"],
    ],
)
def test_wrong_usage_ends_with_two_and_one_line(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == WRONG_USAGE
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["completion"], "Missing argument 'bash|zsh|fish'. Choose from: bash, zsh, fish"),
        (["serch"], "No such command 'serch' (did you mean one of: 'search', 'serve'?)"),
        (["lis"], "No such command 'lis' (did you mean 'list'?)"),
    ],
)
def test_wrong_usage_is_a_sentence_without_stray_marks(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    main(arguments)
    assert capsys.readouterr().err.startswith(f"pagelight: {message}; see pagelight ")


@pytest.mark.parametrize("arguments", [["-h"], ["search", "-h"]])
def test_the_short_option_for_help_is_there(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == OK
    assert capsys.readouterr().out.startswith("Usage: pagelight")


def test_an_unknown_command_ends_with_two() -> None:
    assert main(["fly"]) == WRONG_USAGE


@pytest.mark.parametrize("command", program.commands)
def test_every_command_has_its_function(command: str) -> None:
    """It is imported when the command is run, so that nothing else notices where it is gone."""
    module, _, function = getattr(program.commands[command], "runs", "").partition(".")
    if module:
        assert callable(getattr(import_module(f"pagelight.app.cli.{module}"), function))


@pytest.mark.parametrize("command", program.commands)
def test_every_command_teaches_by_example(command: str, capsys: Captured) -> None:
    assert main([command, "--help"]) == OK
    assert f"examples:\n  pagelight {command}" in capsys.readouterr().out


def test_settings_of_the_environment_reach_the_commands(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGELIGHT_DATA", str(tmp_path / "elsewhere"))
    assert main(["add", str(documents / "manual.pdf")]) == OK
    service = Service(Settings(data=tmp_path / "elsewhere"))
    assert [document.name for document in service.documents()] == ["manual.pdf"]
    service.close()


def test_the_version_is_told(capsys: Captured) -> None:
    assert main(["--version"]) == OK
    assert capsys.readouterr().out == f"pagelight {pagelight.__version__}\n"


def test_no_command_gives_the_help_and_fails(capsys: Captured) -> None:
    assert main([]) == WRONG_USAGE
    assert "first steps:" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_taught_the_commands(shell: str, capsys: Captured) -> None:
    assert main(["completion", shell]) == OK
    assert "_PAGELIGHT_COMPLETE" in capsys.readouterr().out


def test_python_runs_the_package_and_completes_without_the_heavy_libraries() -> None:
    """What a shell asks at each press of Tab."""
    environment = os.environ | {
        "_PAGELIGHT_COMPLETE": "bash_complete",
        "COMP_WORDS": "pagelight se",
        "COMP_CWORD": "1",
    }
    program = [sys.executable, "-X", "importtime", "-m", "pagelight"]
    answer = subprocess.run(
        program, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.stdout.splitlines() == ["plain,serve", "plain,search"]
    assert " torch" not in answer.stderr
    assert " gradio" not in answer.stderr


def test_log_level_shows_what_is_done(documents: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["add", str(documents / "manual.pdf"), "--log-level", "info"]) == OK
    assert any(message.startswith("index: ") for message in caplog.messages)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_press_of_control_c_that_python_drops_is_raised_at_the_next_look() -> None:
    class Cleaned:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # other tests may have left another one
    try:
        with Interrupts() as interrupts:
            interrupts.check()
            Cleaned()  # Python ignores what is raised meanwhile
            with pytest.raises(KeyboardInterrupt):
                interrupts.check()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
