"""What a worker writes to standard error: a line an event, with the stack where the fault is ours."""

from __future__ import annotations

import logging
import sys

from newshole.http.proxy import TruncatedError


def write_logs(name: str) -> None:
    """Write warnings and errors from here on, each with the worker's name."""
    logging.basicConfig(level=logging.WARNING, format=f"newshole: {name}: %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").addFilter(in_a_line)


def in_a_line(record: logging.LogRecord) -> bool:
    """An answer that broke off is told in a line: the server raises it, but the fault is at the site."""
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, TruncatedError):
        record.msg, record.args, record.exc_info = "an answer broke off: %s", (fault,), None
    return True
