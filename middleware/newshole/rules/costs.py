"""What rules cost outside of newshole: what a page varies by in a cache, when it changes by itself, and what
the ad server has to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from newshole.rules.experiments import FACT_OF_UNIT, Experiment
from newshole.rules.facts import TIME_FACTS
from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Rules
from newshole.rules.targeting import Condition, leaves
from newshole.rules.telling import BY_ITSELF, Telling, headers_of

_ARMS: Final = frozenset(FACT_OF_UNIT.values())
_TAKE_KEYS: Final = ("gpt", "prebid", "amp")
_VERSIONS = {
    "device": "2 versions of each page",
    "bot": "2 versions of each page",
    "logged_in": "2 versions of each page, where it has two values",
}


def costs(rules: Rules) -> list[str]:
    """A line for everything that a page varies by, and one for the times at which it changes."""
    used = {each.label: each for each in leaves(rules.conditions) if each.fact not in _ARMS}
    lines = [line for each in used.values() if (line := _of_reader(each, rules)) or (line := _of_url(each))]
    lines += [f"experiment {each.name}: {_of_experiment(each, rules.telling)}" for each in rules.experiments]
    changes = dict.fromkeys(_time(each, rules) for each in leaves(rules.conditions) if _is_time(each))
    return [*lines, *([f"changes with time: {', '.join(changes)}"] if changes else [])]


def reminders(rules: Rules) -> list[str]:
    """A line where sensitive stories are told to an ad server, which has to know what to do with that."""
    blocks = dict.fromkeys(_flagged(rules)) if _flags_ads(rules) else ()
    if not blocks:
        return []
    return [f"sensitivity flags ads with sens=t: the ad server must act on it, for {', '.join(blocks)}"]


def _flags_ads(rules: Rules) -> bool:
    """Whether a level that some story can have leaves ads there and flags them."""
    policy = rules.sensitivity
    if policy is None:
        return False
    levels = {sign.level for sign in policy.signs}
    levels |= {level for word in policy.overrides for level in word.values.values()}
    effects = [effect for level, effect in policy.effects.items() if level in levels]
    return any(effect.ads == "flag" and "ad" not in effect.remove for effect in effects)


def _flagged(rules: Rules) -> Iterator[str]:
    """The ads that an ad server fills, by the rules as they are or under an override."""
    for block in rules.blocks:
        changes = (override.blocks.get(block.id) for override in rules.overrides)
        served = [change.options.get("serve") for change in changes if change is not None]
        if isinstance(block.options, Ad):
            served.append(block.options.serve)
        if any(serve is not None and serve.server in _TAKE_KEYS for serve in served):
            yield block.id


def _is_time(condition: Condition) -> bool:
    return condition.fact in TIME_FACTS and condition.written not in ("present", "none")


def _time(condition: Condition, rules: Rules) -> str:
    if condition.fact == "published":
        return f"published {condition.written}"
    return f"{condition.written} ({rules.timezone})"


def _of_url(condition: Condition) -> str:
    if condition.fact != "query":
        return ""
    return f"varies by {condition.label}: it is part of the address, so a CDN must keep it in its key"


def _of_reader(condition: Condition, rules: Rules) -> str:
    fact, told = condition.fact, rules.telling
    if fact not in told.facts:
        return ""
    headers = tuple(headers_of(condition, told))
    if fact == "cookie" and not headers:
        asked = f"vary: {{cookie: {{{condition.name}: HEADER}}}}"
        return f"{condition.label}: not cacheable at a CDN without an edge header: say {asked}"
    if fact == "consent" and told.consent is not None and fact in told.cookies:
        return (
            f"consent (cookie {told.cookies[fact]}): not cacheable at a CDN without an edge header: "
            "say consent: {mode: server, header: HEADER}; in the browser it costs nothing"
        )
    if fact in told.cookies:
        return (
            f"{fact} (cookie {told.cookies[fact]}): not cacheable at a CDN without an edge header: "
            f"say vary: {{{fact}: HEADER}}"
        )
    if not headers:
        return f"{fact}: nothing tells it in front of a site: say vary: {{{fact}: HEADER}}"
    return f"varies by {condition.label} ({', '.join(headers)}): {_versions(fact, headers)}"


def _of_experiment(experiment: Experiment, told: Telling) -> str:
    """What an experiment costs; an arm of a page costs nothing, for its address is in every key."""
    if experiment.unit == "page":
        return "assigned by page, which costs nothing"
    fact, each = ("arms", "set of arms") if experiment.unit == "edge" else ("id", "reader")
    if fact in told.cookies:
        return f"by the cookie {told.cookies[fact]}: not cacheable at a CDN; with unit: edge it is"
    if fact in told.headers:
        return f"varies by {told.headers[fact]}: a version of each page for every {each}"
    return f"nothing tells its arms, so nobody takes part: say vary: {{{fact}: HEADER}}"


def _versions(fact: str, headers: tuple[str, ...]) -> str:
    if headers == BY_ITSELF.get(fact):
        every = "a version of each page for every value, and there are very many"
        return every if fact == "referrer" else f"{every}: say vary: {{{fact}: HEADER}}"
    return _VERSIONS.get(fact, "a version of each page for every value")
