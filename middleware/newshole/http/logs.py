"""The log: a line for every request, and what happens beside them, as JSON or as text.

All goes through `logging`: requests to the logger `newshole.access`, all else to `newshole`. A line never
holds a query, a cookie, a token or a body, and the reader's address only where that is asked for. With "json"
and "text" lines are written to standard output by a thread, so that no request waits for a slow pipe; where
that falls behind by more than `ROOM` lines, lines are dropped and counted.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from contextvars import ContextVar
from functools import lru_cache
from logging.handlers import QueueHandler, QueueListener
from typing import Any, Final, Literal, TypeAlias, cast

from newshole.errors import UsageError

LogKind: TypeAlias = Literal["json", "text", "logging", "off"]
KINDS: Final = ("json", "text", "logging", "off")

NEWSHOLE: Final = logging.getLogger("newshole")
ACCESS: Final = logging.getLogger("newshole.access")

ROOM: Final = 10_000
"""Lines that wait to be written at most."""

MOMENT: Final = 0.05
"""Seconds for which lines are gathered before they are written."""

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=str)

FIELDS: Final = {
    "time": "When the line was written, in UTC.",
    "level": "info, warning or error.",
    "event": "What the line is about.",
    "request_id": "The request's X-Request-Id.",
    "method": "Its method.",
    "host": "Its Host.",
    "path": "Its path, without the query.",
    "status": "The status of the answer, null where none was begun.",
    "outcome": "composed, or the reason why not.",
    "shadow": "In shadow mode: what would have become of the page.",
    "blocks": "The ids of the blocks that were placed, or in shadow mode would have been.",
    "rules": "The digest of the rules in service.",
    "plan": "Where the page's plan came from.",
    "added_ms": "Milliseconds that newshole took.",
    "total_ms": "Milliseconds from the request to the end of the answer.",
    "bytes_in": "Bytes of the site's answer.",
    "bytes_out": "Bytes of the answer that was sent.",
    "cache": "What the page cache did, null without one.",
    "error": "The type of the exception that the app ended with.",
    "ip": "The reader's address, where that is asked for.",
    "logger": "The logger of what is no request.",
    "message": "Its words.",
    "exception": "The traceback of what failed.",
}
"""Every field of a line in JSON."""

EVENTS: Final = {
    "request": "A request was answered.",
    "rules-swapped": "Other rules are in service.",
    "store-opened": "The store failed, and is left alone until it answers again.",
    "store-closed": "The store answers again.",
    "log-dropped": "Lines were dropped, for they could not be written fast enough.",
    "fault": "Something failed in newshole.",
    "message": "Anything else.",
}
"""What lines are about."""

request_id: Final[ContextVar[str]] = ContextVar("newshole_request_id", default="")
"""The id of the request that is being answered, where requests are logged."""


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON, in ASCII; see `FIELDS`."""

    def format(self, record: logging.LogRecord) -> str:
        return _ENCODER.encode(fields_of(record))


class TextFormatter(logging.Formatter):
    """A record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        told = fields_of(record)
        text = _request_text(told) if told["event"] == "request" else _event_text(told)
        return " ".join((told["time"], text)).encode("unicode_escape").decode("ascii")


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says of a record."""
    told: dict[str, Any] = {
        "time": f"{_second(int(record.created))}.{int(record.msecs):03}Z",
        "level": record.levelname.lower(),
        "event": getattr(record, "event", "fault" if record.exc_info or record.exc_text else "message"),
    }
    if hasattr(record, "fields"):
        told |= record.fields
        return told
    told |= {"logger": record.name, "message": record.getMessage()}
    asked = getattr(record, "request_id", "") or request_id.get()
    if asked:
        told["request_id"] = asked
    if record.exc_info or record.exc_text:
        told["exception"] = _traceback(record)
    return told


@lru_cache(maxsize=8)
def _second(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))


