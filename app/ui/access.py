"""Who may call a handler, and what a handler says when something is wrong."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import anyio.from_thread
import gradio as gr
from fastapi import HTTPException, Request

from app.guard import Authorize
from app.ui.panel import ServerFunction
from retrieval.errors import NotAuthorized, PagelightError

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("pagelight")
_UNEXPECTED = "Something went wrong. The server's log says what."


class Access:
    """Asks `authorize` before every handler.

    Hiding an event or an endpoint is no protection in Gradio: whoever knows its index can call it.
    """

    def __init__(self, authorize: Authorize | None) -> None:
        self._authorize = authorize

    def check(self, request: gr.Request | Request | None) -> None:
        """Raises NotAuthorized, or the HTTPException of the host's own."""
        if self._authorize is None:
            return
        plain = getattr(request, "request", request)
        if not isinstance(plain, Request):
            raise NotAuthorized("this call did not come from a request")
        allowed = self._authorize(plain)
        if inspect.isawaitable(allowed):
            allowed = anyio.from_thread.run(_result, allowed)
        if not allowed:
            raise NotAuthorized("you may not use this library")

    def guarded(self, handler: ServerFunction) -> ServerFunction:
        """The handler for a panel's script: authorised, its errors turned into {"error": one line}."""

        @functools.wraps(handler)
        def answer(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
            self.check(request)
            try:
                return handler(payload if isinstance(payload, dict) else {}, request)
            except PagelightError as error:
                return {"error": _sentence(str(error)), "status": error.status}
            except (KeyError, TypeError, ValueError) as error:
                _log.info("%s: %r", handler.__name__, error)
                return {"error": "That request was not understood.", "status": 422}
            except HTTPException:
                raise
            except Exception:
                _log.exception("%s failed", handler.__name__)
                return {"error": _UNEXPECTED, "status": 500}

        return answer

    def endpoint(self, request: gr.Request, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `call` for a public endpoint: authorised, its errors shown to the client in one line."""
        try:
            self.check(request)
            return call(*args, **kwargs)
        except PagelightError as error:
            raise gr.Error(_sentence(str(error)), print_exception=False) from error
        except HTTPException as error:
            raise gr.Error(str(error.detail), print_exception=False) from error
        except Exception as error:
            _log.exception("an endpoint failed")
            raise gr.Error(_UNEXPECTED, print_exception=False) from error


async def _result(awaitable: Awaitable[bool]) -> bool:
    return await awaitable


def _sentence(text: str) -> str:
    """
    >>> _sentence("the query is empty; type a few words")
    'The query is empty; type a few words.'
    """
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
