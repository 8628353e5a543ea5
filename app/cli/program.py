"""The commands with their options, for click: help, shell completion, and what `commands` is called with."""

from __future__ import annotations

import click

import pagelight
from pagelight.app.cli.options import (
    INDEX,
    PAGES,
    Described,
    described,
    filter_parameters,
    granularity_option,
    json_option,
    output_option,
    query_parameters,
    result_parameters,
    scans_option,
    settings_options,
)

#: the variable that a completion script sets, by click's convention
COMPLETION = "_PAGELIGHT_COMPLETE"

_FIRST_STEPS = """\
first steps:
  pagelight add ~/Documents/reports        index a folder
  pagelight search "revenue by region"     the pages that answer, best first
  pagelight serve                          the same in the browser, at http://127.0.0.1:7860

Everything is kept in the folder `library`, or the one that --data or PAGELIGHT_DATA names.
Exit status: 0 all well, 1 something failed (one line each on stderr), 2 wrong usage."""
#: settings of the commands that make an index anew
_REBUILDING = ("data", "model", "device", "pruning", "precision", "renderer")


class _Program(click.Group):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\n{_FIRST_STEPS}\n")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which people need them


def _completion(shell: str) -> int:
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(program, {}, "pagelight", COMPLETION).source())
    return 0


