"""`newshole switch`: things off, and on again, in every worker at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias

import typer

from newshole.cli.live import (
    at_ledger,
    moment,
    purge_touched,
    read_caches,
    seconds,
    tell_outcome,
    warn_of_eviction,
    who,
)
from newshole.cli.options.ledger import AuthorOption, FollowingOptions, LedgerOptions
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.live.entries import Target, target_in_words
from newshole.live.ledger import Beat, Ledger
from newshole.live.outcomes import settled
from newshole.live.switching import turn_off, turn_on
from newshole.rules.kinds import KINDS
from newshole.rules.switches import misnamed
from newshole.rules.written import meant, meant_or_known
from newshole.types import Switch

Names: TypeAlias = list[str] | None


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What is switched; each may be given several times."""

    PANEL: ClassVar[str] = "What is switched; repeatable"

    is_all_meant: Annotated[bool, typer.Option("--all", help="Everything.")] = False
    sections: Annotated[
        Names, typer.Option("--section", metavar="NAME", help="A section.", show_default=False)
    ] = None
    urls: Annotated[
        Names, typer.Option("--url", metavar="URL", help="A page, or a pattern.", show_default=False)
    ] = None
    blocks: Annotated[Names, typer.Option("--block", metavar="ID", help="A block.", show_default=False)] = (
        None
    )
    kinds: Annotated[
        Names, typer.Option("--kind", metavar="KIND", help="A kind of block.", show_default=False)
    ] = None
    no_ads: Annotated[
        Names, typer.Option("--no-ads", metavar="URL", help="The ads of a page.", show_default=False)
    ] = None

    def named(self) -> Iterator[Target]:
        """Everything that was named, by the words for it."""
        if self.is_all_meant:
            yield "all", ""
        named = {"section": self.sections, "url": self.urls, "block": self.blocks, "kind": self.kinds}
        for what, names in (named | {"no-ads": self.no_ads}).items():
            yield from ((what, each) for each in names or ())


_STATES: Final = ("off", "on")


def switch(
    state: Annotated[str, typer.Argument(metavar="off|on", hidden=True)],
    what: TargetOptions,
    where: LedgerOptions,
    following: FollowingOptions,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)] = "",
    lasting: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="How long: 30m, 2h, 3d.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="MOMENT", help="Until when: 2026-11-28T20:00.", show_default=False),
    ] = None,
    author: AuthorOption = None,
) -> None:
    """Switch things off, or on again, in all workers.

    Pages that are off go out as the site sent them; without a block or a kind they are planned anew. A URL is
    a path or a whole address, in which "*" stands for anything within one part of the path, "**" for any
    number of parts. Everything that is named may be repeated. "newshole switches" lists what is off.

    \b
      newshole switch off --block mid-ad --reason "ad server down" --for 2h
      newshole switch off --url "/live/**" --reason "the editor asks"
      newshole switch on --block mid-ad

    Exit codes: 0 when every worker has done it; 1 when one has not answered or a cache is not purged; 2 when
    it cannot be done.
    """
    if state not in _STATES:
        raise UsageError(f'"{state}" is no position of a switch: write "newshole switch off" or "… on"')
    targets = _targets(what)
    now = time.time()
    ends = _end(lasting, until, now)
    if state == "off" and not reason:
        raise UsageError('say why with --reason "…": it is shown to whoever asks what is off')
    if state == "on" and ends is not None:
        raise UsageError("--for and --until are for what is switched off")
    read_caches(following.caches)
    by = who(author)

    async def work(ledger: Ledger) -> bool:
        await warn_of_eviction(ledger)
        workers = await ledger.workers()
        if state == "off":
            _tell_unknown(targets, workers)
            switches = tuple(Switch(word, each, by, reason, now, ends) for word, each in targets)
            change = await turn_off(ledger, switches, at=now)
        else:
            change, idle = await turn_on(ledger, targets, at=now, by=by, reason=reason)
            for each in idle:
                tell(f"{target_in_words(each)} was not off")
        outcome = await settled(ledger, change, patience=following.wait)
        is_done = tell_outcome(change, outcome)
        is_purged = await purge_touched(ledger, change, workers, following.caches)
        return is_done and is_purged

    raise typer.Exit(0 if at_ledger(where, work) else 1)


def _targets(options: TargetOptions) -> tuple[Target, ...]:
    found = list(options.named())
    if not found:
        raise UsageError("what? give --all, --section, --url, --block, --kind or --no-ads")
    for what, each in found:
        wrong = misnamed(what, each)
        if what == "kind" and each not in KINDS:
            wrong = f"there is no such kind{meant_or_known(each, list(KINDS))}"
        if wrong is not None:
            raise UsageError(f'--{what} "{each}" cannot be switched: {wrong}')
    return tuple(dict.fromkeys(found))


def _end(lasting: str | None, until: str | None, now: float) -> float | None:
    if lasting is not None and until is not None:
        raise UsageError("--for and --until are both given: leave one out")
    if lasting is not None:
        return now + seconds(lasting)
    ends = None if until is None else moment(until)
    if ends is not None and ends <= now:
        raise UsageError(f"--until {until} is over already")
    return ends


def _tell_unknown(targets: tuple[Target, ...], workers: list[Beat]) -> None:
    """Tell of blocks that no worker has; it is switched all the same, for the next version may have it."""
    known = sorted({block for each in workers for block in each.blocks})
    for what, each in targets:
        if what == "block" and known and each not in known:
            tell(f'no worker has a block "{each}" now{meant(each, known)}')
