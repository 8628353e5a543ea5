"""Gradio without the parts that our server never uses: half of its import, and three of the four apps that it makes.

For a process that is ours alone. A host may want what is left out here, so `mount` imports Gradio as it is.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_COMPONENTS = "gradio.component_meta"
#: modules that Gradio imports for features that are off here: needed later or never
_UNUSED, _LATER = "mcp", "pandas"


@contextmanager
def lean_gradio() -> Iterator[None]:
    """Import Gradio and make one app inside; afterwards everything in the process is as it would have been anyway.

    Left out: type stubs of its components, which it compares with their files at every import; its MCP server, which is not
    the one at /mcp; pandas, until something is a table; the apps that it makes before the one that is served.
    """
    if "gradio" in sys.modules:
        yield
        return
    finder = _Finder()
    absent = [name for name in (_UNUSED, _LATER) if name not in sys.modules]
    stand_ins: dict[str, Any] = {_UNUSED: None, _LATER: _Later(_LATER)}
    sys.meta_path.insert(0, finder)
    sys.modules.update({name: stand_ins[name] for name in absent})
    try:
        blocks: Any = importlib.import_module("gradio.blocks")
    finally:
        sys.meta_path.remove(finder)
        for name in absent:
            if sys.modules.get(name) is stand_ins[name]:
                del sys.modules[name]
        finder.give_back()
    maker = blocks.App
    blocks.App = _NoApp
    try:
        yield
    finally:
        blocks.App = maker


class _Finder:
    """Finds the module of Gradio that writes stubs, and takes the writing from it."""

    def __init__(self) -> None:
        self._taken: tuple[ModuleType, object] | None = None

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == _COMPONENTS else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def without_stubs(module: ModuleType) -> None:
            execute(module)
            self._taken = module, getattr(module, "create_or_modify_pyi", None)
            module.create_or_modify_pyi = lambda *_: None  # type: ignore[attr-defined]

        spec.loader.exec_module = without_stubs  # type: ignore[method-assign]
        return spec

    def give_back(self) -> None:
        if self._taken is not None:
            module, writing = self._taken
            module.create_or_modify_pyi = writing  # type: ignore[attr-defined]


class _Later(ModuleType):
    """A module that is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of every module, by `inspect`
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


class _NoApp:
    """Stands in for the maker of an app that nobody is served by: the one that is mounted is made by `mount_gradio_app`."""

    @staticmethod
    def create_app(*_: object, **__: object) -> None:
        return None
