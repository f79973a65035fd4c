"""All that can be wrong with settings before anything listens, found at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from newshole.errors import NewsholeError, Problem, RulesError, UsageError
from newshole.http.event_desk import UNSIGNED
from newshole.http.proxy.settings import read_networks
from newshole.http.rules import Live
from newshole.live.switch_file import read_switches
from newshole.serving.settings import Settings, SiteSettings
from newshole.serving.upstream import upstream_of
from newshole.site import Site
from newshole.store.url import read_url


class SettingsError(NewsholeError):
    """Settings that cannot be served by: `problems` of rules in their files, `mistakes` in words."""

    def __init__(self, problems: tuple[Problem, ...], mistakes: tuple[str, ...]) -> None:
        self.problems = problems
        self.mistakes = mistakes
        super().__init__("\n".join((*map(str, problems), *mistakes)))


def validate(settings: Settings) -> None:
    """Load every site's rules and read every address. Raises SettingsError with all that is wrong."""
    problems: set[Problem] = set()
    mistakes: list[str] = []
    for check in _checks(settings):
        try:
            check()
        except RulesError as error:
            problems.update(error.problems)
        except UsageError as error:
            mistakes += str(error).splitlines()
    if problems or mistakes:
        raise SettingsError(tuple(sorted(problems)), tuple(dict.fromkeys(mistakes)))


def _checks(settings: Settings) -> Iterator[Callable[[], object]]:
    for site in settings.sites:
        yield partial(upstream_of, site)
        yield partial(_check_rules, site, settings)
    yield partial(read_networks, settings.trusted)
    for redis in (settings.redis, settings.events_redis):
        if redis is not None:
            yield partial(read_url, redis)
    if settings.events is not None:
        yield partial(_check_events, Path(settings.events), settings.secret)
    if settings.library is not None:
        yield partial(_check_file, "library", Path(settings.library))
    if settings.journal is not None:
        yield partial(_check_file, "journal", Path(settings.journal))
    if settings.switches is not None:
        yield partial(read_switches, Path(settings.switches))


def _check_file(what: str, file: Path) -> None:
    """The file is made where it is not there, beside files that SQLite needs."""
    if file.is_dir() or not os.access(file.parent, os.W_OK):
        raise UsageError(f"no {what} can be kept in {file}: name a file in a folder that can be written to")


def _check_events(folder: Path, secret: str) -> None:
    """The folder is made with the first event."""
    if not secret:
        raise UsageError(UNSIGNED)
    place = folder if folder.exists() else folder.absolute().parent
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise UsageError(f"no events can be kept in {folder}: name a folder that can be written to")


def _check_rules(site: SiteSettings, settings: Settings) -> None:
    """Rules that are published were looked at by whoever published them."""
    live = Live(
        site.rules,
        name=site.name,
        archive=settings.archive or settings.redis,
        watch=False,
        switches=settings.switches,
        state=settings.state,
    )
    if not live.takes_published:
        Site.load(site.rules)
