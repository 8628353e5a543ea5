"""`pagelight`: serve, mcp, add, search, list, remove, export, eval, judgements, doctor, repair, reindex, backup, restore."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import pagelight
from pagelight.app.cli import commands, maintenance
from pagelight.app.cli.logs import log_to_stderr
from pagelight.app.cli.table import printable
from pagelight.app.settings import Settings, help_of
from pagelight.retrieval.errors import InvalidInput, PagelightError

OK, FAILED, WRONG_USAGE = 0, 1, 2

_EXAMPLES = """\
first steps:
  pagelight add ~/Documents/reports        index a folder
  pagelight search "revenue by region"     the pages that answer, best first
  pagelight serve                          the same in the browser, at http://127.0.0.1:7860

Everything is kept in the folder `library`, or the one that --data or PAGELIGHT_DATA names.
Exit status: 0 all well, 1 something failed (one line each on stderr), 2 wrong usage.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = vars(_parser().parse_args(arguments))
    run = options.pop("run")
    options.pop("command")
    try:
        settings = Settings.from_environment(
            **{name: options.pop(name) for name in Settings.__dataclass_fields__ if name in options}
        )
        log_to_stderr(settings)
        return int(run(settings, **options))
    except InvalidInput as error:
        return _fail(error, WRONG_USAGE)
    except PagelightError as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted", FAILED)
    except BrokenPipeError:
        # The reader (`head`, a pager) has gone; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _fail(f"{error.filename or 'the system'}: {error.strerror or error}", FAILED)


def _fail(reason: object, status: int) -> int:
    print(printable(f"pagelight: {reason}"), file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagelight",
        description="Search the pages of documents by what is on them, and see where on the page it is.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pagelight {pagelight.__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(
        subparsers,
        "serve",
        commands.serve,
        "search and manage the library in a browser",
        "pagelight serve\n  pagelight serve --host 0.0.0.0 --port 8000 --data /srv/library\n"
        "  pagelight serve --root-path /pagelight      behind a proxy that serves it below /pagelight",
    )
    for name in ("host", "port", "root_path"):
        _setting(serve, name)
    serve.add_argument(
        "--no-samples",
        dest="samples",
        action="store_false",
        default=None,
        help="leave an empty library empty",
    )
    _settings(serve, "data", "model", "device", "pruning", "precision", "qdrant_url", "renderer", "log_level")
    _flag(serve, "access_log")
    _flag(serve, "image_only")

    mcp = _command(
        subparsers,
        "mcp",
        commands.mcp,
        "the library for a language model, by the Model Context Protocol over stdio",
        "pagelight mcp --data /srv/library\n  claude mcp add pagelight -- pagelight mcp --data /srv/library",
    )
    _settings(mcp, "data", "model", "device", "pruning", "precision", "qdrant_url", "renderer", "log_level")
    _flag(mcp, "image_only")

    add = _command(
        subparsers,
        "add",
        commands.add,
        "index files and folders",
        'pagelight add report.pdf scans/ "slides 2024.pdf"\n'
        "  pagelight add ~/Documents --data /srv/library --json\n\n"
        "Files that are indexed already are recognised by their content. After Ctrl-C the same command goes on\n"
        "where it stopped.",
    )
    add.add_argument(
        "paths", nargs="+", metavar="PATH", help="PDF, PNG, JPEG, TIFF, WebP, or a folder of them"
    )
    add.add_argument(
        "--replace", action="store_true", help="remove older versions of the files: same path, other content"
    )
    add.add_argument(
        "--tag", dest="tags", action="append", default=[], metavar="TAG", help="tag them; may be repeated"
    )
    _settings(add, "data", "model", "device", "pruning", "precision", "qdrant_url", "renderer", "log_level")
    _json(add)

    search = _command(
        subparsers,
        "search",
        commands.search,
        "find the pages that answer",
        'pagelight search "net revenue by quarter"\n'
        '  pagelight search "bar chart of emissions" --top-k 3 --document report.pdf\n'
        '  pagelight search "late payment interest" --json | jq .hits[0].page',
    )
    _query(search)
    _settings(search, "data", "model", "device", "pruning", "precision", "qdrant_url", "log_level")
    _flag(search, "image_only")
    _json(search)

    listing = _command(
        subparsers, "list", commands.list_documents, "what the library holds", "pagelight list --json"
    )
    _settings(listing, "data")
    _json(listing)

    remove = _command(
        subparsers,
        "remove",
        commands.remove,
        "delete a document with its pages",
        "pagelight remove report.pdf\n  pagelight remove 3f2a9c01      the start of an id, where names are not unique",
    )
    remove.add_argument("document", metavar="DOCUMENT", help="name, id, or the start of an id")
    _settings(remove, "data", "model", "device", "pruning", "precision", "qdrant_url")

    export = _command(
        subparsers,
        "export",
        commands.export,
        "the found pages as one PDF, with the found places highlighted",
        'pagelight export "termination notice" -o hits.pdf',
    )
    _query(export)
    export.add_argument("-o", "--output", required=True, metavar="FILE", help="the PDF to write")
    _settings(export, "data", "model", "device", "pruning", "precision", "qdrant_url")
    _flag(export, "image_only")

    evaluate = _command(
        subparsers,
        "eval",
        commands.evaluate,
        "measure quality, storage and speed",
        "pagelight eval dataset/\n  pagelight eval dataset/ --prune none --prune pool:3 --json\n"
        "  pagelight eval --self --report curves.html      on your own documents, no labels needed\n\n"
        'A dataset is a folder with pdfs/ and queries.jsonl; each line holds {"id", "query", "type", "doc",\n'
        '"pages", "boxes": [{"page", "box"}]}. With --json one object is printed for each --prune, a line each.',
    )
    evaluate.add_argument("dataset", nargs="?", metavar="DATASET", help="folder with pdfs/ and queries.jsonl")
    evaluate.add_argument(
        "--self", dest="own", action="store_true", help="measure on the library's documents"
    )
    evaluate.add_argument(
        "--prune", action="append", default=[], metavar="SPEC", help="pruning to measure; may be repeated"
    )
    evaluate.add_argument("--report", metavar="FILE", help="write curves and worst queries as one HTML page")
    _settings(evaluate, "data", "model", "device", "pruning", "renderer")
    _flag(evaluate, "image_only")
    _json(evaluate)

    judgements = _command(
        subparsers,
        "judgements",
        commands.judgements,
        "write what people said of hits as a dataset for eval",
        "pagelight judgements -o mine/ && pagelight eval mine/",
    )
    judgements.add_argument("-o", "--output", required=True, metavar="FOLDER", help="the folder to write")
    _settings(judgements, "data")
    _maintenance(subparsers)
    return parser


