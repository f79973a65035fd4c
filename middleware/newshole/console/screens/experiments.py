"""Experiments: what runs, what came of it, what arms change; how one is started, stopped and widened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.drafting.drafts import Draft, as_source
from newshole.console.experiments.arms import ArmOnPage, arms_on, drawn, lit
from newshole.console.experiments.readouts import Report, SlowError
from newshole.console.experiments.steering import STEPS, BreakError, Steered, steered
from newshole.console.experiments.trials import STATES, Trial, trials
from newshole.console.preview.recent import picks
from newshole.console.visit import Screen, Visit, get, post
from newshole.errors import NewsholeError, RulesError, UsageError
from newshole.live.source import load_site
from newshole.review.changes import in_words
from newshole.review.designs import began
from newshole.review.pictures import PATTERNS
from newshole.rules.continuity import broken_experiments
from newshole.rules.environment import Taken
from newshole.rules.ruleset import Rules
from newshole.types import DEVICES

_IMAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def _trials(visit: Visit) -> list[Trial]:
    return trials(visit.site.newshole.site.rules, datetime.fromtimestamp(visit.site.clock(), UTC))


def _named(visit: Visit, asked: Mapping[str, str]) -> Trial:
    name, rules = asked.get("name", ""), asked.get("in", "")
    for each in _trials(visit):
        if each.experiment.name == name and rules in ("", each.rules.name):
            return each
    raise HTTPException(404, f'There is no experiment "{name}" in the rules in service.')


async def show(visit: Visit) -> Response:
    """All experiments of the rules in service."""
    return visit.page(
        "experiments.html.j2",
        trials=_trials(visit),
        states=STATES,
        has_figures=visit.site.readouts.events is not None,
        holdouts=[each for each in visit.site.newshole.site.rules if each.holdout is not None],
    )


async def show_one(visit: Visit) -> Response:
    """One experiment: what it is, what has come of it, and what its arms change on a page."""
    return await _one(visit, _named(visit, visit.query), visit.query)


async def _one(
    visit: Visit, trial: Trial, asked: Mapping[str, str], *, status: int = 200, told: tuple[str, ...] = ()
) -> Response:
    url, device = asked.get("url", "").strip(), asked.get("device", "")
    device = device if device in DEVICES else DEVICES[0]
    arms, wrong = [], ""
    if url:
        try:
            arms = await arms_on(visit.site, trial.experiment, url, device)
        except UsageError as error:
            wrong = str(error)
    is_same = bool(arms) and not any(each.change and each.change.has_changed for each in arms)
    drafts = await _drafts(visit) if visit.person.may("editor") else []
    return visit.page(
        "experiment.html.j2",
        status,
        trial=trial,
        states=STATES,
        told=told,
        url=url,
        device=device,
        wrong=wrong,
        arms=[_arm(visit, *each) for each in zip(arms, drawn(arms), lit(arms), strict=False)],
        is_same=is_same,
        patterns=Markup(PATTERNS),  # noqa: S704 - a constant
        picks=() if url and not is_same else (await picks(visit.site))[:8],
        drafts=drafts,
        traffic=asked.get("traffic") or f"{trial.experiment.traffic * 100:g}",
        has_figures=visit.site.readouts.events is not None,
    )


async def _drafts(visit: Visit) -> list[Draft]:
    """The drafts that a step may go into: one's own, of what is in service."""
    state = await visit.site.state()
    digest = "" if state.version is None else state.version.digest
    drafts = await visit.site.open_drafts()
    return [each for each in drafts if (each.by, each.base) == (visit.person.name, digest)]


def _arm(visit: Visit, each: ArmOnPage, picture: str, where: tuple[str, int] | None) -> dict[str, Any]:
    change = each.change
    words = [] if change is None else [in_words(one) for one in change.changes]
    words += [] if change is None else [f"{block} shows other content" for block in change.redone]
    return {
        "arm": each.arm,
        "is_control": change is None,
        "words": words,
        "picture": Markup(picture),  # noqa: S704 - drawn by us, and every name in it is escaped there
        "lit": where,
        "frame": f"{visit.address('preview/frame')}?{each.asked.written()}",
        "preview": f"{visit.address('preview')}?{each.asked.written()}",
    }


