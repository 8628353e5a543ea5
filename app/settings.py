"""One frozen Settings; each field carries its help, and `PAGELIGHT_<NAME>` in the environment sets it."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import InvalidSetting
from pagelight.retrieval.store.precision import parse_precision

ENVIRONMENT_PREFIX = "PAGELIGHT_"

_DEVICES = ("auto", "cpu", "cuda", "mps")
_RENDERERS = ("pdfium", "poppler")
#: names that every version of the server takes, short enough for what is written behind them
_COLLECTION = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LOG_LEVELS = ("debug", "info", "warning", "error")
_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")


def _setting(default: Any, help: str, shown: bool = True) -> Any:
    return field(default=default, repr=shown, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one Pagelight. Raises InvalidSetting, one line, for a value outside its range.

    >>> Settings(port=8000).port
    8000
    """

    data: Path = field(
        default=Path("library"), metadata={"help": "folder that holds the documents and the index"}
    )
    host: str = _setting("127.0.0.1", "address to listen on; 0.0.0.0 for every network")
    port: int = _setting(7860, "port to listen on; 0 takes a free one")
    root_path: str = _setting("", "public prefix behind a proxy, such as /pagelight")
    title: str = _setting("Pagelight", "name shown in the browser")
    logo: str = _setting("", "picture file that is shown beside the name; empty: Pagelight's own")
    watch: str = _setting(
        "",
        "folders that the server follows, separated by commas: new, changed and gone files follow by themselves",
    )
    watch_in: str = _setting(
        "",
        "folders in which people who may change the library can choose folders to follow, in the browser, separated by commas; empty: they cannot",
    )
    search_only: bool = _setting(False, "nobody may add, change or delete anything over the network")
    model: str = _setting(
        "", "`builtin`, a folder or a hub name; empty: the model of the existing index, else `builtin`"
    )
    device: str = _setting("auto", "`auto`, `cpu`, `cuda` or `mps`, for models through transformers")
    pruning: str = _setting(
        "",
        "which patches to keep (`none`, `docpruner:k=-0.25` …); empty: as in the existing index, else the model's own",
    )
    precision: str = _setting(
        "",
        "how vectors are kept, `fp32` to `binary`; empty: as in the existing index, else `turbo8` for the built-in encoder and `fp16` for others",
    )
    # Neither is printed: an address may hold a password.
    qdrant_url: str = _setting(
        "", "Qdrant server to keep the vectors in; empty: embedded, in the data folder", shown=False
    )
    qdrant_collection: str = _setting("pagelight", "collection on the Qdrant server; one for each library")
    qdrant_shards: int = _setting(
        0,
        "parts of a collection that is made, spread over a cluster's nodes; 0: the server's choice, one for each node",
    )
    qdrant_replicas: int = _setting(
        0,
        "copies of each part of a collection that is made, so that a node may fail; 0: the server's choice, one",
    )
    qdrant_api_key: str = _setting("", "key of the Qdrant server", shown=False)
    renderer: str = _setting("pdfium", "`pdfium`, or `poppler` where that is installed")
    image_only: bool = _setting(False, "search by look alone, the documents' own words left unused")
    read_scans: bool = _setting(
        True,
        "read pages without text by Tesseract, too, where it is installed, once they can be found already",
    )
    samples: bool = _setting(
        True, "index the sample documents when `serve` or `mount` finds an empty library"
    )
    seconds_per_page: float = _setting(60.0, "limit on rendering one page")
    memory_mb: int = _setting(2048, "limit on the rendering process")
    max_pages: int = _setting(20_000, "limit on a document's pages")
    max_pixels: int = _setting(100_000_000, "limit on a page's pixels")
    max_mb: int = _setting(2000, "limit on a file's size")
    max_query_chars: int = _setting(400, "limit on a query's length")
    max_hits: int = _setting(100, "limit on the pages that one search returns")
    cache_mb: int = _setting(500, "disk for page images made for the viewer")
    allow_origins: str = _setting("", "other sites whose pages may call the API, separated by commas")
    allow_hosts: str = _setting(
        "", "names that the server answers to, besides its address and loopback names, separated by commas"
    )
    proxies: str = _setting(
        "", "addresses of proxies whose `X-Forwarded-*` headers are believed, separated by commas"
    )
    log_level: str = _setting(
        "warning",
        "what is logged on stderr: `debug`, `info` (a line for each search, document and load) … `error`",
    )
    access_log: bool = _setting(False, "log every request")
    frame_ancestors: str = _setting("'self'", "sites that may show Pagelight in a frame (CSP syntax)")

    def __post_init__(self) -> None:
        for entry in fields(self):
            object.__setattr__(self, entry.name, _coerced(entry, getattr(self, entry.name)))
        _check(0 <= self.port <= 65535, "port", "0 to 65535", self.port)
        _check(
            self.root_path == "" or self.root_path.startswith("/"),
            "root_path",
            "a path with a leading /",
            self.root_path,
        )
        _check(self.device in _DEVICES, "device", " or ".join(_DEVICES), self.device)
        _check(self.renderer in _RENDERERS, "renderer", " or ".join(_RENDERERS), self.renderer)
        _check(self.log_level in _LOG_LEVELS, "log_level", " or ".join(_LOG_LEVELS), self.log_level)
        if self.precision:
            parse_precision(self.precision)
        _check(not self.logo or Path(self.logo).is_file(), "logo", "a picture file", self.logo)
        url = self.qdrant_url
        _check(url in ("", ":memory:") or "://" in url, "qdrant_url", "http://host:6333", url)
        name = self.qdrant_collection
        _check(bool(_COLLECTION.fullmatch(name)), "qdrant_collection", "letters, digits, - and _", name)
        for name in ("qdrant_shards", "qdrant_replicas"):
            _check(getattr(self, name) >= 0, name, "at least 0", getattr(self, name))
        for name in ("max_pages", "max_pixels", "max_mb", "max_query_chars", "max_hits", "memory_mb"):
            _check(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        _check(self.seconds_per_page > 0, "seconds_per_page", "more than 0", self.seconds_per_page)
        _check(self.cache_mb >= 0, "cache_mb", "at least 0", self.cache_mb)
        _check(
            ";" not in self.frame_ancestors and "\n" not in self.frame_ancestors,
            "frame_ancestors",
            "a CSP source list",
            self.frame_ancestors,
        )
        object.__setattr__(self, "root_path", self.root_path.rstrip("/"))

    @property
    def limits(self) -> Limits:
        """Limits on what one file may cost."""
        return Limits(
            seconds_per_page=self.seconds_per_page,
            memory_mb=self.memory_mb,
            max_pages=self.max_pages,
            max_pixels=self.max_pixels,
            max_bytes=self.max_mb * 1_000_000,
        )

    @property
    def followed_folders(self) -> list[Path]:
        """The folders that the server follows, each once."""
        return _folders(self.watch)

    @property
    def choosable_roots(self) -> list[Path]:
        """The folders in which people can choose folders to follow, each once."""
        return _folders(self.watch_in)

    @property
    def origins(self) -> list[str]:
        """The other sites that may call the API."""
        return [origin.rstrip("/") for origin in _listed(self.allow_origins)]

    @property
    def host_names(self) -> list[str]:
        """Further names that the server answers to."""
        return _listed(self.allow_hosts)

    @property
    def proxy_addresses(self) -> list[str]:
        """Proxies whose X-Forwarded-* headers are believed."""
        return _listed(self.proxies)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """`given` first, then `PAGELIGHT_<NAME>`, then the defaults; values of None count as not given."""
        source = os.environ if environment is None else environment
        values: dict[str, Any] = {
            entry.name: source[environment_name(entry.name)]
            for entry in fields(cls)
            if environment_name(entry.name) in source
        }
        values.update({name: value for name, value in given.items() if value is not None})
        return cls(**values)


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _folders(text: str) -> list[Path]:
    return list(dict.fromkeys(Path(folder).expanduser().absolute() for folder in _listed(text)))


def environment_name(setting: str) -> str:
    """
    >>> environment_name("max_mb")
    'PAGELIGHT_MAX_MB'
    """
    return ENVIRONMENT_PREFIX + setting.upper()


def help_of(setting: str) -> str:
    """The sentence that `--help` and the README say of a setting."""
    return str(Settings.__dataclass_fields__[setting].metadata["help"])


def _check(holds: bool, name: str, expected: str, got: object) -> None:
    if not holds:
        raise InvalidSetting(f"{name}: expected {expected}, got {str(got)!r}")


def _coerced(entry: Field[Any], value: Any) -> Any:
    """The value as the field's type; text comes from the environment, str from callers who pass a path."""
    kind = typing.get_type_hints(Settings)[entry.name]
    if kind is bool and isinstance(value, str):
        _check(value.lower() in _TRUE + _FALSE, entry.name, "true or false", value)
        return value.lower() in _TRUE
    if kind in (int, float) and isinstance(value, bool):
        raise InvalidSetting(f"{entry.name}: expected a number, got {value!r}")
    try:
        return Path(value).expanduser() if kind is Path else kind(value)
    except (TypeError, ValueError):
        raise InvalidSetting(f"{entry.name}: expected {_kind_name(kind)}, got {value!r}") from None


def _kind_name(kind: type) -> str:
    return {int: "a whole number", float: "a number", Path: "a folder"}.get(kind, "text")
