"""The head of a page whose bytes are still coming: where it ends, found in one pass over them.

    between ──<!--──► comment ──-->──► between
       │ ├──<!, <?──► declaration ──>──► between
       │ └──<name──► tag ──>──► between, or raw text up to `</name`
       │              └──="──► value ──"──► tag
       ▼
    `</head>` or `<body`: the end; anything else: given up

Whatever opens the body unseen ends the search, so no block stands before the end that is found. Each search
goes on where the one before it stopped: a head takes time linear in its length, however it is cut.

Source: the HTML standard, sections 13.2.5 (tokens) and 13.2.6.4.4 (what may be in a head).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from newshole.page.encoding import page_encoding
from newshole.page.hydration import is_drawn_whole
from newshole.page.prescan import is_amp

MAX_HEAD: Final = 512 * 1024
"""Bytes in which the end of a head is looked for: of 367 news pages it is farther on in 3."""

_OURS: Final = b"newshole"

_BETWEEN: Final = b""
_TAG: Final = b"<"
_COMMENT: Final = b"<!--"
_DECLARATION: Final = b"<!"

_RAW: Final = frozenset((b"title", b"style", b"script", b"noscript"))
_IN_HEAD: Final = _RAW | {b"html", b"head", b"meta", b"link", b"base", b"basefont", b"bgsound"}
_OPENING_BODY: Final = frozenset((b"/html", b"/body", b"/br"))

_SPACE = re.compile(rb"(?:\A\xef\xbb\xbf)?[ \t\n\f\r]*")
_OPENING = re.compile(rb"<(?:(!--)|[!?](?!-?\Z)|(/?[a-zA-Z][a-zA-Z0-9-]*)(?=[ \t\n\f\r/>]))")
_UNFINISHED = re.compile(rb"(?:\A\xef?\xbb?|<(?:[!?]-?|/?(?:[a-zA-Z][a-zA-Z0-9-]{0,19})?)?)?\Z")
_IN_TAG = re.compile(rb"(>)|=[ \t\n\f\r]*(?:([\"'])|\Z)")


class _End(NamedTuple):
    """What ends a state, which state follows, and how many bytes of it may be there already."""

    pattern: re.Pattern[bytes]
    then: bytes
    begun: int


_ENDS: Final = {
    _COMMENT: _End(re.compile(rb"--!?>"), _BETWEEN, 3),
    _DECLARATION: _End(re.compile(rb">"), _BETWEEN, 0),
    b'"': _End(re.compile(rb'"'), _TAG, 0),
    b"'": _End(re.compile(rb"'"), _TAG, 0),
    **{
        name: _End(re.compile(rb"(?=</%s[ \t\n\f\r/>])" % name, re.IGNORECASE), _BETWEEN, len(name) + 2)
        for name in _RAW
    },
}


class HeadScan:
    """Looks for the end of a head in the parts of a page.

    `end` is its byte offset, None until it is found; `is_over` says that nothing more is looked for.
    """

    __slots__ = ("_at", "_state", "_tag", "end", "is_over", "page")

    def __init__(self) -> None:
        self.page = bytearray()
        self.end: int | None = None
        self.is_over = False
        self._at, self._state, self._tag = 0, _BETWEEN, b""

    def feed(self, part: bytes) -> None:
        """Look at one more part."""
        if self.is_over:
            return
        self.page += part
        while not self.is_over and self._advance():
            pass
        self.is_over = self.is_over or len(self.page) > MAX_HEAD

    @property
    def head(self) -> bytes:
        """The page up to the end; nothing until that is found."""
        return bytes(self.page[: self.end or 0])

    def _advance(self) -> bool:
        """Go on to the next state; whether all that this takes is here."""
        if self._state == _BETWEEN:
            return self._open()
        return self._pass_tag() if self._state == _TAG else self._pass(_ENDS[self._state])

    def _open(self) -> bool:
        """What comes after a tag, a comment or white space."""
        space = _SPACE.match(self.page, self._at)
        if space is not None:
            self._at = space.end()
        found = _OPENING.match(self.page, self._at)
        if found is None:
            self.is_over = _UNFINISHED.match(self.page, self._at) is None
            return False
        if found[2] is None:
            self._at += 2
            self._state = _COMMENT if found[1] else _DECLARATION
        else:
            self._open_tag(found[2].lower(), found.end())
        return True

    def _open_tag(self, tag: bytes, end: int) -> None:
        is_in_head = tag in _IN_HEAD or (tag.startswith(b"/") and tag not in _OPENING_BODY)
        if not is_in_head:
            self.is_over = True
            self.end = self._at if tag == b"body" else None
        self._state, self._tag, self._at = _TAG, tag, end

    def _pass_tag(self) -> bool:
        found = _IN_TAG.search(self.page, self._at)
        if found is None or found.lastindex is None:
            self._at = len(self.page) if found is None else found.start()
            return False
        self._at = found.end()
        if found[2] is not None:
            self._state = found[2]
        elif self._tag == b"/head":
            self.end, self.is_over = self._at, True
        else:
            self._state = self._tag if self._tag in _RAW else _BETWEEN
        return True

    def _pass(self, end: _End) -> bool:
        """Go behind what ends the state."""
        found = end.pattern.search(self.page, self._at)
        if found is None:
            self._at = max(self._at, len(self.page) - end.begun)
            return False
        self._at, self._state = found.end(), end.then
        return True


def may_be_composed(head: bytes, content_type: str) -> bool:
    """Whether nothing in a head tells that its page is left alone."""
    return not (
        is_amp(head)
        or is_drawn_whole(head)
        or _OURS in head.lower()
        or page_encoding(head, content_type) is None
    )
