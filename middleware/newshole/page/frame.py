"""Frames: a page known again though its nonces, form tokens and counters differ in every response.

A frame is learned from two responses of one URL. It holds the lengths of the **stable segments**; between
two of them stands a **token**, a run of letters, digits and `+/=_-` that changed. A token is a maximal run:
the segment before it ends in another byte, and so does the run. So a page is split without being parsed,

    segment, run, segment, run, segment to the very end of the page,

and two pages of equal digest differ in the runs alone: all segments, hence all that stands beside a run,
are equal byte for byte.

**Why such pages have one plan.** What stands in a spot that nothing reads decides nothing (see `opaque`,
which looks at the newer page; in the other pages of the frame the spots are the same ones, for a token
holds no byte that ends a quoted value or a script's text, so a tokenizer leaves it in the state in which it
came, whatever the token is). What looks at bytes rather than the tree is met here, one by one:

- Marks of hydration and of ours: no token holds one, and none lies across the edge of a token, for all
  their bytes are a token's.
- Marks for blocks (see `told`) hold "newshole:" between white space or hyphens, and a token that were part of
  one would stand beside white space, `!` or `>`.
- The pre-scan's patterns begin at a `<` or behind white space and reach no token that stands beside neither.
  The one that tells an AMP page looks into the tag of `html`, in which no token is opaque.
- Its samples of a page's first bytes: tokens only push bytes out of them, so a page passes if its stable
  bytes alone do. A sample that a token is in also holds the `<` of the tag around that token.
- Its room for open elements: the page's length is asked for first, as a bound of its number of `<`, and
  decides nothing where there are three bytes to each. `MAX_PAGE` is held here.
- Heights look for tags by how they begin, `<br` and so on: a token holds no `<` and does not stand behind
  one. What shows in a picture's or a frame's attributes is asked of the tree.
- Offsets are only ever compared with one another, and tokens leave their order. How much of a page its
  story is decides which proof is tried first, and both prove the same.

All of this is said of one page, and goes for those with its digest. A page that fits a frame by its lengths
alone, as one may after an edit, is a page anew: `Frame.proved` has to say the same of it before a plan is
kept under its digest.

**The encoding is not the frame's.** It is told from the headers, else from the page's first bytes by a scan
that is no parser and may take anything there for a declaration, tokens included. It is one of the things
that a plan is made from, and has to be compared beside the digest (`page_encoding`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from struct import pack
from typing import Final, NamedTuple

from xxhash import xxh3_128, xxh3_128_digest

from newshole.page.document import Document
from newshole.page.opaque import Span, Watched, are_opaque
from newshole.page.prescan import MAX_PAGE, prescan

MOST_TOKENS: Final = 64
"""Tokens of a frame; a page with more of them has none."""

LONGEST_TOKEN: Final = 4096
"""Bytes of the longest token."""

_TOKEN_BYTES: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
_RUN = re.compile(rb"[A-Za-z0-9+/=_-]*+")
_TOKEN: Final = rb"([A-Za-z0-9+/=_-]{0,%d}+)" % LONGEST_TOKEN
_MARK = re.compile(rb"newshole|__(?:next_f|remixContext|sveltekit_)")

_LONGEST_STEP: Final = 1 << 14


NOTHING_WATCHED: Final = Watched()

_FRONT: Final = (0, 0)
"""Where a page begins, as if a token stood there."""


class Digested(bytes):
    """A page that is kept, and hashed once however often it is asked for."""

    @cached_property
    def digest(self) -> bytes:
        """Its `whole_digest`."""
        return xxh3_128_digest(self)


def whole_digest(page: bytes) -> bytes:
    """The digest of a page that has no tokens: 16 bytes."""
    return page.digest if type(page) is Digested else xxh3_128_digest(page)


class Stable(NamedTuple):
    """A page seen through a frame of these `lengths`.

    `digest` is of the stable bytes and of the frame: 16 bytes. `tokens` are the tokens' spans in the page.
    A **frame offset** counts the stable bytes alone, so it means the same place on every page of a digest.
    """

    digest: bytes
    tokens: tuple[Span, ...]
    lengths: tuple[int, ...]

    def to_page(self, *offsets: int) -> list[int]:
        """The page's byte offsets for rising frame offsets; ValueError where a token stands at one."""
        tokens = (_FRONT, *self.tokens)
        return [tokens[before][1] + behind for before, behind in _places(self.lengths, offsets)]

    def to_frame(self, offset: int) -> int:
        """The frame offset for a byte offset of the page; ValueError in a token and at its edges."""
        passed = 0
        for start, end in self.tokens:
            if offset < start:
                break
            if offset <= end:
                raise ValueError(f"byte {offset} of the page is in the token from {start} to {end}")
            passed += end - start
        return offset - passed


