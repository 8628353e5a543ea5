"""docs/migration.md, followed as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, main
from pagelight.app.service import Service
from pagelight.app.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "migration.md").read_text(encoding="utf-8")
IMPORTS = re.findall(r"\| `(from .*?|python .*?)` \| `(.*?)` \|", PAGE)


def test_an_older_index_is_made_again_by_the_printed_command_and_nothing_is_lost(
    indexed_library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Service(Settings(data=indexed_library, samples=False)) as service:
        found = service.search("emergency stop").hits[0]
        service.judge("emergency stop", found.document_id, found.page, True)
    record = indexed_library / "index" / "index.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"layout": 1}))
    assert main(["search", "emergency stop"]) == FAILED
    assert "was written by another version of Pagelight" in capsys.readouterr().err

    command = re.search(r"\n    pagelight (reindex .*)\n", PAGE)
    assert command
    monkeypatch.chdir(indexed_library.parent)
    assert main(command[1].split()) == OK
    with Service(Settings(data=indexed_library, samples=False)) as service:
        assert service.search("emergency stop").hits[0].document_id == found.document_id
        assert len(service.judgements()) == 1


@pytest.mark.parametrize("now", [now for _, now in IMPORTS if now.startswith("from")])
def test_an_import_of_today_works_as_printed(now: str) -> None:
    exec(compile(now, "migration.md", "exec"), {})


def test_the_table_of_imports_is_read_whole() -> None:
    assert len(IMPORTS) == PAGE.count("\n| `")
