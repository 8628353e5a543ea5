"""Handlers of Gradio's calls: their form, their error messages, and which of them change the library.

Who may call a handler at all is asked before, by the guard around the whole app.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from pagelight.app.web.access import caller_of, require_write
from pagelight.retrieval.errors import PagelightError

P = ParamSpec("P")
R = TypeVar("R")

#: a function that a script in the browser calls: one JSON object in, one JSON object out
ServerFunction = Callable[[dict[str, Any], gr.Request], dict[str, Any]]

_log = logging.getLogger("pagelight.web")
_NOT_UNDERSTOOD = "That request was not understood."
_UNEXPECTED = "Something went wrong. The server's log says what."


def guarded(handler: ServerFunction) -> ServerFunction:
    """The handler for a panel's script: its errors turned into {"error": one line}."""

    @functools.wraps(handler)
    def answer(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        try:
            with caller_of(scope_of(request)).at_work():
                return handler(payload if isinstance(payload, dict) else {}, request)
        except PagelightError as error:
            return {"error": as_sentence(str(error)), "status": error.status}
        except (KeyError, TypeError, ValueError) as error:
            _log.info("%s: %r", handler.__name__, error)
            return {"error": _NOT_UNDERSTOOD, "status": 422}
        except Exception:
            _log.exception("%s failed", handler.__name__)
            return {"error": _UNEXPECTED, "status": 500}

    return answer


def scope_of(request: gr.Request) -> Mapping[str, Any]:
    """The request's scope. Gradio hands the plain request to a panel's function, and one that wraps it to an endpoint."""
    plain = getattr(request, "request", request)
    scope: Mapping[str, Any] = plain.scope
    return scope


def writing(handler: ServerFunction) -> ServerFunction:
    """A handler that changes the library: only callers who may write reach it."""

    @functools.wraps(handler)
    def allowed(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        require_write(scope_of(request))
        return handler(payload, request)

    return allowed


def endpoint(call: Callable[P, R]) -> Callable[P, R]:
    """A public endpoint that is told the request: its errors are shown to the client in one line.

    Gradio calls it from its queue, where nothing else tells who asked.
    """

    @functools.wraps(call)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        request = next(one for one in (*args, *kwargs.values()) if isinstance(one, gr.Request))
        try:
            with caller_of(scope_of(request)).at_work():
                return call(*args, **kwargs)
        except PagelightError as error:
            raise gr.Error(as_sentence(str(error)), print_exception=False) from error
        except Exception as error:
            _log.exception("%s failed", call.__name__)
            raise gr.Error(_UNEXPECTED, print_exception=False) from error

    return answer


def as_sentence(text: str) -> str:
    """
    >>> as_sentence("the query is empty; type a few words")
    'The query is empty; type a few words.'
    """
    text = text.strip()
    names_a_field = text.partition(" ")[0].endswith(":")
    return (
        (text[:1] if names_a_field else text[:1].upper())
        + text[1:]
        + ("" if text.endswith((".", "!", "?")) else ".")
    )
