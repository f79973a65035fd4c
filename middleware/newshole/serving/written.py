"""The settings of `newshole serve` as they are written: in a YAML file, and over it on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from newshole.cache.budget import PLAN_BUDGET, PLAN_QUEUE
from newshole.errors import RulesError, UsageError
from newshole.http.gate import FLUSH_AFTER, MAX_HOLD
from newshole.http.rules import PUBLISHED
from newshole.page.prescan import MAX_PAGE
from newshole.rules.packs import find_pack
from newshole.rules.problems import judged, read_as
from newshole.rules.source import read_source
from newshole.rules.tree import Entry, Items, Mapped, Mark, Scalar, Told
from newshole.rules.words import Flag, Host, OneOrSeveral, Several, Text, Word, whole
from newshole.rules.written import Conflict, Written, expected, listed
from newshole.serving.console.written import ConsoleWritten, console_conflicts, console_of
from newshole.serving.settings import (
    ANSWER_TIMEOUT,
    PREFIX,
    RULES,
    Limits,
    Listening,
    Log,
    Settings,
    SiteSettings,
)
from newshole.serving.validation import SettingsError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

AUTO: Final = "auto"
"""As many workers as there are processors."""

MOST_WORKERS: Final = 256

NEVER: Final = "never"
"""Instead of seconds after which the head of a page goes ahead."""

ANY: Final = "any"
"""Instead of seconds that the plan of a page may take."""

MOST_MOMENTS: Final = 3600
"""Seconds that anything about one page may be bounded by."""

_PATH: Final = re.compile(r"/[\w/.~-]+")


def _workers(value: object) -> int:
    if value == AUTO:
        return processors()
    if type(value) is not int or not 1 <= value <= MOST_WORKERS:
        raise expected(f'a whole number from 1 to {MOST_WORKERS}, or "auto"')
    return value


def _moments(word: str | None, value: object) -> float | str:
    """Seconds and parts of them, or a word for no bound, where there is one."""
    if value == word and word is not None:
        return word
    if type(value) not in (int, float) or not 0 < value <= MOST_MOMENTS:  # type: ignore[operator]  # just looked at
        raise expected(
            f"a number of seconds over 0, {MOST_MOMENTS} at most" + (f', or "{word}"' if word else "")
        )
    return float(value)  # type: ignore[arg-type]  # the same


def _prefix(value: object) -> str:
    """A path, without a slash at its end; empty for none."""
    if not isinstance(value, str) or (value and not value.startswith("/")):
        raise expected('a path such as "/_newshole", or "" for none')
    return value.rstrip("/")


def _events_path(value: object) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        raise expected("a path such as /_newshole/events")
    return value


def processors() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0))


Port = Annotated[int, whole(0, 65535, "a port from 0 to 65535")]
Seconds = Annotated[int, whole(1, 86_400, "a number of seconds from 1 to 86400")]
Number = Annotated[int, whole(1, 1_000_000, "a whole number from 1 to 1000000")]
Bytes = Annotated[int, whole(1024, 1 << 40, "a number of bytes, 1024 at least")]
HeadBytes = Annotated[int, whole(1024, 1_048_576, "a number of bytes from 1024 to 1048576")]
Workers = Annotated[int, Word(_workers, {})]
Hold = Annotated[float, Word(partial(_moments, None), {})]
FlushAfter = Annotated[float | Literal["never"], Word(partial(_moments, NEVER), {})]
PlanBudget = Annotated[float | Literal["any"], Word(partial(_moments, ANY), {})]
Prefix = Annotated[str, Word(_prefix, {})]
EventsPath = Annotated[str, Word(_events_path, {})]


_NOWHERE: Final = Mark(Path(), 1, 1)
"""Where the command line and the environment stand."""

OF_A_SITE: Final = ("upstream", "rules", "name", "own_host", "ca")
"""What is said of each site where there are several."""


class SiteWritten(Written):
    """One of several sites."""

    upstream: Text
    rules: Text = RULES
    hosts: OneOrSeveral[Host] | None = None
    name: Text | None = None
    own_host: Flag | None = None
    ca: Text | None = None
    shadow: Flag | None = None


class ServeWritten(Written):
    """Everything that may be written; what is absent has its default."""

    upstream: Text | None = None
    rules: Text | None = None
    name: Text | None = None
    own_host: Flag | None = None
    ca: Text | None = None
    sites: Several[SiteWritten] | None = None
    host: Text | None = None
    port: Port | None = None
    unix: Text | None = None
    admin_host: Text | None = None
    admin_port: Port | None = None
    workers: Workers | None = None
    trusted: OneOrSeveral[Text] | None = None
    redis: Text | None = None
    archive: Text | None = None
    library: Text | None = None
    journal: Text | None = None
    shadow: Flag | None = None
    events: Text | None = None
    events_path: EventsPath | None = None
    events_redis: Text | None = None
    switches: Text | None = None
    state: Text | None = None
    answer_timeout: Seconds | None = None
    max_body: Bytes | None = None
    max_page: Bytes | None = None
    max_hold: Hold | None = None
    flush_after: FlushAfter | None = None
    plan_budget: PlanBudget | None = None
    plan_queue: Number | None = None
    uncompressed: Flag | None = None
    page_cache: Flag | None = None
    login_cookies: OneOrSeveral[Text] | None = None
    ignored_parameters: OneOrSeveral[Text] | None = None
    surrogate: OneOrSeveral[Literal["Surrogate-Key", "Cache-Tag"]] | None = None
    log: Log | None = None
    log_ip: Flag | None = None
    prefix: Prefix | None = None
    grace: Seconds | None = None
    head_timeout: Seconds | None = None
    idle_timeout: Seconds | None = None
    silence_timeout: Seconds | None = None
    head_bytes: HeadBytes | None = None
    connections: Number | None = None
    requests: Number | None = None
    console: ConsoleWritten | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        for key in OF_A_SITE:
            if key in written and "sites" in written:
                yield Conflict(f'"{key}" and "sites" do not go together; say it of each site', (key, "[key]"))
        if "unix" in written and ("host" in written or "port" in written):
            yield Conflict('"unix" goes with neither "host" nor "port"', ("unix", "[key]"))
        yield from _same_hosts(written)
        yield from console_conflicts(written)


def read_file(file: Path) -> ServeWritten:
    """The settings in a YAML file, paths in it taken from its folder.

    Raises RulesError with every problem, UsageError where the file cannot be read.
    """
    told = Told()
    try:
        tree = read_source(file, told)
    except OSError as error:
        raise UsageError(f"cannot read the settings in {file}: {error.strerror}") from error
    read = None if told else read_as(ServeWritten, tree or Mapped(_start(file), {}), told)
    if read is None:
        raise RulesError(told)
    return _beside(read, file.parent)


def settings_of(written: ServeWritten, *, secret: str = "") -> Settings:
    """The settings that are written, each with its default where it is not.

    Raises UsageError where no site is there to serve.
    """
    return Settings(
        sites=_sites(written),
        listening=_given(Listening(), written, "host", "port", "unix", "admin_host", "admin_port"),
        limits=_limits(written),
        workers=written.workers or 1,
        trusted=listed(written.trusted),
        redis=written.redis,
        archive=written.archive,
        library=written.library,
        journal=written.journal,
        events=written.events,
        events_path=written.events_path,
        events_redis=written.events_redis,
        switches=written.switches,
        state=written.state,
        answer_timeout=written.answer_timeout or ANSWER_TIMEOUT,
        max_body=written.max_body,
        max_page=written.max_page or MAX_PAGE,
        max_hold=written.max_hold or MAX_HOLD,
        flush_after=_bound(written.flush_after, FLUSH_AFTER),
        plan_budget=_bound(written.plan_budget, PLAN_BUDGET),
        plan_queue=written.plan_queue or PLAN_QUEUE,
        uncompressed=bool(written.uncompressed),
        page_cache=bool(written.page_cache),
        login_cookies=listed(written.login_cookies),
        ignored_parameters=listed(written.ignored_parameters),
        surrogate=listed(written.surrogate),
        log=written.log or "off",
        log_ip=bool(written.log_ip),
        secret=secret,
        prefix=(PREFIX if written.prefix is None else written.prefix) or None,
        console=None if written.console is None else console_of(written.console, listed(written.trusted)),
    )


def over(written: ServeWritten, given: Mapping[str, Any]) -> ServeWritten:
    """What is written, with what is given by the same keys on the command line over it.

    Raises SettingsError with everything that is no value of its key, and where something is given of one
    site, and several are written.
    """
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, value in given.items():
        read, wrong = judged(ServeWritten, _alone(key, value))
        mistakes += [f"--{key.replace('_', '-')}: {each.sentence}" for each in wrong]
        if read is not None:
            found[key] = getattr(read, key)
    if written.sites and given.keys() & OF_A_SITE:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in OF_A_SITE)
        mistakes.append(f"{options} are for one site, and the file has sites: say it there")
    if mistakes:
        raise SettingsError((), tuple(mistakes))
    return written.model_copy(update=found)


def _alone(key: str, value: Any) -> Mapped:  # noqa: ANN401 - whatever the command line gives
    """A tree with one key, as it would be read from a file."""
    items = [Scalar(_NOWHERE, each) for each in value] if isinstance(value, list | tuple) else None
    node = Scalar(_NOWHERE, value) if items is None else Items(_NOWHERE, tuple(items))
    return Mapped(_NOWHERE, {key: Entry(_NOWHERE, node)})


def _bound(written: float | str | None, default: float) -> float | None:
    """Seconds, or None where a word says that there is no bound."""
    if isinstance(written, str):
        return None
    return default if written is None else written


def _sites(written: ServeWritten) -> tuple[SiteSettings, ...]:
    if written.sites:
        sites = [each if each.shadow is not None else _shadowed(each, written) for each in written.sites]
        return tuple(_site(site, site.upstream, listed(site.hosts)) for site in sites)
    if written.upstream is None:
        raise UsageError("no upstream: say with --upstream where the site's own software answers")
    return (_site(written, written.upstream, ()),)


def _site(written: SiteWritten | ServeWritten, upstream: str, hosts: tuple[str, ...]) -> SiteSettings:
    rules, own_host = written.rules or RULES, bool(written.own_host)
    return SiteSettings(upstream, rules, hosts, written.name, own_host, written.ca, bool(written.shadow))


def _shadowed(site: SiteWritten, written: ServeWritten) -> SiteWritten:
    """A site that does not say itself whether it is in shadow mode."""
    return site.model_copy(update={"shadow": written.shadow})


def _limits(written: ServeWritten) -> Limits:
    limits = _given(Limits(), written, "grace", "head_bytes", "connections", "requests")
    return replace(
        limits,
        head=written.head_timeout or limits.head,
        idle=written.idle_timeout or limits.idle,
        silence=written.silence_timeout or limits.silence,
    )


def _given(default: R, written: ServeWritten, *keys: str) -> R:
    """A record with what is written over its defaults."""
    found = {key: value for key in keys if (value := getattr(written, key)) is not None}
    return replace(default, **found)


def _beside(written: ServeWritten, folder: Path) -> ServeWritten:
    """The same with its paths taken from a folder; packs and published rules have names, and no folder."""

    def placed(path: str | None) -> str | None:
        return None if path is None else str(folder / path)

    def found(rules: str | None) -> str | None:
        is_named = rules is None or find_pack(rules) or rules.partition(":")[0] == PUBLISHED
        return rules if is_named else placed(rules)

    sites = written.sites and tuple(
        site.model_copy(update={"rules": found(site.rules), "ca": placed(site.ca)}) for site in written.sites
    )
    named = ("unix", "archive", "library", "journal", "events", "switches", "state", "ca")
    paths = {key: placed(getattr(written, key)) for key in named}
    console = written.console and written.console.model_copy(
        update={"warehouse": placed(written.console.warehouse)}
    )
    return written.model_copy(
        update={"rules": found(written.rules), "sites": sites, "console": console, **paths}
    )


def _same_hosts(written: Mapping[str, object]) -> Iterator[Conflict]:
    """Hosts that two sites claim, and a second site for every host."""
    sites = written.get("sites")
    claimed: dict[object, int] = {}
    for n, site in enumerate(sites if isinstance(sites, list) else ()):
        hosts = _hosts_of(site)
        for host in hosts:
            if claimed.setdefault(host, n) != n:
                what = f'"{host}" is claimed by' if host else 'needs "hosts": every other host goes to'
                yield Conflict(f"{what} sites[{claimed[host]}] already", ("sites", n))


def _hosts_of(site: object) -> list[object]:
    """The hosts that a site names; one empty name where it has none."""
    hosts = site.get("hosts") if isinstance(site, Mapping) else None
    return list(hosts) if isinstance(hosts, list) else [hosts or ""]


def _start(file: Path) -> Mark:
    return Mark(file, 1, 1)
