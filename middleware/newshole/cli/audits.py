"""What `newshole audit` prints: one page whole, or a table of several and what is in the way of most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from newshole.cli.tables import Screen
from newshole.explaining.untouched import UNTOUCHED
from newshole.plan.survey import counted
from newshole.review.audit import Audit, Hindrance


def show_audits(audits: Sequence[Audit], rules: str, most: int) -> None:
    """Print one page whole, or a table of several, the worst first."""
    screen = Screen()
    if len(audits) == 1:
        _show_page(screen, audits[0], rules)
        return
    _show_figures(screen, audits, rules)
    worst = sorted(audits, key=_badness)
    screen.say()
    screen.table(
        ("page", "words>", "units>", "gaps>", "own>", "slots>", "in the way"),
        [_row(each) for each in worst[:most]],
    )
    if len(worst) > most:
        screen.say()
        screen.say(f"and {counted(len(worst) - most, 'more page')}: --show {len(worst)} shows all")


def _badness(audit: Audit) -> tuple[bool, int, int, int, str]:
    """What is left whole first, then what has most in the way, most missing, fewest slots."""
    is_left = any(each.is_whole for each in audit.hindrances)
    return (not is_left, -len(audit.hindrances), -len(audit.notes), len(audit.slots), audit.source)


def _show_figures(screen: Screen, audits: Sequence[Audit], rules: str) -> None:
    pages = counted(len(audits), "page")
    slots = sum(len(each.slots) for each in audits)
    screen.say(f"{pages}, rules {rules}", style="bold")
    screen.say(f"articles         {sum(each.is_article is True for each in audits)}")
    screen.say(f"slots to add     {slots}, {slots / len(audits):.2f} a page")
    own = Counter[str]()
    for each in audits:
        own.update(each.own)
    if own:
        screen.say(f"the site's own   {', '.join(counted(count, kind) for kind, count in own.items())}")
    known = [each.density for each in audits if each.density is not None]
    if known:
        screen.say(f"density as is    {sum(known) / len(known):.1%} on {counted(len(known), 'page')}")
    _show_common(screen, "In the way", (each.code for audit in audits for each in audit.hindrances))
    _show_common(screen, "Notes", (note.partition(":")[0] for audit in audits for note in audit.notes))


def _show_common(screen: Screen, title: str, said: Iterator[str]) -> None:
    """What is said of pages, the most frequent first."""
    counts = Counter(said).most_common()
    if counts:
        screen.say()
        screen.say(title, style="bold")
    for what, count in counts:
        words = f": {UNTOUCHED[what]}" if what in UNTOUCHED else ""
        screen.say(f"{count:>5}  {what}{words}", hang=7)


def _row(audit: Audit) -> tuple[str, ...]:
    codes = [each.code for each in audit.hindrances]
    return (
        audit.source,
        str(audit.words),
        str(sum(audit.units.values())),
        str(audit.gaps),
        str(sum(audit.own.values())),
        str(len(audit.slots)),
        (codes[0] if codes else "") + (f" +{len(codes) - 1}" if len(codes) > 1 else ""),
    )


def _show_page(screen: Screen, audit: Audit, rules: str) -> None:
    screen.say(audit.url or audit.source, style="bold")
    for name, fact in _facts(audit, rules):
        screen.say(f"{name:<11}{fact}", hang=11)
    if audit.slots:
        screen.say()
        screen.say(f"{rules} would add", style="bold")
    for slot in audit.slots:
        screen.say(f"{slot.block}  {slot.where}", indent=2)
    if audit.hindrances:
        screen.say()
        screen.say("In the way", style="bold")
    for each in audit.hindrances:
        screen.say(_in_words(each), indent=2)
    if audit.notes:
        screen.say()
        screen.say("Notes", style="bold")
    for note in audit.notes:
        screen.say(note, indent=2)


def _facts(audit: Audit, rules: str) -> Iterator[tuple[str, str]]:
    story = audit.story
    yield "article", {True: "yes", False: f"no, by {rules}", None: "not known"}[audit.is_article]
    for name, fact in (
        ("title", story.title),
        ("section", story.section),
        ("types", ", ".join(story.types)),
        ("language", story.language),
        ("words", str(audit.words) if audit.words else ""),
        ("body", audit.body or ""),
        ("units", ", ".join(f"{count} {kind}" for kind, count in audit.units.items())),
        ("gaps", f"{audit.gaps} of {audit.joints} between units" if audit.joints else ""),
        ("own", ", ".join(counted(count, kind) for kind, count in audit.own.items())),
        ("density", "" if audit.density is None else f"{audit.density:.1%}"),
        ("slots", f"{len(audit.slots)} by {rules}"),
    ):
        if fact:
            yield name, fact


def _in_words(hindrance: Hindrance) -> str:
    if hindrance.is_whole:
        reason = UNTOUCHED.get(hindrance.code, "newshole itself failed on it")
        return f"{hindrance.code}: {reason}"
    return f"{hindrance.code}: {hindrance.words}"