async def show_report(visit: Visit) -> Response:
    """What has come of an experiment so far, as a part of its screen, or alone."""
    trial = _named(visit, visit.query)
    report, wrong = await _report(visit, trial)
    is_part = "hx-request" in visit.request.headers
    template = "experiment_report_part.html.j2" if is_part else "experiment_report.html.j2"
    return visit.page(template, trial=trial, wrong=wrong, **_told(report))


async def show_count(visit: Visit) -> Response:
    """How many take part so far, in a few words for the list."""
    report, wrong = await _report(visit, _named(visit, visit.query))
    return visit.page("experiment_count_part.html.j2", wrong=wrong, **_told(report))


async def show_picture(visit: Visit) -> Response:
    """A picture of a report, as a document of SVG without scripts."""
    report, wrong = await _report(visit, _named(visit, visit.query))
    picture = (report.pictures or {}).get(visit.query.get("which", "")) if report else None
    if picture is None:
        raise HTTPException(404, wrong or "There is no such picture.")
    headers = {"content-security-policy": _IMAGE_POLICY}
    return Response(picture, media_type="image/svg+xml", headers=headers)


async def _report(visit: Visit, trial: Trial) -> tuple[Report | None, str]:
    """The report, and else why there is none."""
    try:
        return await visit.site.readouts.of(trial.experiment, began([trial.rules], trial.experiment)), ""
    except SlowError as error:
        return None, f"{str(error)[0].upper()}{str(error)[1:]}."
    except UsageError:
        return None, "Nobody has met a difference between its arms yet, or what keeps events does not run."


def _told(report: Report | None) -> dict[str, Any]:
    """What a template shows of a report."""
    if report is None:
        return {"readout": None}
    from newshole.experiments.reporting.page import shown

    return shown(report.readout) | {"pictures": report.pictures}


async def steer(visit: Visit) -> Response:
    """Start, stop or widen an experiment, in a draft that goes to Publish."""
    form = await visit.form()
    trial = _named(visit, form)
    try:
        draft, note = await _into_draft(visit, trial, form)
    except RulesError as error:
        return await _one(visit, trial, form, status=400, told=tuple(map(str, error.problems)))
    except BreakError as error:
        return await _one(visit, trial, form, status=409, told=tuple(error.breaks))
    except NewsholeError as error:
        return await _one(visit, trial, form, status=400, told=(str(error),))
    await visit.note("draft", on=draft, why=note)
    return visit.go("publish", draft=draft, note=note)


async def _into_draft(visit: Visit, trial: Trial, form: Mapping[str, str]) -> tuple[str, str]:
    """The draft that the step was written into, and what to say of it. Raises NewsholeError."""
    site, name = visit.site, visit.person.name
    step = next((each for each in STEPS if each == form.get("step")), None)
    if step is None:
        raise UsageError("choose what to do: start, stop or change who takes part")
    state = await site.state()
    if state.version is None:
        raise UsageError("no rules are published yet: publish some first")
    own = await site.drafts.get(form["draft"]) if form.get("draft") else None
    if own is not None and own.by != name:
        raise UsageError(f"this is the draft of {own.by}: choose one of yours")
    source = as_source(own) if own else await site.ledger.source(state.version.digest)
    now = datetime.fromtimestamp(site.clock(), UTC)
    done = await site.turns.take(
        steered, source, trial.rules, trial.experiment, step, traffic=form.get("traffic", ""), now=now
    )
    await site.turns.take(_check, site.newshole.site.rules, done, await site.known())
    if own is not None:
        saved = await site.drafts.save(own.id, done.source.files, by=name, seen=own.revision, note=done.note)
        return saved.id, done.note
    return (await site.drafts.begin(name, done.source, state.version.digest, note=done.note)).id, done.note


def _check(before: tuple[Rules, ...], done: Steered, known: frozenset[Taken]) -> None:
    """Raises RulesError where rules are wrong, BreakError where they would break what runs."""
    breaks = broken_experiments(before, load_site(done.source, known).rules)
    if breaks:
        raise BreakError(breaks)


SCREEN: Final = Screen(
    "experiments",
    "Experiments",
    "What is tested, what has come of it, and what its arms change.",
    (
        get("experiments", show),
        get("experiments/one", show_one),
        get("experiments/report", show_report),
        get("experiments/count", show_count),
        get("experiments/picture", show_picture),
        post("experiments/steer", steer),
    ),
)
