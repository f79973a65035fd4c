"""`newshole stage`: what is staged, another share of it, its ramp held, or the end of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Annotated, Any

import typer

from newshole.cli.live import at_ledger, read_caches, shown, who
from newshole.cli.options.ledger import AuthorOption, FollowingOptions, LedgerOptions
from newshole.cli.options.pages import JsonOption
from newshole.cli.rollouts import in_share, tell_change, then
from newshole.cli.terminal import printable, tell
from newshole.errors import UsageError
from newshole.live.appending import Change, ConflictError, read_log
from newshole.live.entries import Staged, State
from newshole.live.ledger import Beat, Ledger, figures_of
from newshole.live.publishing import advance, go_on, halt, hold
from newshole.live.staging.deciding import suspension
from newshole.live.staging.figures import Figures, Views, total

WORDS = ("halt", "hold", "go-on")
_IDLE = {"hold": "its ramp is held already", "go-on": "no ramp is held"}


def stage(
    where: LedgerOptions,
    following: FollowingOptions,
    share: Annotated[str | None, typer.Argument(metavar="PERCENT|halt|hold|go-on", hidden=True)] = None,
    author: AuthorOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is halted.")] = "",
    is_json_asked: JsonOption = False,
) -> None:
    """Show what is staged, give it another share, hold or halt it.

    A version is staged with "newshole publish --share"; what is planned or proposed is shown too. PERCENT is
    its new share: with 100 it is published. "hold" keeps a ramp from rising, and "go-on" lets it rise again.
    "halt" ends what is staged, and the version in service serves everything again. Workers halt it by
    themselves where it does harm.

    \b
      newshole stage
      newshole stage 50
      newshole stage hold
      newshole stage halt --reason "too many ads in sport"

    Exit codes: 0 when it is told or done; 1 when a worker refuses or does not answer, somebody else published
    at the same time, or a cache is not purged; 2 when nothing is staged or Redis does not answer.
    """
    if share is None:
        _show(where, is_json_asked=is_json_asked)
        return
    read_caches(following.caches)
    wanted = share if share in WORDS else _percent(share)

    async def work(ledger: Ledger) -> bool:
        before = await ledger.workers()
        try:
            change = await _change(ledger, wanted, by=who(author), reason=reason)
        except ConflictError as error:
            tell(str(error))
            return False
        if change is None:
            typer.echo(f"it serves {wanted:g}% already" if isinstance(wanted, float) else _IDLE[wanted])
            return True
        return await tell_change(ledger, change, before, set(), following)

    raise typer.Exit(0 if at_ledger(where, work) else 1)


async def _change(ledger: Ledger, wanted: float | str, *, by: str, reason: str) -> Change | None:
    match wanted:
        case "halt":
            return await halt(ledger, by=by, reason=reason, clock=time.time)
        case "hold":
            return await hold(ledger, by=by, clock=time.time)
        case "go-on":
            return await go_on(ledger, by=by, clock=time.time)
        case _:
            return await advance(ledger, float(wanted), by=by, clock=time.time)


def _percent(written: str) -> float:
    try:
        return float(written.removesuffix("%"))
    except ValueError:
        raise UsageError(
            f'no share: "{written}"; write percent, such as 50, or halt, hold or go-on'
        ) from None


def _show(where: LedgerOptions, *, is_json_asked: bool) -> None:
    async def read(ledger: Ledger) -> tuple[State, list[Beat]]:
        return (await read_log(ledger))[1], await ledger.workers()

    state, workers = at_ledger(where, read)
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(record(state, workers))
        return
    lines = [*_staged(state, workers), *_waiting(state)]
    if state.needs_approval:
        lines.append("what is published needs somebody else's approval")
    for line in lines or ["nothing is staged, planned or proposed"]:
        typer.echo(printable(line))


def record(state: State, workers: Sequence[Beat]) -> dict[str, Any]:
    """What is staged, planned and proposed, for JSON; moments count seconds from 1970."""
    staged, halted = state.staged, state.halted
    old, new = _figures(staged, workers)
    return {
        "staged": None if staged is None else {**asdict(staged), "figures": _views(new)},
        "in_service": {"digest": state.serves, "figures": _views(old)},
        "halted": None if halted is None else asdict(halted),
        "planned": [
            {**asdict(each), "suspended": suspension(each, state, time.time())} for each in state.planned
        ],
        "proposed": [asdict(each) for each in state.proposed],
        "needs_approval": state.needs_approval,
    }


def _views(figures: Figures) -> dict[str, float]:
    return {each.name: getattr(figures, each.name) for each in fields(Views)}


def _staged(state: State, workers: Sequence[Beat]) -> list[str]:
    staged, halted = state.staged, state.halted
    if halted is not None:
        who_halted = "by itself" if halted.is_automatic else f"by {halted.by}"
        return [f"{halted.digest[:8]} was halted {who_halted} at {shown(halted.at)}: {halted.reason or '-'}"]
    if staged is None:
        return []
    asked = [each for each in workers if each.follows]
    ready = [each for each in asked if each.staged == staged.digest]
    old, new = _figures(staged, workers)
    since = f"since {shown(staged.at)} by {staged.by}" if staged.by else f"since {shown(staged.at)}"
    return [
        f"{staged.digest[:8]} serves {in_share(staged)} {since}{then(staged)}",
        f"  {len(ready)} of {len(asked)} workers have it ready",
        f"  {staged.digest[:8]}  {_counted(new)}",
        f"  {staged.replaced[:8]}  {_counted(old)}",
        *(f"  {each.host}, process {each.pid}, refuses it: {each.problem}" for each in asked if each.refused),
    ]


def _counted(figures: Figures) -> str:
    ads = figures.slots / figures.composed if figures.composed else 0.0
    seen = f", {figures.viewable / figures.shown:.0%} viewable" if figures.shown else ""
    filled = f", {1 - figures.unfilled / figures.asked:.0%} filled" if figures.asked else ""
    return f"{figures.pages} pages, {figures.faults} faults, {ads:.2f} ads a page{seen}{filled}"


def _waiting(state: State) -> list[str]:
    lines = []
    for plan in state.planned:
        reason = suspension(plan, state, time.time())
        state_of = f", suspended: {reason}" if reason else ""
        lines.append(f"{plan.digest[:8]} is planned for {shown(plan.due)} by {plan.by}{state_of}")
    for each in state.proposed:
        when = f" for {shown(each.due)}" if each.due is not None else ""
        lines.append(f"{each.digest[:8]} is proposed{when} by {each.by}: {each.note or '-'}")
    return lines


def _figures(staged: Staged | None, workers: Sequence[Beat]) -> tuple[Figures, Figures]:
    """What workers have counted of the version in service, and of the staged one."""
    counted = figures_of("" if staged is None else staged.digest, workers)
    return total(old for old, _ in counted), total(new for _, new in counted)
