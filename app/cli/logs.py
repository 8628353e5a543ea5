"""The program's logging, on stderr; a host application configures logging itself."""

from __future__ import annotations

import logging

from pagelight.app.settings import Settings


def log_to_stderr(settings: Settings) -> None:
    """Our own loggers at the wanted level, everybody else's at warning; uvicorn's access log where it is wanted."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("pagelight").setLevel(settings.log_level.upper())
    if settings.access_log:
        logging.getLogger("uvicorn.access").setLevel(logging.INFO)
