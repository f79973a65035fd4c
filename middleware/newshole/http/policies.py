"""Content Security Policies: the nonce by which a page lets our inline style and script apply.

A nonce is of one response. It is put into that response alone, where the blocks begin, and kept nowhere; the
policy itself stays as it is. Without a nonce or a hash that fits, the style does not apply: blocks are then
plain text, links and pictures, slots stay empty and hold no room. A script that does not apply is left out:
all that a browser would do with it is to report it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from newshole.http.heads import RawHeaders

log = logging.getLogger("newshole")

ENFORCED: Final = b"content-security-policy"
REPORTED: Final = b"content-security-policy-report-only"

_SHORTEST: Final = len(ENFORCED)

Sources: TypeAlias = tuple[str, ...]

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HASH = re.compile(r"'(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_MARK = b" data-newshole-runtime"
_SCRIPT: Final = b"<script" + _MARK
_SCRIPT_END: Final = b"</script>"
_TAGS = tuple((b"<%s%s>" % (name.encode(), _MARK), name) for name in ("style", "script"))


class Policy(NamedTuple):
    """One policy: the sources of each of its directives; `is_enforced` is not so for one that only
    reports."""

    directives: Mapping[str, Sources]
    is_enforced: bool = True

    def sources(self, element: str) -> Sources | None:
        """What inline elements of this name ("style", "script") may be; None where anything may."""
        for name in (f"{element}-src-elem", f"{element}-src", "default-src"):
            if name in self.directives:
                return self.directives[name]
        return None


class Placed(NamedTuple):
    """A page with a nonce in its runtime, or without a script of it; `hashes` are those of elements that
    policies let not apply."""

    html: bytes
    is_changed: bool = False
    hashes: tuple[str, ...] = ()


def read_policies(raw: RawHeaders, metas: Sequence[bytes] = ()) -> list[Policy]:
    """The policies of a response: those of its headers, and those of the page's meta elements."""
    # Every composed page comes by here, and few names are as long.
    found = [each for name, value in raw if len(name) >= _SHORTEST for each in _of_header(name, value)]
    if metas:
        found += [Policy(_directives(text)) for value in metas for text in value.split(b",")]
    return found


def has_nonce(raw: RawHeaders) -> bool:
    """Whether a policy of a response's headers has a nonce, which no other response has."""
    return any(b"'nonce-" in value.lower() for name, value in raw if name.lower() in (ENFORCED, REPORTED))


@lru_cache(maxsize=8)  # of responses under way, for each is read twice, and policies without a nonce
def _of_header(name: bytes, value: bytes) -> tuple[Policy, ...]:
    lower = name.lower()
    if lower not in (ENFORCED, REPORTED):
        return ()
    return tuple(Policy(_directives(text), lower == ENFORCED) for text in value.split(b","))


def _directives(text: bytes) -> dict[str, Sources]:
    directives: dict[str, Sources] = {}
    for directive in text.decode("latin-1").split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), tuple(sources))
    return directives


def with_nonce(html: bytes, at: int, policies: list[Policy]) -> Placed:
    """A composed page whose blocks begin at offset `at`, with the nonce that its policies ask for, and no
    script that they forbid."""
    parts: list[bytes] = []
    hashes: list[str] = []
    copied = 0
    for name, mark, first, last in _runtime(html, at):
        content = html[first:last]
        found = _nonce(name, content, policies)
        if found is None:
            hashes.append(hash_of(content))
        if found:
            parts += (html[copied:mark], b' nonce="%s"' % found.encode())
            copied = mark
        elif found is None and name == "script":
            parts.append(html[copied : mark - len(_SCRIPT)])
            copied = last + len(_SCRIPT_END)
    if not parts:
        return Placed(html, False, tuple(hashes))
    return Placed(b"".join([*parts, html[copied:]]), True, tuple(hashes))


def _runtime(html: bytes, at: int) -> Iterator[tuple[str, int, int, int]]:
    """The inline elements of ours that stand at an offset, one behind the other: the name of each, where an
    attribute may be added, and the first and last offset of its content."""
    while (name := _named(html, at)) is not None:
        mark = at + 1 + len(name) + len(_MARK)
        last = html.index(b"</%s>" % name.encode(), mark)
        yield name, mark, mark + 1, last
        at = last + len(name) + 3


def _named(html: bytes, at: int) -> str | None:
    """The name of our inline element at an offset; None where another stands there."""
    for tag, name in _TAGS:
        if html.startswith(tag, at):
            return name
    return None


def _nonce(element: str, content: bytes, policies: list[Policy]) -> str | None:
    """The nonce that an inline element needs, "" for none; None where it cannot apply."""
    closed = [
        (sources, policy.is_enforced)
        for policy in policies
        if (sources := policy.sources(element)) is not None and not _lets_in(sources, content)
    ]
    enforced = [_nonces(sources) for sources, is_enforced in closed if is_enforced]
    reported = [_nonces(sources) for sources, is_enforced in closed if not is_enforced]
    if not enforced:
        return next((nonces[0] for nonces in reported if nonces), "")
    common = [nonce for nonce in enforced[0] if all(nonce in nonces for nonces in enforced)]
    in_all = (nonce for nonce in common if all(nonce in nonces for nonces in reported))
    return next(in_all, None) or next(iter(common), None)


def _nonces(sources: Sources) -> list[str]:
    return [match[1] for source in sources if (match := _NONCE.fullmatch(source))]


def _lets_in(sources: Sources, content: bytes) -> bool:
    """Whether an inline element applies without a nonce (CSP level 3, section 6.7.3.3)."""
    hashes = [match for source in sources if (match := _HASH.fullmatch(source))]
    if any(match[2].translate(_URL_SAFE) == _digest(match[1].lower(), content) for match in hashes):
        return True
    lower = [source.lower() for source in sources]
    is_closed = hashes or _nonces(sources) or "'strict-dynamic'" in lower
    return "'unsafe-inline'" in lower and not is_closed


_URL_SAFE: Final = str.maketrans("-_", "+/")


def hash_of(content: bytes) -> str:
    """The source that lets an inline element of this content apply: "'sha256-…'"."""
    return f"'sha256-{_digest('sha256', content)}'"


@lru_cache(maxsize=32)
def tell_once(hashes: tuple[str, ...]) -> None:
    """Tell operators what to add to a policy that lets our style or script not apply."""
    log.warning(
        "a Content-Security-Policy keeps newshole's inline style or script from applying: "
        "give it a nonce, or add %s",
        " ".join(hashes),
    )


@lru_cache(maxsize=256)
def _digest(algorithm: str, content: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
