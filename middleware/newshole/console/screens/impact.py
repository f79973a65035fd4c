"""Impact: what rules would do to the live site's pages, before anybody publishes them."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.impact.looks import (
    MOST_PAGES,
    ORDERS,
    PAGES,
    BusyError,
    Choose,
    Look,
    Subject,
    new_look,
)
from newshole.console.impact.sampling import Sample, listed, sampled
from newshole.console.preview.views import Asked, rules_asked
from newshole.console.visit import Visit, get, post
from newshole.errors import RulesError, UsageError
from newshole.explaining.untouched import UNTOUCHED
from newshole.plan.survey import counted
from newshole.review.changes import in_words, totals
from newshole.review.impact import PageImpact, Study, left, worst_first
from newshole.review.pictures import PATTERNS, pair
from newshole.site import Site
from newshole.types import DEVICES

FIRST: Final = 12
"""Pages that are shown before somebody asks for more."""

MOST_OFFERED: Final = 20
"""Drafts and versions to choose from."""

_ORDER_WORDS: Final = {"lost": "most lost", "gained": "most gained", "denser": "denser with ads"}
_OWN_FAULT: Final = "newshole itself failed: do not publish this, and report it"


async def show(visit: Visit) -> Response:
    """A look with what it found, or the form that begins one."""
    if "job" in visit.query:
        look = _look(visit)
        return visit.page("impact.html.j2", look=look, subject=look.subject, **_found(visit, look))
    return await _form(visit)


async def show_part(visit: Visit) -> Response:
    """The same look without the page around it, for the script that asks again and again."""
    look = visit.site.looks.get(visit.query.get("job", ""))
    if look is None:
        return visit.page("impact_gone_part.html.j2", 404)
    return visit.page("impact_part.html.j2", look=look, **_found(visit, look))


async def begin(visit: Visit) -> Response:
    """Begin a look, and go to its address."""
    form = await visit.form()
    try:
        subject, new = await _rules(visit, form)
    except RulesError as error:
        return _with_problems(visit, form, error)
    site, device = visit.site, form.get("device", "")
    look = new_look(visit.person.name, subject, device if device in DEVICES else DEVICES[0], site.clock())
    now = site.newshole.site
    study = Study(now, new, facts=now.facts, device=look.device)
    pasted = form.get("list", "").strip()
    if len(pasted.splitlines()) > MOST_PAGES:
        told = f"At most {MOST_PAGES} addresses at a time: leave some out."
        return await _form(visit, form, told, 400)
    try:
        site.looks.begin(look, study, _pages(visit, form, now, new))
    except BusyError as error:
        return await _form(visit, form, f"{error}.", 429)
    return visit.go("rules/impact", job=look.id)


async def stop(visit: Visit) -> Response:
    """Stop a look; what it has found so far stays."""
    form = await visit.form()
    look = visit.site.looks.get(form.get("job", ""))
    if look is None:
        raise HTTPException(404, "This look has been forgotten: begin another one.")
    look.is_stopping = True
    return visit.go("rules/impact", job=look.id)


def _look(visit: Visit) -> Look:
    look = visit.site.looks.get(visit.query["job"])
    if look is None:
        raise HTTPException(404, "This look has been forgotten, as all are after an hour: begin another one.")
    return look


async def _form(
    visit: Visit, filled: dict[str, str] | None = None, told: str = "", status: int = 200
) -> Response:
    asked, subject = filled or visit.query, None
    if asked.get("draft") or asked.get("version"):
        try:
            subject, _ = await _rules(visit, asked)
        except RulesError as error:
            return _with_problems(visit, asked, error)
    state = await visit.site.state()
    drafts = [] if subject else await visit.site.open_drafts()
    return visit.page(
        "impact_form.html.j2",
        status,
        subject=subject,
        filled=asked,
        drafts=drafts[:MOST_OFFERED],
        told=told,
        versions=[each for each in state.versions[::-1] if each != state.version][:MOST_OFFERED],
        looks=visit.site.looks.latest(),
        usual=PAGES,
        most=MOST_PAGES,
    )


def _with_problems(visit: Visit, asked: dict[str, str], error: RulesError) -> Response:
    return visit.page("impact_problems.html.j2", 400, problems=error.problems, draft=asked.get("draft", ""))


async def _rules(visit: Visit, asked: dict[str, str]) -> tuple[Subject, Site]:
    """The rules that are asked for. Raises RulesError for a draft with problems, UsageError for none."""
    which = Asked(version=asked.get("version", ""), draft=asked.get("draft", ""))
    if not which.draft and not which.version:
        raise UsageError("which rules? choose a draft or a version")
    rules = await rules_asked(visit.site, which)
    if not which.draft:
        return Subject(f"Version {which.version[:8]}", {"version": which.version}), rules
    draft = await visit.site.drafts.get(which.draft)
    title = f"The draft that {draft.by} began" + (f": {draft.note}" if draft.note else "")
    return Subject(title, {"draft": draft.id}), rules


def _pages(visit: Visit, form: dict[str, str], now: Site, new: Site) -> Sample | Choose:
    """The pages that were pasted, or else what chooses some."""
    pages, pasted = visit.site.pages, form.get("list", "").strip()
    if pasted:
        return listed(pasted, pages)
    return lambda: sampled(
        now,
        pages,
        _count(form.get("pages", "")),
        may_change=lambda url: now.may_compose(url) or new.may_compose(url),
    )


def _count(written: str) -> int:
    return min(max(int(written), 1), MOST_PAGES) if written.isdecimal() and len(written) < 6 else PAGES


def _found(visit: Visit, look: Look) -> dict[str, Any]:
    """What a template shows of a look."""
    now = visit.site.clock()
    shown: dict[str, Any] = {"percent": look.percent, "seconds_left": look.seconds_left(now)}
    if look.ended is None:
        return shown
    asked = visit.query
    device = asked.get("device", look.device)
    device = device if device in DEVICES else look.device
    order = next((each for each in ORDERS if each == asked.get("order")), ORDERS[0])
    most = _count(asked.get("show", str(FIRST)))
    worst = worst_first(look.pages, order)
    untouched = left(look.pages, device)
    return shown | {
        "device": device,
        "order": order,
        "orders": _ORDER_WORDS,
        "totals": {each: totals([page.changes[each] for page in look.pages]) for each in DEVICES},
        "changed": len(worst),
        "faults": sum(page.is_fault for page in look.pages),
        "left": [(_why(reason), *counts) for reason, counts in untouched.items()],
        "leaves_other": any(before != after for before, after in untouched.values()),
        "worst": [_shown(visit, look, page, device) for page in worst[:most]],
        "more": len(worst) - most,
        "patterns": Markup(PATTERNS),  # noqa: S704 - a constant
        "costs": [] if look.prices is None else [each for each in look.prices.costs if each.binds],
        "bounds": 0 if look.prices is None else len(look.prices.costs),
        "looked_at": _by_section(look),
        "seconds": round(look.ended - look.began, 1),
        "counted": counted,
    }


def _why(reason: str) -> str:
    return UNTOUCHED.get(reason, _OWN_FAULT)


def _shown(visit: Visit, look: Look, page: PageImpact, device: str) -> dict[str, Any]:
    change = page.changes[device]
    sketched = page.pictures.get(device)
    return {
        "page": page,
        "change": change,
        "words": [(each.what, in_words(each)) for each in change.changes],
        "sides": [
            (name, None if side.untouched is None else _why(side.untouched), side)
            for name, side in (("before", change.before), ("after", change.after))
        ],
        # Both are drawn by us, and every name in them is escaped there.
        "pictures": [Markup(each) for each in pair(*sketched)] if sketched else [],  # noqa: S704
        "preview": visit.address("preview", url=page.url, device=device, **look.subject.asked),
        "why": visit.address("why", url=page.url, device=device, **look.subject.asked),
        "path": urlsplit(page.url).path or "/",
    }


def _by_section(look: Look) -> list[tuple[str, list[str]]]:
    """The pages that were looked at, by their sections."""
    sections: dict[str, list[str]] = {}
    missing = {url for url, _ in look.missing}
    for each in look.asked:
        if each.url not in missing:
            sections.setdefault(each.section or "no section", []).append(each.url)
    return sorted(sections.items())


WAYS: Final = (
    get("rules/impact", show),
    get("rules/impact/part", show_part),
    post("rules/impact", begin, "editor"),
    post("rules/impact/stop", stop, "editor"),
)
