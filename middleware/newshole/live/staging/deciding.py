"""What is to be done with a version, decided by the state of the log alone: nothing here asks or waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from newshole.errors import UsageError
from newshole.live.entries import WHOLE, Planned, Proposed, Published, Staged, State, Step

LATEST: Final = 3600.0
"""Seconds after its moment until which a plan is still carried out."""

_Told = TypeVar("_Told", Planned, Proposed)


class UnknownVersionError(UsageError):
    """Nothing is named so, or more than one thing; where all are listed is for whoever tells of it to say."""


def begun(
    wanted: Planned | Proposed, state: State, *, at: float, by: str, proposed_by: str = ""
) -> Published | Staged:
    """What is wanted, as it begins now. Raises UsageError where it cannot be staged."""
    if wanted.share >= WHOLE:
        return Published(wanted.digest, at, by, wanted.note, state.serves, proposed_by=proposed_by)
    check_beside(state)
    if state.staged is not None and state.staged.digest != wanted.digest:
        raise UsageError(
            f"{state.staged.digest[:8]} is staged at {state.staged.share:g}%: publish it or halt it first"
        )
    return Staged(
        wanted.digest, at, by, wanted.note, wanted.share, wanted.unit, state.serves, wanted.ramp, proposed_by
    )


def held(staged: Staged, *, at: float, by: str) -> Staged:
    """What is staged, with its ramp held at this share. Raises UsageError where it has none."""
    if not staged.ramp:
        raise UsageError(
            f"{staged.digest[:8]} has no ramp: it keeps its share until somebody gives it another"
        )
    return replace(staged, at=at, by=by, is_held=True)


def risen(staged: Staged, share: float, *, at: float, by: str) -> Published | Staged:
    """What is staged, at another share: the steps of its ramp up to there are taken, and one that is held
    stays so. Whoever lowers it ends the ramp, for what they doubt is not to rise by itself."""
    if share >= WHOLE:
        by_other = staged.proposed_by
        return Published(staged.digest, at, by, staged.note, staged.replaced, proposed_by=by_other)
    ramp = tuple(each for each in staged.ramp if each.share > share > staged.share)
    return replace(staged, share=share, at=at, by=by, ramp=ramp, is_held=staged.is_held and bool(ramp))


def approved(proposal: Proposed, state: State, *, at: float, by: str) -> Published | Staged | Planned:
    """What was proposed, done now by somebody. Raises UsageError where it cannot be done any more."""
    if proposal.due is None:
        return begun(proposal, state, at=at, by=by, proposed_by=proposal.by)
    check_due(proposal.due, at)
    return Planned(
        proposal.digest,
        at,
        by,
        proposal.note,
        proposal.due,
        state.serves,
        proposal.share,
        proposal.unit,
        proposal.ramp,
        proposal.by,
    )


def resumed(
    planned: Planned, state: State, *, due: float | None, at: float, by: str
) -> Published | Staged | Planned | Proposed:
    """A plan that was suspended, done in the place of what is in service now: at once, or `due` later; where
    somebody has to approve it, it is proposed so. Raises UsageError where it cannot be done."""
    if due is not None:
        check_due(due, at)
    wanted = Proposed(
        planned.digest, at, by, planned.note, state.serves, planned.share, planned.unit, planned.ramp, due
    )
    if state.needs_approval:
        return wanted
    if due is None:
        return begun(wanted, state, at=at, by=by)
    return replace(planned, at=at, by=by, due=due, on=state.serves, proposed_by="", is_suspended=False)


def suspension(planned: Planned, state: State, now: float) -> str | None:
    """Why a plan is not carried out by itself, in words; None where it is, or will be when it is due."""
    if planned.is_suspended or planned.on != state.serves:
        return "another version went into service since it was planned"
    if state.needs_approval and not planned.proposed_by:
        return "somebody else has to approve it by now: propose it"
    if now > planned.due + LATEST:
        return "nobody could carry it out when it was due"
    if now >= planned.due and state.staged is not None:
        return f"{state.staged.digest[:8]} is staged"
    return None


def staged_in(state: State, version: str = "") -> Staged:
    """What is staged. Raises UsageError where nothing is, or another version than the one of this digest,
    where that is given."""
    if state.staged is None:
        raise UsageError("nothing is staged")
    if version and version != state.staged.digest:
        raise UsageError(f"{state.staged.digest[:8]} is staged by now, not {version[:8]}: look at it")
    return state.staged


def check_due(due: float, now: float) -> None:
    """Raises UsageError for a moment that has passed; both in seconds from 1970."""
    if due <= now:
        raise UsageError("the moment that it is planned for has passed: name one to come")


def check_beside(state: State) -> None:
    """Raises UsageError where nothing is in service beside which something could be staged."""
    if state.version is None:
        raise UsageError("nothing is in service that the other pages could keep: publish it for all")


def check_steps(share: float, ramp: Sequence[Step]) -> None:
    """Raises UsageError for a share, in percent, that is none, or steps that do not rise from it."""
    shares = [share, *(each.share for each in ramp)]
    if not 0 < share < WHOLE or shares[-1] > WHOLE or shares != sorted(set(shares)):
        told = ", ".join(f"{each:g}" for each in shares)
        raise UsageError(f"no steps: {told}; give shares that rise, from more than 0 up to 100")
    if any(each.after <= 0 for each in ramp):
        raise UsageError("a step needs time after the one before it")


def known_digest(state: State, name: str) -> str:
    """The digest, of all that were published, staged, planned or proposed, that begins so.

    Raises UnknownVersionError where there is none, or more than one.
    """
    told = {each.digest for each in state.versions} | {each.digest for each in state.planned}
    told |= {each.digest for each in state.proposed}
    told |= {each.digest for each in (state.staged, state.halted) if each is not None}
    return only({each for each in told if each.startswith(name.lower())}, name)


def only(found: set[str], name: str) -> str:
    """The one digest that was `found` by a name. Raises UnknownVersionError where there is none, or more than
    one."""
    if len(found) != 1 or not name:
        what = "several versions begin" if found else "no version begins"
        raise UnknownVersionError(f'{what} with "{name}"')
    return found.pop()


def named(told: Sequence[_Told], name: str, done: str) -> _Told:
    """What was `done` ("planned", "proposed") with the version whose digest begins so.

    Raises UnknownVersionError where that is none, or more than one.
    """
    found = [each for each in told if name and each.digest.startswith(name.lower())]
    if len(found) != 1:
        what = "several versions" if found else "no version"
        raise UnknownVersionError(f'{what} that begins with "{name}" is {done}')
    return found[0]
