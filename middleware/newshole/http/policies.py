"""Content Security Policies: the nonce by which a page lets our inline style and script apply.

A nonce is of one response. It is put into that response alone, where the blocks begin, and kept nowhere; the
policy itself stays as it is. Without a nonce or a hash that fits, the style does not apply: blocks are then
plain text, links and pictures, and no ad is among them. A script that does not apply is left out: all that a
browser would do with it is to report it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from newshole.http.heads import HeaderList, RawHeaders
from newshole.page.csp import Policy, directives_of, hash_of, nonce_for, policies_of

log = logging.getLogger("newshole")

ENFORCED: Final = b"content-security-policy"
REPORTED: Final = b"content-security-policy-report-only"

_NAMES: Final = ENFORCED, REPORTED
_SHORTEST: Final = len(ENFORCED)
_NONCE: Final = re.compile(rb"'nonce-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_BLANK: Final = b"'nonce-'"

_MARK = b" data-newshole-runtime"
_SCRIPT: Final = b"<script" + _MARK
_SCRIPT_END: Final = b"</script>"
_TAGS = tuple((b"<%s%s" % (name.encode(), _MARK), name) for name in ("style", "script"))


class Placed(NamedTuple):
    """A page with a nonce in its runtime, or without a script of it; `hashes` are those of elements that
    policies let not apply."""

    html: bytes
    is_changed: bool = False
    hashes: tuple[str, ...] = ()


class Nonced(NamedTuple):
    """The policy header of a response, a `pair`, with one `nonce`; its `form` is what it says beside that.

    Of two responses of a form the same elements apply, and get the nonce.
    """

    pair: tuple[bytes, bytes]
    form: tuple[bytes, bytes]
    nonce: bytes


class Cut(NamedTuple):
    """Our elements in `parts`, for those of one form: the nonce takes the place of the parts at `places`, and
    `hashes` are as in `Placed`."""

    parts: tuple[bytes, ...]
    places: tuple[int, ...]
    hashes: tuple[str, ...]

    def placed(self, html: bytes, nonce: bytes) -> Placed:
        """The elements as a response with this nonce has them, from as they are without."""
        if len(self.parts) == 1:
            return Placed(html, False, self.hashes)
        parts, attribute = [*self.parts], b' nonce="%s"' % nonce
        for place in self.places:
            parts[place] = attribute
        return Placed(b"".join(parts), True, self.hashes)


def read_nonced(raw: RawHeaders) -> Nonced | None:
    """The policy header of a response that has one alone, with one nonce; None for any other response."""
    found: tuple[bytes, bytes] | None = None
    for pair in raw:
        if len(pair[0]) >= _SHORTEST and pair[0].lower() in _NAMES:
            if found is not None:
                return None
            found = pair
    if found is None:
        return None
    name, value = found
    sources = {*_NONCE.findall(value)}
    if len(sources) != 1 or _BLANK in value:
        return None
    source = sources.pop()
    return Nonced(found, (name, value.replace(source, _BLANK)), source[len(_BLANK) - 1 : -1])


@lru_cache(maxsize=256)
def cut_for(html: bytes, form: tuple[bytes, bytes]) -> Cut:
    """The HTML of a page's first block, which our elements stand before, for responses of one form."""
    name, value = form
    # Whichever nonce: nothing else in the policy is one.
    policies = [*_of_header(name, value.replace(_BLANK, b"'nonce-0'"))]
    parts, places, hashes = _parts(html, 0, policies)
    return Cut(tuple(parts), tuple(places), tuple(hashes))


def read_policies(raw: RawHeaders, metas: Sequence[bytes] = ()) -> list[Policy]:
    """The policies of a response: those of its headers, and those of the page's meta elements."""
    # Every composed page comes by here, and few names are as long.
    found = [each for name, value in raw if len(name) >= _SHORTEST for each in _of_header(name, value)]
    return found + policies_of(metas) if metas else found


def written_policies(raw: RawHeaders) -> tuple[str, ...]:
    """The policies of a response's headers, as they are written."""
    found = ((name.lower(), value) for name, value in raw if name.lower() in _NAMES)
    return tuple(f"{name.decode()}: {value.decode('latin-1')}" for name, value in found)


