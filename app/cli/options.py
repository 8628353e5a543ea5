"""Parts of click's commands: help that keeps its lines, settings as options, logging, the function that a command runs."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from pagelight.app.filters import document_filter
from pagelight.app.settings import Settings, help_of

#: settings of every command that opens the index, and those of commands that draw pages, too
INDEX = ("data", "model", "device", "pruning", "precision", "qdrant_url", "qdrant_collection", "log_level")
PAGES = (*INDEX, "renderer")


class Described(click.Command):
    """Help with examples, line by line as they are written."""

    #: the function that it runs, as `module.function` below `cli`; empty where its callback does everything
    runs = ""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\n{self.epilog}\n")


def settings_options(*names: str) -> list[click.Parameter]:
    """Text, whatever the type: Settings reads it as it reads the environment, with the same messages."""
    options: list[click.Parameter] = []
    for name in names:
        is_flag = Settings.__dataclass_fields__[name].type == "bool"
        kind: dict[str, Any] = {"flag_value": "true"} if is_flag else {"metavar": "…"}
        options.append(click.Option([_option(name), name], default=None, help=_help(name), **kind))
    return options


def _help(name: str) -> str:
    """The setting's sentence, and its default where the sentence does not say what an empty one means."""
    default = Settings.__dataclass_fields__[name].default
    said = help_of(name)
    return said if default in ("", False, True) else f"{said} (default {default})"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def scans_option() -> click.Option:
    return click.Option(
        ["--no-read-scans", "read_scans"],
        flag_value="false",
        default=None,
        help="do not read pages without text by Tesseract",
    )


def json_option() -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True, help="print JSON")


def query_parameters() -> list[click.Parameter]:
    return [click.Argument(["query"]), *result_parameters()]


def result_parameters() -> list[click.Parameter]:
    """Options on how many pages, of which documents."""
    return [
        click.Option(["--top-k"], type=int, default=10, metavar="N", help="pages to return (default 10)"),
        click.Option(
            ["--document", "documents"],
            multiple=True,
            metavar="NAME",
            help="search in this document only; may be repeated",
        ),
        *filter_parameters(),
    ]


def granularity_option() -> click.Option:
    return click.Option(
        ["--granularity"],
        type=click.Choice(["documents", "pages", "places"]),
        default="pages",
        help="what is listed (default pages)",
    )


def filter_parameters() -> list[click.Parameter]:
    """Options on which documents are wanted."""
    return [
        click.Option(
            ["--tag", "tags"], multiple=True, metavar="TAG", help="documents with this tag; may be repeated"
        ),
        click.Option(
            ["--type", "types"],
            multiple=True,
            metavar="KIND",
            help="files of this kind (pdf, png …); may be repeated",
        ),
        click.Option(["--added-from"], default="", metavar="DATE", help="added on this day or later (UTC)"),
        click.Option(
            ["--added-to"], default="", metavar="DATE", help="added up to this day, itself included"
        ),
        click.Option(
            ["--language", "languages"],
            multiple=True,
            metavar="CODE",
            help="documents in this language (en, de …); may be repeated",
        ),
        click.Option(["--dated-from"], default="", metavar="DATE", help="documents of this day or later"),
        click.Option(["--dated-to"], default="", metavar="DATE", help="documents up to this day"),
    ]


def output_option(metavar: str, help: str) -> click.Option:
    return click.Option(["-o", "--output"], required=True, metavar=metavar, help=help)


def described(
    name: str, help: str, examples: str, parameters: Sequence[click.Parameter], run: str = ""
) -> click.Command:
    """run: its function, as `module.function` below `cli`, imported when it is run; else `commands` has one of its name"""
    runs = run or f"commands.{name}"

    def callback(**options: Any) -> int:
        if "added_from" in options:
            names = inspect.signature(document_filter).parameters
            options["only"] = document_filter(**{name: options.pop(name) for name in names})
        given = {key: options.pop(key) for key in list(options) if key in Settings.__dataclass_fields__}
        settings = Settings.from_environment(**given)
        log_to_stderr(settings)
        module, _, function = runs.partition(".")
        return int(getattr(import_module(f"pagelight.app.cli.{module}"), function)(settings, **options))

    command = Described(
        name,
        callback=callback,
        help=f"{help[0].upper()}{help[1:]}.",
        short_help=help,
        epilog=f"examples:\n  {examples}",
        params=list(parameters),
    )
    command.runs = runs
    return command


def log_to_stderr(settings: Settings) -> None:
    """Our own loggers at the wanted level, everybody else's at warning; uvicorn's access log where it is wanted."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("pagelight").setLevel(settings.log_level.upper())
    if settings.access_log:
        logging.getLogger("uvicorn.access").setLevel(logging.INFO)
