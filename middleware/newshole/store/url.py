"""The addresses of Redis that an operator writes.

    redis://[[user]:password@]host[:port][/db]                        rediss:// with TLS
    unix://[[user]:password@]/path/of/socket[?db=0]
    redis+sentinel://[[user]:password@]host[:port],…/service[/db]     rediss+sentinel:// with TLS
    redis+cluster://[[user]:password@]host[:port],…                   rediss+cluster:// with TLS

`valkey` may be written for `redis`. What is wrong is told without a word of the address but option names: any
part of it may be a password that was not percent-encoded.
"""

from __future__ import annotations

import difflib
import ssl
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from newshole.errors import UsageError

Kind: TypeAlias = Literal["redis", "unix", "sentinel", "cluster"]
Host: TypeAlias = tuple[str, int]

SCHEMES: Final = (
    "redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster",
)  # fmt: skip
TLS_OPTIONS: Final = frozenset(
    ["ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_cert_reqs"]
) | {"ssl_check_hostname"}
SENTINEL_OPTIONS: Final = frozenset(["sentinel_username", "sentinel_password"])
OPTIONS: Final = frozenset(["db", "max_connections"])

TURN: Final = 0.015
"""Seconds that a request may wait for a connection where all are in use."""

CONNECTIONS: Final = 16
"""Connections to one server that a process holds at most, where the address does not say."""

PATIENCE: Final = 0.05
"""Seconds for one step of a command that a request may wait for: connecting, writing, reading."""

_SWITCH: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password, each None where there is none."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where Redis is: `hosts` of a server, of sentinels or of nodes, or the `path` of a socket.

    `service` is the name by which sentinels know the master, `connections` the most to one server, `patience`
    the seconds for one step of a command, `turn` those to wait for a connection where all are in use.
    """

    kind: Kind
    hosts: tuple[Host, ...] = ()
    path: str = ""
    service: str = ""
    db: int = 0
    connections: int = CONNECTIONS
    login: Login = Login()
    sentinel_login: Login = Login()
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    patience: float = PATIENCE
    turn: float = TURN


def read_url(url: str) -> Place:
    """The place that an address names. Raises UsageError, in one line that repeats no secret."""
    try:
        split = urlsplit(url)
    except ValueError:
        raise _wrong("cannot be read") from None
    scheme = split.scheme.replace("valkey", "redis", 1)
    if scheme not in SCHEMES:
        raise _wrong(f"must begin with {', '.join(f'{each}://' for each in SCHEMES)}")
    if "@" in split.path + split.query or split.fragment:
        raise _wrong("is cut short by its password: write / ? # @ in it as %2F %3F %23 %40")
    secure = scheme.startswith("rediss")
    kind = cast("Kind", scheme.rpartition("+")[2].replace("rediss", "redis"))
    options = _options(split, kind, secure=secure)
    service, db = _service_and_db(split, kind, options)
    login, _, hosts = split.netloc.rpartition("@")
    username, _, password = login.partition(":")
    return Place(
        kind=kind,
        hosts=() if kind == "unix" else _hosts(hosts, kind),
        path=unquote(split.path) if kind == "unix" else "",
        service=service,
        db=db,
        connections=_number(options, "max_connections", CONNECTIONS, least=1),
        login=Login(unquote(username) or None, unquote(password) or None),
        sentinel_login=Login(options.get("sentinel_username"), options.get("sentinel_password")),
        tls=_tls(options) if secure else None,
    )


def _wrong(what: str) -> UsageError:
    return UsageError(f"the address of Redis {what} (as in redis://user:password@host:6379/0)")


def _options(split: SplitResult, kind: Kind, *, secure: bool) -> dict[str, str]:
    known = OPTIONS | (TLS_OPTIONS if secure else set()) | (SENTINEL_OPTIONS if kind == "sentinel" else set())
    options = dict(parse_qsl(split.query, keep_blank_values=True))
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            raise _wrong(f"has an option that is not known, {name}; {meant}")
    return options


def _service_and_db(split: SplitResult, kind: Kind, options: dict[str, str]) -> tuple[str, int]:
    parts = [unquote(part) for part in split.path.split("/") if part] if kind != "unix" else []
    service = parts.pop(0) if kind == "sentinel" and parts else ""
    if kind == "sentinel" and not service:
        raise _wrong("must name the sentinels' service after the hosts: redis+sentinel://host:26379/mymaster")
    if kind == "unix" and split.path in ("", "/"):
        raise _wrong("must have the path of a socket: unix:///run/redis.sock")
    if len(parts) > 1:
        raise _wrong("has more than the number of a database in its path")
    db = _number({"db": parts[0]} | options if parts else options, "db", 0, least=0)
    if kind == "cluster" and db:
        raise _wrong("names a database, and a cluster has database 0 alone")
    return service, db


def _number(options: dict[str, str], name: str, default: int, *, least: int) -> int:
    text = options.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise _wrong(f"must have a whole number of at least {least} as {name}")
    return int(text)


def _hosts(written: str, kind: Kind) -> tuple[Host, ...]:
    default = 26379 if kind == "sentinel" else 6379
    hosts = tuple(_host(part, default) for part in written.split(","))
    if len(hosts) > 1 and kind == "redis":
        raise _wrong("names several hosts; write redis+cluster:// or redis+sentinel://")
    return hosts


def _host(written: str, default: int) -> Host:
    try:
        split = urlsplit(f"//{written}")
        name, port = split.hostname, split.port
    except ValueError:
        raise _wrong("has a port that is no number from 1 to 65535") from None
    if not name or port == 0:
        raise _wrong("must name a host, and a port from 1 to 65535 where it is not the usual one")
    return name, default if port is None else port


def _tls(options: dict[str, str]) -> ssl.SSLContext:
    """What TLS trusts, read once: redis-py would read every authority again for each connection."""
    wanted = options.get("ssl_cert_reqs", "required")
    named = _SWITCH.get(options.get("ssl_check_hostname", "true").lower())
    if wanted not in ("required", "none") or named is None:
        raise _wrong("takes ssl_cert_reqs=required or none, and ssl_check_hostname=true or false")
    try:
        context = ssl.create_default_context(
            cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path")
        )
        if "ssl_certfile" in options:
            # An empty password where none is given, since OpenSSL would ask for one at the terminal.
            context.load_cert_chain(
                options["ssl_certfile"], options.get("ssl_keyfile"), options.get("ssl_password", "")
            )
    except OSError as error:
        raise _wrong(f"names certificates or a key that cannot be used: {error.strerror or error}") from error
    context.check_hostname = named and wanted == "required"
    if wanted == "none":
        context.verify_mode = ssl.CERT_NONE
    return context