def has_nonce(raw: RawHeaders) -> bool:
    """Whether a policy of a response's headers has a nonce, which no other response has."""
    return any(b"'nonce-" in value.lower() for name, value in raw if name.lower() in _NAMES)


@lru_cache(maxsize=8)  # of responses under way, for each is read twice, and policies without a nonce
def _of_header(name: bytes, value: bytes) -> tuple[Policy, ...]:
    lower = name.lower()
    if lower not in _NAMES:
        return ()
    return tuple(Policy(directives_of(text), lower == ENFORCED) for text in value.split(b","))


def with_nonce(html: bytes, at: int, policies: list[Policy]) -> Placed:
    """A composed page whose blocks begin at offset `at`, with the nonce that its policies ask for, and no
    script that they forbid."""
    parts, _, hashes = _parts(html, at, policies)
    is_changed = len(parts) > 1
    return Placed(b"".join(parts) if is_changed else html, is_changed, tuple(hashes))


def _parts(html: bytes, at: int, policies: list[Policy]) -> tuple[list[bytes], list[int], list[str]]:
    """The page in parts, which of them are an attribute with a nonce, and the hashes of what cannot apply."""
    parts: list[bytes] = []
    places: list[int] = []
    hashes: list[str] = []
    copied = 0
    for name, mark, first, last in _runtime(html, at):
        content = html[first:last]
        found = nonce_for(name, content, policies)
        if found is None:
            hashes.append(hash_of(content))
        if found:
            places.append(len(parts) + 1)
            parts += (html[copied:mark], b' nonce="%s"' % found.encode())
            copied = mark
        elif found is None and name == "script":
            parts.append(html[copied : mark - len(_SCRIPT)])
            copied = last + len(_SCRIPT_END)
    return [*parts, html[copied:]], places, hashes


def letting_run(raw: HeaderList, script: bytes) -> HeaderList:
    """The headers of a response for one reader alone, whose policies let one more inline script run.

    Its hash is added where a policy would keep it out; so all else stays as it was, in and out.
    """
    return [
        (name, b", ".join(_letting(each, script) for each in value.split(b",")))
        if name.lower() == ENFORCED
        else (name, value)
        for name, value in raw
    ]


def _letting(policy: bytes, script: bytes) -> bytes:
    """One policy with the hash of a script, where that would not run."""
    if nonce_for("script", script, [Policy(directives_of(policy))]) == "":
        return policy
    written = [each.split() for each in policy.decode("latin-1").split(";")]
    named = {each[0].lower(): each for each in reversed(written) if each}
    name = next(each for each in ("script-src-elem", "script-src", "default-src") if each in named)
    sources = [each for each in named[name][1:] if each.lower() != "'none'"] + [hash_of(script)]
    if name == "default-src":
        written.append(["script-src-elem", *sources])
    else:
        named[name][1:] = sources
    return "; ".join(" ".join(each) for each in written if each).encode("latin-1")


def _runtime(html: bytes, at: int) -> Iterator[tuple[str, int, int, int]]:
    """The inline elements of ours that stand at an offset, one behind the other: the name of each, where an
    attribute may be added, and the first and last offset of its content."""
    while (name := _named(html, at)) is not None:
        mark = at + 1 + len(name) + len(_MARK)
        first = html.index(b">", mark) + 1
        last = html.index(b"</%s>" % name.encode(), first)
        yield name, mark, first, last
        at = last + len(name) + 3


def _named(html: bytes, at: int) -> str | None:
    """The name of our inline element at an offset; None where another stands there."""
    for tag, name in _TAGS:
        if html.startswith(tag, at):
            return name
    return None


@lru_cache(maxsize=32)
def tell_once(hashes: tuple[str, ...]) -> None:
    """Tell operators what to add to a policy that lets our style or script not apply."""
    log.warning(
        "a Content-Security-Policy keeps newshole's inline style or script from applying: "
        "give it a nonce, or add %s",
        " ".join(hashes),
    )
