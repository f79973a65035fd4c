"""What `newshole simulate` prints: how often nothing is taken for something, and what a test takes."""

from __future__ import annotations

from newshole.cli.tables import Screen
from newshole.experiments.analysis.design import Design
from newshole.experiments.analysis.needs import Needs
from newshole.experiments.analysis.rehearsal import Rehearsal, chance
from newshole.experiments.metrics import BY_NAME
from newshole.plan.survey import counted


def show_simulation(design: Design, found: Rehearsal, needed: Needs | None, *, is_logged: bool) -> None:
    """Print a rehearsal, and what a test needs."""
    screen = Screen()
    traffic = "units that were logged" if is_logged else "made-up readers"
    screen.say(f"{design.name}: {found.runs:,} tests of {found.units:,} {traffic} in which nothing changes")
    screen.say()
    screen.table(
        ("something is found, which is false", "tests>", "share>", "95 %>"),
        [
            _row("at the end, looked at once", found.fixed, found),
            _row(f"looked at {found.looks} times, as if each were the only one", found.peeked, found),
            _row(f"looked at {found.looks} times, with always-valid intervals", found.always, found),
            _row("arms taken for lopsided (at 0.1%)", found.mismatched, found),
        ],
    )
    screen.say()
    _show_needs(screen, design, needed)


def _row(name: str, count: int, found: Rehearsal) -> tuple[str, str, str, str]:
    low, high = chance(count, found.runs)
    return name, f"{count:,}", f"{count / found.runs:.1%}", f"{low:.1%}–{high:.1%}"


def _show_needs(screen: Screen, design: Design, needed: Needs | None) -> None:
    label = BY_NAME[design.primary].label
    if needed is None:
        screen.say(f"{label} is 0 in this traffic: nothing can be planned")
        return
    screen.say(f"{label}: {needed.mean:,.3f}")
    screen.say(
        f"To find a change of {design.min_effect:.1%} with a chance of {design.power:.0%}: {needed.always:,} "
        f"{design.units} an arm where it is looked at all the time, {needed.once:,} where once at the end "
        f"(looking costs {needed.cost:.2f} times as many at most)."
    )
    if needed.days is not None:
        screen.say(f"As many as come here that is {needed.days} days, in whole weeks.")
    for weeks, effect in needed.seen:
        time = counted(weeks, "week")
        screen.say(f"In {time} a change of {effect:.1%} is seen.", indent=2)
