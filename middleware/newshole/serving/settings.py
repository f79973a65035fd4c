"""What is served, where, and within which limits: one record, read once and sent to every worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from pydantic import TypeAdapter

from newshole.cache.budget import PLAN_BUDGET, PLAN_QUEUE
from newshole.http.gate import FLUSH_AFTER, MAX_HOLD
from newshole.page.prescan import MAX_PAGE

PORT: Final = 8000
CONSOLE_PORT: Final = 8002
PREFIX: Final = "/_newshole"
RULES: Final = "newspaper"
ANSWER_TIMEOUT: Final = 60


Log: TypeAlias = Literal["off", "json", "text"]


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """One site: where its own software is, by which rules it is composed, and the hosts that are its own.

    `hosts` are names and patterns such as `*.news.example`; none stands for every host that no other site
    names. `name` is the one that rules are published and switches are kept under, None for the usual one.
    With `own_host` the site's software is asked by its own host, not the public one; `ca` is a file of
    certificates that it is checked with over https, None for the system's. In `shadow` its pages leave as it
    sent them.
    """

    upstream: str
    rules: str = RULES
    hosts: tuple[str, ...] = ()
    name: str | None = None
    own_host: bool = False
    ca: str | None = None
    shadow: bool = False

    @property
    def label(self) -> str:
        """What the site is called in metrics: its name, else its first host."""
        return self.name or (self.hosts[0] if self.hosts else "every host")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the parent listens: on `host` and `port`, or at the path `unix`; a port of 0 is any free one.

    `admin_port` is None where nothing is to be told of the whole.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    unix: str | None = None
    admin_host: str = "127.0.0.1"
    admin_port: int | None = None


Role: TypeAlias = Literal["viewer", "editor", "publisher"]

ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "publisher")
"""What people may do in the console, each with all that those before it may: look; change drafts and ask for
more; change what readers get."""

EVERY_SITE: Final = "*"
"""In the place of a site's label: a role on all of them."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in with a password, of which the argon2 hash is known; "" is no password's. `roles`
    are theirs by the labels of sites."""

    name: str
    password: str = field(repr=False)
    roles: tuple[tuple[str, Role], ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """People whom a proxy in front has signed in: it tells them in a `header`, and is believed where it comes
    from one of `peers`, networks or `unix`. `roles` are by who they are, then by the labels of sites; "*" is
    whoever has none of their own."""

    header: str
    peers: tuple[str, ...]
    roles: tuple[tuple[str, tuple[tuple[str, Role], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Console:
    """The console: where it listens, the `public` address that it is opened at where that is another one, and
    who may sign in. `homes` are the addresses that readers find sites at, by their labels; `trusted` are the
    networks, or `unix`, of proxies in front whose word on people's addresses is taken. `warehouse` is the
    file or folder that the sink of events writes, which reports of experiments are read from."""

    host: str = "127.0.0.1"
    port: int = CONSOLE_PORT
    public: str | None = None
    users: tuple[User, ...] = ()
    identity: Identity | None = None
    homes: tuple[tuple[str, str], ...] = ()
    trusted: tuple[str, ...] = ()
    warehouse: str | None = None

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by https alone."""
        return (self.public or "").startswith("https://")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one worker: times in seconds, `head_bytes` in bytes.

    `grace` is for requests in flight at the end, `head` for a request's head to come whole, `idle` for the
    next request on a connection. `connections` counts those of clients, and is None for what the open files
    that the system allows leave room for; `requests` counts those being answered at once. A worker that
    answers nothing for `silence` is taken for one that hangs.
    """

    grace: int = 30
    head: int = 10
    idle: int = 75
    head_bytes: int = 64 * 1024
    connections: int | None = None
    requests: int = 1000
    silence: int = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """All that `newshole serve` is told; `prefix` is None where workers answer nothing of their own.

    `trusted` are the networks, or `unix`, of proxies in front whose word on a reader's address is taken.
    `archive` is a file that takes the place of Redis for what is published and switched off.
    `library` is a file that learned stories are kept in; without it they are kept in Redis, if there is one.
    `journal` is a file that keeps what readers got when.
    `events` is a folder for the events of experiments, which go on into the Redis at `events_redis`, or at
    `redis`; browsers send them to `events_path`, None for the usual one.
    `switches` is a switch file, `state` the folder that published rules are kept in, None for the usual one.
    `answer_timeout` is how long the site's software may be silent, in seconds, `max_body` the largest body of
    a request, None for any, and `max_page` the largest page that is composed, in bytes; `max_hold`,
    `flush_after`, `plan_budget` and `plan_queue` are those of `Newshole`. With `uncompressed`
    pages are asked for without content codings. `page_cache` says whether pages are kept that the site lets
    shared caches keep; `login_cookies` are names beside the usual ones that tell who is signed in,
    `ignored_parameters` those of addresses that make no other page. `surrogate` names the headers that carry
    tags for a cache in front; `log` is the form of a line for each request, and `log_ip` says whether it
    tells the reader's address. `secret` and those of Redis may hold passwords, and are shown nowhere.
    """

    sites: tuple[SiteSettings, ...]
    listening: Listening = Listening()
    limits: Limits = Limits()
    workers: int = 1
    trusted: tuple[str, ...] = ()
    archive: str | None = None
    library: str | None = None
    journal: str | None = None
    switches: str | None = None
    state: str | None = None
    answer_timeout: int = ANSWER_TIMEOUT
    max_body: int | None = None
    max_page: int = MAX_PAGE
    max_hold: float = MAX_HOLD
    flush_after: float | None = FLUSH_AFTER
    plan_budget: float | None = PLAN_BUDGET
    plan_queue: int = PLAN_QUEUE
    uncompressed: bool = False
    page_cache: bool = False
    login_cookies: tuple[str, ...] = ()
    ignored_parameters: tuple[str, ...] = ()
    surrogate: tuple[str, ...] = ()
    log: Log = "off"
    log_ip: bool = False
    events: str | None = None
    events_path: str | None = None
    events_redis: str | None = field(default=None, repr=False)
    redis: str | None = field(default=None, repr=False)
    secret: str = field(default="", repr=False)
    prefix: str | None = PREFIX
    console: Console | None = None


@lru_cache(maxsize=1)
def _json() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


def to_json(settings: Settings) -> str:
    """The settings in one line, for a worker."""
    return _json().dump_json(settings).decode()


def from_json(line: bytes) -> Settings:
    """The settings that `to_json` wrote."""
    return _json().validate_json(line)
