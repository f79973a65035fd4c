"""What the demo's colleagues did in the weeks before it was started; they are made up, as its readers are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from newshole.console.drafting.drafts import Drafts
from newshole.demo.traffic import DAYS
from newshole.demo.traffic import RULES as EXPERIMENTS
from newshole.live.audit import Act, Audit
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish, seed
from newshole.live.source import Source, gather
from newshole.live.switching import turn_off, turn_on
from newshole.types import Switch

EDITOR: Final = "ingrid"
PUBLISHER: Final = "tomas"
"""Who they are."""

CORRECTED: Final = "/de/sieben-kutter-und-eine-maschine"
"""A story whose ads were off for some hours."""

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
_DRAFT: Final = "Two ads at most in a story"
_BASE: Final = "rules.yaml"
_ADS: Final = "  ads: 4\n"
"""The line of it that the draft changes."""


async def remember(ledger: Ledger, now: float) -> None:
    """Two versions, a block that was off for an hour, a story that had no ads for eight, and a draft; `now`
    counts seconds from 1970."""
    published = gather(EXPERIMENTS)
    begun = now - (DAYS + 3) * _DAY
    await seed(ledger, gather(EXPERIMENTS.with_name(_BASE)), clock=lambda: begun)
    note = "Test whether later ads let more readers get to the end"
    tested = now - DAYS * _DAY
    await publish(ledger, published, by=PUBLISHER, note=note, clock=lambda: tested)
    await _switch(ledger, now)
    await _write(ledger, published, now - 5 * _HOUR)


async def _switch(ledger: Ledger, now: float) -> None:
    broken, corrected = now - 6 * _DAY, now - 2 * _DAY
    off = Switch("block", "video", PUBLISHER, "The player stalls on phones", broken)
    await turn_off(ledger, (off,), at=broken)
    targets = (("block", "video"),)
    await turn_on(ledger, targets, at=broken + _HOUR, by=PUBLISHER, reason="The player is mended")
    reason, until = "No ads while a correction is being written", corrected + 8 * _HOUR
    ads = Switch("no-ads", CORRECTED, EDITOR, reason, corrected, until)
    await turn_off(ledger, (ads,), at=corrected)


async def _write(ledger: Ledger, published: Source, at: float) -> None:
    """A draft that nobody has published."""
    fewer = published.files[_BASE].replace(_ADS, "  ads: 2\n")
    source = replace(published, files={**published.files, _BASE: fewer})
    draft = await Drafts(ledger, lambda: at).begin(EDITOR, source, published.digest, note=_DRAFT)
    await Audit(ledger).note(Act(at, EDITOR, "draft", on=draft.id, why=_DRAFT, role="editor"))