program = _Program(
    "pagelight",
    help="Search the pages of documents by what is on them, and see where on the page it is.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(pagelight.__version__, prog_name="pagelight", message="%(prog)s %(version)s")(program)

for _one in (
    described(
        "serve",
        "search and manage the library in a browser",
        "pagelight serve\n  pagelight serve --host 0.0.0.0 --port 8000 --data /srv/library\n"
        "  pagelight serve --root-path /pagelight      behind a proxy that serves it below /pagelight\n"
        "  pagelight serve --watch ~/Documents/reports      with the files of a folder, as they come and go",
        [
            *settings_options("host", "port", "root_path"),
            click.Option(
                ["--no-samples", "samples"],
                flag_value="false",
                default=None,
                help="add no sample documents to an empty library",
            ),
            scans_option(),
            *settings_options(
                *PAGES, "watch", "watch_in", "access_log", "image_only", "search_only", "title", "logo"
            ),
        ],
    ),
    described(
        "mcp",
        "serve the library to a language model, by the Model Context Protocol over stdio",
        "pagelight mcp --data /srv/library\n  claude mcp add pagelight -- pagelight mcp --data /srv/library",
        settings_options(*PAGES, "image_only", "search_only"),
    ),
    described(
        "add",
        "index files and folders",
        'pagelight add report.pdf scans/ "slides 2024.pdf"\n'
        "  pagelight add ~/Documents --data /srv/library --json\n\n"
        "Files that are indexed already are recognised by their content. After Ctrl-C the same command goes on\n"
        "where it stopped.",
        [
            click.Argument(["paths"], nargs=-1, required=True, metavar="PATH..."),
            click.Option(
                ["--replace"],
                is_flag=True,
                help="remove older versions of the files: same path, other content",
            ),
            click.Option(["--tag", "tags"], multiple=True, metavar="TAG", help="tag them; may be repeated"),
            click.Option(
                ["--quick"],
                is_flag=True,
                help="return as soon as the pages are found by words and looks; the next start learns what they mean",
            ),
            scans_option(),
            *settings_options(*PAGES),
            json_option(),
        ],
    ),
    described(
        "search",
        "find the pages that answer",
        'pagelight search "net revenue by quarter"\n'
        '  pagelight search "bar chart of emissions" --top-k 3 --document report.pdf\n'
        "  pagelight search '\"late payment\" interest -draft' --tag contracts --added-from 2026-11\n"
        '  pagelight search "late payment interest" --json | jq .hits[0].page',
        [*query_parameters(), granularity_option(), *settings_options(*INDEX, "image_only"), json_option()],
    ),
    described(
        "like",
        "find the pages that are like a page, a piece of it, or a picture",
        "pagelight like report.pdf --page 3                            similar pages\n"
        "  pagelight like report.pdf --page 3 --box 0.1,0.2,0.5,0.4      more like this place\n"
        "  pagelight like photo.png                                      a picture of yours\n\n"
        "A box is x0,y0,x1,y1 relative to the page, from its top left, as `search --json` gives them.",
        [
            click.Argument(["example"], metavar="DOCUMENT|IMAGE"),
            click.Option(["--page"], type=int, metavar="N", help="the page of the document"),
            click.Option(["--box"], metavar="BOX", help="the piece of the page"),
            *result_parameters(),
            granularity_option(),
            *settings_options(*INDEX, "image_only"),
            json_option(),
        ],
    ),
    described(
        "list",
        "list the documents of the library",
        "pagelight list --tag contracts --added-from 2026-11\n  pagelight list --json",
        [*filter_parameters(), *settings_options("data"), json_option()],
        "commands.list_documents",
    ),
    described(
        "rename",
        "rename a document; its old name finds it, too",
        'pagelight rename scan0001.pdf "Lease 2026.pdf"',
        [click.Argument(["document"]), click.Argument(["name"]), *settings_options("data")],
    ),
    described(
        "tag",
        "add or remove tags, or list them",
        "pagelight tag lease.pdf offer.pdf --add contracts\n  pagelight tag lease.pdf --remove contracts\n  pagelight tag",
        [
            click.Argument(["documents"], nargs=-1, metavar="[DOCUMENT]..."),
            click.Option(["--add", "added"], multiple=True, metavar="TAG", help="may be repeated"),
            click.Option(["--remove", "removed"], multiple=True, metavar="TAG", help="may be repeated"),
            *settings_options("data"),
        ],
    ),
    described(
        "remove",
        "delete a document with its pages",
        "pagelight remove report.pdf\n  pagelight remove 3f2a9c01      the start of an id, where names are not unique",
        [click.Argument(["document"]), *settings_options(*INDEX)],
    ),
    described(
        "export",
        "write the found pages as one PDF, with the found places highlighted",
        'pagelight export "termination notice" -o hits.pdf',
        [
            *query_parameters(),
            output_option("FILE", "the PDF to write"),
            *settings_options(*INDEX, "image_only"),
        ],
    ),
    described(
        "eval",
        "measure quality, storage and speed",
        "pagelight eval dataset/\n  pagelight eval dataset/ --prune none --prune pool:3 --json\n"
        "  pagelight eval --self --report curves.html      on your own documents, no labels needed\n\n"
        'A dataset is a folder with pdfs/ and queries.jsonl; each line holds {"id", "query", "type", "doc",\n'
        '"pages", "boxes": [{"page", "box"}]}. With --json one object is printed for each --prune, a line each.',
        [
            click.Argument(["dataset"], required=False),
            click.Option(["--self", "own"], is_flag=True, help="measure on the library's documents"),
            click.Option(
                ["--prune"],
                multiple=True,
                metavar="SPEC[@PRECISION]",
                help="pruning to measure, fp16 unless it says otherwise; may be repeated; default: as an index is made",
            ),
            click.Option(
                ["--report"], metavar="FILE", help="write curves and worst queries as one HTML page"
            ),
            scans_option(),
            *settings_options("data", "model", "device", "pruning", "renderer", "image_only"),
            json_option(),
        ],
        "commands.evaluate",
    ),
    described(
        "judgements",
        "write what people said of hits as a dataset for eval",
        "pagelight judgements -o mine/ && pagelight eval mine/",
        [output_option("FOLDER", "the folder to write"), *settings_options("data")],
    ),
    described(
        "doctor",
        "check documents, database and index against each other; changes nothing",
        "pagelight doctor\n  pagelight doctor --thorough      read every document and every vector, too",
        [
            click.Option(["--thorough"], is_flag=True, help="read every document and every vector"),
            *settings_options("data"),
            json_option(),
        ],
        "maintenance_commands.doctor",
    ),
    described(
        "repair",
        "repair what doctor found, from the documents",
        "pagelight repair\n  pagelight repair --data /srv/library",
        settings_options(*_REBUILDING),
        "maintenance_commands.repair",
    ),
    described(
        "reindex",
        "make the index anew, with another model or pruning",
        "pagelight reindex --pruning pool:3\n  pagelight reindex --model vidore/colqwen2-v1.0-hf\n\n"
        "The old index stays in place until the new one is complete. After Ctrl-C the same command goes on.",
        settings_options(*_REBUILDING),
        "maintenance_commands.reindex",
    ),
    described(
        "backup",
        "write the library to one file, while it is in use",
        "pagelight backup library-2026-11-29.tar",
        [click.Argument(["file"]), *settings_options("data")],
        "maintenance_commands.backup",
    ),
    described(
        "restore",
        "bring a backup back into an empty folder",
        "pagelight restore library-2026-11-29.tar --data restored",
        [click.Argument(["file"]), *settings_options(*_REBUILDING)],
        "maintenance_commands.restore",
    ),
    described(
        "watch",
        "follow folders: add new files, replace changed ones, remove deleted ones",
        "pagelight watch ~/Documents/reports\n\n"
        "Changes since its last run are caught up at the start. A changed file replaces its older version;\n"
        "a folder that is gone or empty, such as a drive that is not mounted, removes nothing.",
        [
            click.Argument(["folders"], nargs=-1, required=True, metavar="FOLDER..."),
            *settings_options(*_REBUILDING, "qdrant_url", "qdrant_collection"),
        ],
        "maintenance_commands.watch",
    ),
    Described(
        "completion",
        callback=_completion,
        help="Print a script that completes commands and options in your shell.",
        short_help="print a script that completes commands and options in your shell",
        epilog='examples:\n  pagelight completion bash >> ~/.bashrc\n  eval "$(pagelight completion zsh)"',
        params=[
            click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
        ],
    ),
):
    program.add_command(_one)