@dataclass(frozen=True, slots=True)
class Frame:
    """The lengths of a page's stable segments in bytes, one more than it has tokens.

    Without lengths it is the frame of every page that has no token: all of a page is stable, however long.
    """

    lengths: tuple[int, ...] = ()

    def stable(self, page: bytes) -> Stable | None:
        """What of a page is stable, whatever it is; None where the page does not fit."""
        if not self.lengths:
            return Stable(whole_digest(page), (), ())
        tokens = self._tokens(page)
        return None if tokens is None else Stable(_digest(self.lengths, page, tokens), tokens, self.lengths)

    def proved(self, document: Document, watched: Watched = NOTHING_WATCHED) -> Stable | None:
        """What of a page just read is stable; None where it does not fit, or something may read a token.

        All pages that have its digest and its encoding have its plan. `watched` is what the
        rules read.
        """
        page = document.page
        stable = self.stable(page)
        if stable is None or not stable.tokens:
            return stable
        segments = [page[start:end] for start, end in _segments(stable.tokens, len(page))]
        is_proved = _decide_alone(segments) and are_opaque(document, stable.tokens, watched)
        return stable if is_proved else None

    def _tokens(self, page: bytes) -> tuple[Span, ...] | None:
        if len(page) > MAX_PAGE:
            return None
        found = _pattern(self.lengths).fullmatch(page)
        if found is None:
            return None
        held = b" ".join(found.groups())
        if (b"__" in held or b"newshole" in held) and _MARK.search(held):
            return None
        return found.regs[1:]


@lru_cache(maxsize=1024)
def _places(lengths: tuple[int, ...], offsets: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """For each frame offset, how many tokens stand before it, and how far behind the last of them it is.

    They are the same on every page of a frame, so pages whose tokens are as many as ever differ in additions.
    """
    edges = list(accumulate(lengths[:-1]))
    found = []
    for offset in offsets:
        before = bisect_left(edges, offset)
        if before < len(edges) and edges[before] == offset:
            raise ValueError(f"a token stands at frame offset {offset}")
        found.append((before, offset - (edges[before - 1] if before else 0)))
    return tuple(found)


@lru_cache(maxsize=1024)
def _pattern(lengths: tuple[int, ...]) -> re.Pattern[bytes]:
    """The frame's segments, whatever they hold, and the runs of token bytes between them."""
    return re.compile(_TOKEN.join(b".{%d}" % length for length in lengths), re.DOTALL)


@lru_cache(maxsize=1024)
def _shape(lengths: tuple[int, ...]) -> xxh3_128:
    # The seed, as the lengths, keeps shapes apart: only a page without tokens is hashed under none.
    return xxh3_128(pack(f"<{len(lengths)}Q", *lengths), seed=len(lengths) - 1)


def _digest(lengths: tuple[int, ...], page: bytes, tokens: tuple[Span, ...]) -> bytes:
    digest = _shape(lengths).copy()
    update, view = digest.update, memoryview(page)
    starts, ends = zip(*tokens, strict=True)
    for segment in map(slice, (0, *ends), (*starts, len(page))):
        update(view[segment])
    return digest.digest()


WHOLE: Final = Frame()
"""The frame of pages that do not change."""


def learn(old: bytes, new: Document, watched: Watched = NOTHING_WATCHED) -> Frame | None:
    """The frame that two responses of one URL have in common; None where something may read what differs.

    `old` is an earlier response's bytes, `new` the one just read; `watched` is as in `Frame.proved`.
    """
    page = new.page
    if old == page:
        return WHOLE
    tokens = _differing(old, page)
    if tokens is None:
        return None
    frame = Frame(tuple(end - start for start, end in _segments(tokens, len(page))))
    before, now = frame.stable(old), frame.proved(new, watched)
    return frame if before is not None and now is not None and before.digest == now.digest else None


def _segments(tokens: Iterable[Span], size: int) -> Iterator[Span]:
    """Where the stable segments of a page of `size` bytes start and end."""
    edges = [0, *(edge for token in tokens for edge in token), size]
    return zip(edges[::2], edges[1::2], strict=True)


def _decide_alone(segments: Iterable[bytes]) -> bool:
    """Whether the pre-scan says of every page with these stable segments that it may be read."""
    stable = b"".join(segments)
    return prescan(stable).refusal is None and 3 * stable.count(b"<") <= len(stable)


def _differing(old: bytes, new: bytes) -> list[Span] | None:
    """The runs of token bytes, in `new`, that two pages differ in; None where they differ in more."""
    tokens: list[Span] = []
    at_old = at_new = behind = 0
    while True:
        same = _alike(old, at_old, new, at_new)
        at_old, at_new = at_old + same, at_new + same
        if at_old == len(old) and at_new == len(new):
            return tokens
        start = behind + len(new[behind:at_new].rstrip(_TOKEN_BYTES))
        ends = _run_end(old, at_old), _run_end(new, at_new)
        longest = max(ends[0] - at_old, ends[1] - at_new) + at_new - start
        if not 0 < longest <= LONGEST_TOKEN or len(tokens) == MOST_TOKENS:
            return None
        at_old, at_new = ends
        behind = at_new
        tokens.append((start, at_new))


def _run_end(page: bytes, at: int) -> int:
    run = _RUN.match(page, at)
    return at if run is None else run.end()


def _alike(old: bytes, at_old: int, new: bytes, at_new: int) -> int:
    """How many bytes are the same in two pages from a place in each on."""
    begin = at_old
    step = _LONGEST_STEP
    while step:
        part = old[at_old : at_old + step]
        if part and part == new[at_new : at_new + step]:
            at_old, at_new = at_old + len(part), at_new + len(part)
        else:
            step //= 2
    return at_old - begin
