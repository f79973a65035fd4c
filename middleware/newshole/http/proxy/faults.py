"""What is counted, what a client is told where there is no answer of the site's, and the two errors.

Everything a proxy answers itself is small, has the request's id and is kept by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Final

from newshole.errors import NewsholeError
from newshole.http.headers import HeaderList


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a request is not answered by the site: the status, and a sentence for the reader."""

    status: int
    sentence: str
    retry_after: int | None = None


CLIENTS: Final = {
    "bad-host": Fault(400, "The request does not name one valid host."),
    "bad-target": Fault(400, "The address of the request is malformed."),
    "bad-header": Fault(400, "A header of the request is malformed."),
    "bad-framing": Fault(400, "The length of the request is not clear."),
    "bad-method": Fault(501, "This method is not served here."),
    "upload-idle": Fault(408, "The request stopped coming."),
    "body-too-large": Fault(413, "The request is too large."),
    "target-too-long": Fault(414, "The address of the request is too long."),
    "expectation": Fault(417, "The request expects what is not offered here."),
    "no-upstream": Fault(421, "This host is not served here."),
    "head-too-large": Fault(431, "The headers of the request are too large."),
    "loop": Fault(508, "The request went in a circle."),
}
"""What a client is answered for what is wrong with its request, by what it is counted as."""

SITES: Final = {
    "upstream-down": Fault(502, "The site cannot be reached at the moment."),
    "upstream-broken": Fault(502, "The site broke off before it answered."),
    "upstream-malformed": Fault(502, "The site answered in a way that is not understood."),
    "upstream-full": Fault(503, "The site is very busy at the moment.", retry_after=1),
    "upstream-timeout": Fault(504, "The site did not answer in time."),
    "proxy-fault": Fault(502, "The site could not be asked just now."),
}
"""What a client is answered for what is wrong with the site, or here."""

FAULTS: Final = CLIENTS | SITES

CLIENT_LEFT: Final = "client-left"
CLIENT_IDLE: Final = "client-idle"
CUT_OFF: Final = "upstream-cut-off"
RETRIED: Final = "retried"
MESSAGE_TOO_LARGE: Final = "message-too-large"

REASONS: Final = (*FAULTS, CLIENT_LEFT, CLIENT_IDLE, CUT_OFF, RETRIED, MESSAGE_TOO_LARGE)
"""Everything that a proxy counts."""


class RefusedError(NewsholeError):
    """A request that the site does not answer; `reason` is one of `FAULTS`, `detail` is for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)

    @property
    def fault(self) -> Fault:
        """The answer to it."""
        return FAULTS[self.reason]

    @property
    def is_clients(self) -> bool:
        """Whether the request itself is wrong."""
        return self.reason in CLIENTS


class TruncatedError(NewsholeError):
    """An answer that ended too early after its start: whoever gets it must not take it for whole."""


def answer(
    refused: RefusedError, *, request_id: str, accept: str, closes: bool = True
) -> tuple[HeaderList, bytes]:
    """The headers and the body of the answer to a refused request: HTML where that is accepted, else text.

    `closes` says whether an answer can close its connection, which one of many in HTTP/2 cannot.
    """
    fault = refused.fault
    is_html = "text/html" in accept.lower()
    body = (_page if is_html else _text)(fault, request_id).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if is_html else b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
    ]
    if fault.retry_after is not None:
        headers.append((b"retry-after", b"%d" % fault.retry_after))
    if refused.is_clients and closes:
        # What else the client sends on this connection may not be what it seems to be.
        headers.append((b"connection", b"close"))
    return headers, body


_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.5rem;line-height:1.3}p{font-size:.9rem;opacity:.75;overflow-wrap:anywhere}"
)


def _page(fault: Fault, request_id: str) -> str:
    phrase, sentence = escape(HTTPStatus(fault.status).phrase), escape(fault.sentence)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{sentence}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{sentence}</h1><p>{fault.status} {phrase}</p>"
        f"<p>Request <code>{escape(request_id)}</code></p></main></body></html>\n"
    )


def _text(fault: Fault, request_id: str) -> str:
    phrase = HTTPStatus(fault.status).phrase
    return f"{fault.status} {phrase}\n{fault.sentence}\nRequest {request_id}\n"
