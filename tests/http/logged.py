"""What newshole logs, line by line."""

from __future__ import annotations

import json
import logging
from typing import Any

from starlette.types import ASGIApp

from newshole import Newshole, Site
from newshole.http.logs import JsonFormatter


class Lines(logging.Handler):
    """Keeps what is logged as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.written: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(json.loads(self.format(record)))


def logging_newshole(app: ASGIApp, site: Site, *, log_ip: bool = False) -> Newshole:
    return Newshole(app, site=site, log="logging", log_ip=log_ip)