def _maintenance(subparsers: Any) -> None:
    doctor = _command(
        subparsers,
        "doctor",
        maintenance.doctor,
        "hold documents, database and index against each other",
        "pagelight doctor\n  pagelight doctor --thorough      read every document and every vector, too",
    )
    doctor.add_argument("--thorough", action="store_true", help="read every document and every vector")
    _settings(doctor, "data")
    _json(doctor)
    repair = _command(
        subparsers,
        "repair",
        maintenance.repair,
        "mend from the documents what doctor found",
        "pagelight repair\n  pagelight repair --data /srv/library",
    )
    _settings(repair, "data", "model", "device", "pruning", "precision", "renderer")
    reindex = _command(
        subparsers,
        "reindex",
        maintenance.reindex,
        "make the index anew, with another model or pruning",
        "pagelight reindex --pruning pool:3\n  pagelight reindex --model vidore/colqwen2-v1.0-hf\n\n"
        "The old index is searched until the new one is whole. After Ctrl-C the same command goes on.",
    )
    _settings(reindex, "data", "model", "device", "pruning", "precision", "renderer")
    backup = _command(
        subparsers,
        "backup",
        maintenance.backup,
        "write the library to one file, while it is in use",
        "pagelight backup library-2026-11-29.tar",
    )
    backup.add_argument("file", metavar="FILE", help="the tar file to write")
    _settings(backup, "data")
    restore = _command(
        subparsers,
        "restore",
        maintenance.restore,
        "bring a backup back into an empty folder",
        "pagelight restore library-2026-11-29.tar --data restored",
    )
    restore.add_argument("file", metavar="FILE", help="a file that `pagelight backup` wrote")
    _settings(restore, "data", "model", "device", "pruning", "precision", "renderer")


def _command(subparsers: Any, name: str, run: object, help: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"examples:\n  {examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _setting(parser: argparse.ArgumentParser, name: str) -> None:
    """Text, whatever the type: Settings reads it as it reads the environment, with the same messages."""
    parser.add_argument(
        f"--{name.replace('_', '-')}", default=None, metavar="…", help=help_of(name).replace("%", "%%")
    )


def _settings(parser: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        _setting(parser, name)


def _flag(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        f"--{name.replace('_', '-')}", action="store_const", const=True, default=None, help=help_of(name)
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON")


def _query(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help="a question, or words, or a description of a look")
    parser.add_argument("--top-k", type=int, default=10, metavar="N", help="pages to return (default 10)")
    parser.add_argument(
        "--document",
        dest="documents",
        action="append",
        default=[],
        metavar="NAME",
        help="search in this document only; may be repeated",
    )