class Unhurried(QueueListener):
    """A thread that writes what has come in a moment, and then waits for a moment: each time that it wakes, a
    request in another thread has to wait for it."""

    def __init__(self, lines: queue.SimpleQueue[logging.LogRecord], writing: logging.Handler) -> None:
        super().__init__(lines, writing)
        self.lines = lines

    def dequeue(self, block: bool) -> logging.LogRecord:
        if self.lines.empty():
            time.sleep(MOMENT)
        return super().dequeue(block)


class Background(QueueHandler):
    """Hands records to a thread that writes them. The thread starts with the first, and ends with `close`.

    In a process that was forked off it starts anew, for threads stay behind.
    """

    def __init__(self, writing: logging.Handler) -> None:
        super().__init__(queue.SimpleQueue())
        self.writing = writing
        self.begin()
        os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        """Begin without a line and without a thread, for none comes along into a process that is forked."""
        # Without a lock in Python, which costs half of what a line costs; so its bound is kept here.
        self.queue = self.lines = queue.SimpleQueue[logging.LogRecord]()
        self.dropped = 0
        self.starting = threading.Lock()
        self.thread: QueueListener | None = None

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record with all that only this thread, and this request, can say of it."""
        if hasattr(record, "fields"):
            return record
        record.request_id = request_id.get()
        if record.exc_info:
            record.exc_text, record.exc_info = _traceback(record), None
        record.msg, record.args = record.getMessage(), None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.thread is None:
            self._start()
        if self.lines.qsize() >= ROOM:
            self.dropped += 1
            return
        if self.dropped:
            self.lines.put(_told_lost(self.dropped))
            self.dropped = 0
        self.lines.put(record)

    def close(self) -> None:
        """Write what waits, and end the thread; the end of the process comes by here."""
        thread, self.thread = self.thread, None
        if thread is not None:
            thread.stop()
        super().close()

    def _start(self) -> None:
        with self.starting:
            if self.thread is None:
                thread = Unhurried(self.lines, self.writing)
                thread.start()
                self.thread = thread


def open_log(kind: str) -> bool:
    """Write the log as "json" or "text" to standard output, or leave that to your handlers ("logging").

    Whether requests are to be logged at all. Raises UsageError where there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f'there is no log "{kind}": give {", ".join(KINDS[:-1])} or {KINDS[-1]}')
    if kind in ("json", "text"):
        handler = _handler(cast("LogKind", kind))
        # Else whatever the app or a command logs to would have every line too.
        for logger in (NEWSHOLE, ACCESS):
            logger.addHandler(handler)
            logger.propagate = False
        if NEWSHOLE.level == logging.NOTSET:
            NEWSHOLE.setLevel(logging.INFO)
    return kind != "off"


class _Stdout(logging.StreamHandler[Any]):
    """Writes to what is standard output when a line is written."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


@lru_cache(maxsize=2)
def _handler(kind: LogKind) -> Background:
    """The one handler of a process, however many apps in it log."""
    writing = _Stdout()
    writing.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    return Background(writing)


def _traceback(record: logging.LogRecord) -> str:
    if record.exc_text or not isinstance(record.exc_info, tuple):
        return record.exc_text or ""
    return logging.Formatter().formatException(record.exc_info)


def _told_lost(lost: int) -> logging.LogRecord:
    told = f"{lost} lines were dropped"
    record = NEWSHOLE.makeRecord(NEWSHOLE.name, logging.WARNING, "", 0, told, (), None)
    record.event = "log-dropped"
    return record


def _request_text(told: dict[str, Any]) -> str:
    blocks = f" {','.join(told['blocks'])}" if told["blocks"] else ""
    return (
        f"{told['status'] or '-'} {told['method']} {told['host']}{told['path']} {told['outcome']}{blocks} "
        f"{told['added_ms']:.1f} of {told['total_ms']:.1f} ms {told['bytes_in']}>{told['bytes_out']} bytes "
        f"{told['request_id']}"
    )


def _event_text(told: dict[str, Any]) -> str:
    lines = str(told.get("exception", "")).splitlines()
    why = f": {lines[-1]}" if lines else ""
    return " ".join(filter(None, (told["level"], f"{told['message']}{why}", told.get("request_id", ""))))
