"""What the journal is told of a page on its way: once it was planned or shown anew, and never of one that was
composed a moment ago."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from newshole.cache import Answer
from newshole.cache.kept import Asked
from newshole.composing import SWITCHED_OFF
from newshole.http.codings import Codings, decode
from newshole.http.cookies import SIGNED_IN, whose
from newshole.http.gate import Gate
from newshole.http.headers import is_for_one
from newshole.http.heads import Headers, RawHeaders, read_headers
from newshole.live.past.served import Circumstances, Served, address_of
from newshole.page.frame import whole_digest
from newshole.types import Reader

if TYPE_CHECKING:
    from newshole.live.past.journal import Journal

log = logging.getLogger("newshole")

_OWN: Final = b"authorization"


class Told(NamedTuple):
    """What is known of an exchange: the headers of its request, those of the site's answer, what its body is
    coded in, and whether newshole is in shadow mode."""

    asked: Headers
    answered: RawHeaders
    codings: Codings = ()
    shadow: bool = False


def note_page(gate: Gate, asked: Asked, answer: Answer, told: Told) -> None:
    """Keep what became of a page. Never raises. The bytes of one that is one reader's own are not kept."""
    journal = gate.journal
    if journal is None:
        return
    try:
        page, is_kept = asked.page, not _is_somebody_s(told)
        served = replace(
            _served(gate, journal, asked.url, asked.reader, answer, told),
            content_type=asked.content_type,
            words=asked.words,
            page=whole_digest(page).hex(),
            is_kept=is_kept,
        )
        read = (
            partial(decode, page, told.codings, most=gate.limits.page)
            if told.codings
            else partial(bytes, page)
        )
        journal.note(served, read if is_kept else None, len(page) if is_kept else 0)
    except Exception:
        log.exception("a page could not be noted")
        journal.fail()


def _is_somebody_s(told: Told) -> bool:
    """Whether a page may be one reader's own, though many a site does not say so to who is signed in."""
    if is_for_one(read_headers(told.answered)) or _OWN in told.asked:
        return True
    return whose(told.asked.get(b"cookie", b""), (), SIGNED_IN) == "login"


def note_off(gate: Gate, url: str, reader: Reader, told: Told) -> None:
    """Keep that an address is switched off, whatever its page holds. Never raises."""
    journal = gate.journal
    if journal is None:
        return
    try:
        journal.note(_served(gate, journal, url, reader, Answer(b"", SWITCHED_OFF), told))
    except Exception:
        log.exception("a page could not be noted")
        journal.fail()


def _served(gate: Gate, journal: Journal, url: str, reader: Reader, answer: Answer, told: Told) -> Served:
    """What is served at an address from now on."""
    address, query = address_of(url, journal.secret)
    switches = gate.site.facts.switches
    return Served(
        gate.plans.clock(),
        address,
        query,
        gate.site.digest,
        Circumstances.of(reader, gate.plans.telling(url).facts),
        answer.untouched,
        answer.blocks,
        answer.offsets,
        arms=dict(answer.seen.arms),
        overrides=answer.overrides,
        switches=() if switches is None else switches.listed,
        shadow=told.shadow,
        staged=gate.is_trial,
    )
