"""A draft that is to be published: what is wrong with it, what it changes, and what it would break."""

from __future__ import annotations

from dataclasses import dataclass

from newshole.console.drafting.comparing import FileDiff, file_diffs
from newshole.console.drafting.drafts import Draft, as_source, draft_site
from newshole.console.site import ConsoleSite
from newshole.errors import Problem, RulesError, UsageError
from newshole.live.entries import State
from newshole.live.source import Source, SourceError
from newshole.rules.continuity import broken_experiments
from newshole.rules.environment import Taken
from newshole.site import Site


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft beside what is in service. `problems` keep it from being published, `broken` are the sentences
    on experiments that it would break, `is_behind` says that another version than its base is in service."""

    draft: Draft
    source: Source
    site: Site | None
    problems: tuple[Problem, ...]
    fault: str
    diffs: tuple[FileDiff, ...]
    broken: tuple[str, ...]
    is_behind: bool
    is_in_service: bool

    @property
    def is_right(self) -> bool:
        """Whether it can be published."""
        return self.site is not None


async def read_candidate(site: ConsoleSite, state: State, name: str) -> Candidate:
    """The newest revision of a draft. Raises UsageError where there is none, StoreError."""
    draft = await site.drafts.get(name)
    source = as_source(draft)
    made, problems, fault = await site.turns.take(_made, draft, await site.known())
    serves = state.version.digest if state.version is not None else ""
    old, old_site = await _in_service(site, serves)
    diffs = await site.turns.take(file_diffs, {} if old is None else old.files, source.files)
    broken = () if made is None or old_site is None else tuple(broken_experiments(old_site.rules, made.rules))
    return Candidate(
        draft,
        source,
        made,
        problems,
        fault,
        tuple(diffs),
        broken,
        is_behind=bool(serves) and draft.base != serves,
        is_in_service=source.digest == serves,
    )


async def _in_service(site: ConsoleSite, serves: str) -> tuple[Source | None, Site | None]:
    """What is in service; None where nothing is, or where it cannot be read here."""
    if not serves:
        return None, None
    try:
        source = await site.ledger.source(serves)
    except SourceError:
        return None, None
    try:
        return source, await site.version(serves)
    except (RulesError, UsageError, OSError):
        return source, None


def _made(draft: Draft, known: frozenset[Taken]) -> tuple[Site | None, tuple[Problem, ...], str]:
    try:
        return draft_site(draft, known), (), ""
    except RulesError as error:
        return None, tuple(error.problems), ""
    except (UsageError, SourceError, OSError) as error:
        return None, (), str(error)
