"""`pagelight`, from its arguments to its exit status; everything that goes wrong is one line on stderr."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

import click
from threadpoolctl import threadpool_limits

from pagelight.app.cli.program import COMPLETION, program
from pagelight.app.cli.terminal import printable
from pagelight.retrieval.errors import InvalidInput, PagelightError

OK, FAILED, WRONG_USAGE = 0, 1, 2
#: click's way to propose what was meant: a sentence, in brackets where there are several
_SUGGESTION = re.compile(r"\. \(?Did you mean ([^?]*\?)\)?")

#: time after which a thread gives way to one that waits for the interpreter: Python's own 5 ms are as long as a whole net of the
#: built-in encoder, and leave the other cores idle
SWITCH_SECONDS = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. arguments: the process's own where left out"""
    if (
        arguments is None
    ):  # a process of its own; whoever calls with arguments keeps their interpreter as it is
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS))
        # the products of a search are too small to share: the other threads wait busily for their part, which doubles
        # its processor time and takes the core from others (docs/benchmarks.md)
        threadpool_limits(1, user_api="blas")
    try:
        given = None if arguments is None else list(arguments)
        # Not standalone, or click would turn errors into pages of its own; --help and --version give 0.
        status = program.main(given, "pagelight", complete_var=COMPLETION, standalone_mode=False)
        return int(status or OK)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    except (click.UsageError, InvalidInput) as error:
        return _fail(_reason(error), WRONG_USAGE)
    except BrokenPipeError:
        # The reader (`head`, a pager) has gone; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (PagelightError, OSError, KeyboardInterrupt, click.Abort) as error:
        return _fail(_reason(error), FAILED)


def _reason(error: BaseException) -> str:
    match error:
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "pagelight"
            return f"{_in_one_line(error.format_message())}; see {command} --help"
        case KeyboardInterrupt() | click.Abort():
            return "interrupted"
        case OSError() if not isinstance(error, PagelightError):
            return f"{error.filename or 'the system'}: {error.strerror or error}"
        case _:
            return str(error)


def _in_one_line(message: str) -> str:
    """
    >>> _in_one_line("Missing argument 'SHELL'. Choose from:\\n\\tbash,\\n\\tzsh")
    "Missing argument 'SHELL'. Choose from: bash, zsh"
    >>> _in_one_line("No such command 'serch'. Did you mean 'search'?")
    "No such command 'serch' (did you mean 'search'?)"
    """
    return _SUGGESTION.sub(r" (did you mean \1)", " ".join(message.split())).rstrip(".")


def _fail(reason: str, status: int) -> int:
    print(printable(f"pagelight: {reason}"), file=sys.stderr)
    return status
