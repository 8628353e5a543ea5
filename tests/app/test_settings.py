from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from pagelight.app.cli.program import program
from pagelight.app.settings import Settings, environment_name, help_of
from pagelight.retrieval.errors import InvalidSetting

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| `(\w+)` \| (.*?) \| (.+) \|$", re.MULTILINE)


def test_environment_sets_what_is_not_given() -> None:
    environment = {"PAGELIGHT_PORT": "8000", "PAGELIGHT_IMAGE_ONLY": "yes", "PAGELIGHT_DATA": "/srv/library"}
    settings = Settings.from_environment(environment, port=9000, host=None)
    assert settings.port == 9000
    assert settings.image_only is True
    assert settings.data == Path("/srv/library")
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 70_000),
        ("port", "many"),
        ("device", "tpu"),
        ("renderer", "mupdf"),
        ("precision", "fp8"),
        ("root_path", "pagelight"),
        ("max_pages", 0),
        ("seconds_per_page", -1),
        ("image_only", "perhaps"),
        ("qdrant_url", "localhost"),
        ("qdrant_collection", "my/pages"),
        ("qdrant_collection", ""),
        ("qdrant_shards", -1),
        ("frame_ancestors", "'self'; script-src *"),
    ],
)
def test_a_setting_outside_its_range_is_one_line_that_names_it(name: str, value: object) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    if name != "precision":
        assert str(caught.value).startswith(f"{name}: expected ")


def test_root_path_has_no_slash_at_its_end() -> None:
    assert Settings(root_path="/pagelight/").root_path == "/pagelight"


def test_every_setting_has_a_help() -> None:
    assert all(help_of(entry.name) for entry in fields(Settings))


def test_the_documentation_lists_every_setting_and_no_other() -> None:
    table = {match[1]: match for match in ROW.finditer(TABLE.read_text(encoding="utf-8"))}
    assert list(table) == [entry.name for entry in fields(Settings)]
    for entry in fields(Settings):
        match = table[entry.name]
        default = str(entry.default).lower() if isinstance(entry.default, bool) else str(entry.default)
        assert match[2] == environment_name(entry.name)
        assert match[3].strip().strip("`") == default
        assert match[4] == help_of(entry.name)


def test_every_option_of_serve_is_a_setting() -> None:
    options = {str(parameter.name) for parameter in program.commands["serve"].params}
    assert options <= set(Settings.__dataclass_fields__)
    assert {"port", "log_level", "access_log", "samples"} <= options
