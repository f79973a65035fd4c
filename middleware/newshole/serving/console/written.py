"""The console in the settings, as it is written below `console`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag

from newshole.http.proxy.settings import UNIX
from newshole.http.rules import PUBLISHED
from newshole.live.ledger import NAME
from newshole.rules.words import Link, OneOrSeveral, Several, Text, Word, matching, whole
from newshole.rules.written import Conflict, Written, expected, found_in, listed, meant_or_known, wrong
from newshole.serving.settings import CONSOLE_PORT, EVERY_SITE, PORT, Console, Identity, Role, User

Roles: TypeAlias = tuple[tuple[str, Role], ...]


def _form(written: object) -> str:
    return "(by site)" if isinstance(written, Mapping) else "(everywhere)"


def _hash(value: object) -> str:
    """A hash; what is none may be somebody's password, and is never shown."""
    from newshole.serving.console.passwords import is_hash  # argon2 is not loaded where no console is

    if not isinstance(value, str) or not is_hash(value):
        raise wrong("is no hash of a password: make one with newshole console password, and put it in quotes")
    return value


def _network(value: object) -> str:
    try:
        return UNIX if value == UNIX else str(ip_network(str(value)))
    except ValueError:
        raise expected("an address, a network such as 10.0.0.0/8, or unix") from None


Port = Annotated[int, whole(0, 65535, "a port from 0 to 65535")]
Hash = Annotated[str, Word(_hash, {})]
Network = Annotated[str, Word(_network, {})]
Header = Annotated[str, matching("[A-Za-z0-9-]+", "the name of a header, such as X-Forwarded-User")]
Public = Annotated[
    str,
    matching(
        r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?/?",
        "an address without a path, such as https://console.news.example",
    ),
]
RolesWritten = Annotated[
    Annotated[Role, Tag("(everywhere)")] | Annotated[dict[str, Role], Tag("(by site)")], Discriminator(_form)
]
"""A role on every site, or roles by the names of sites."""


class UserWritten(Written):
    """Somebody who signs in with a password."""

    name: Text
    password: Hash
    role: RolesWritten


class IdentityWritten(Written):
    """People whom a proxy in front signs in."""

    header: Header
    peers: OneOrSeveral[Network] = Field(alias="from")
    roles: dict[str, RolesWritten]


class ConsoleWritten(Written):
    """All that is said of the console."""

    host: Text | None = None
    port: Port | None = None
    public: Public | None = None
    users: Several[UserWritten] | None = None
    identity: IdentityWritten | None = None
    sites: dict[str, Link] | None = None
    warehouse: Text | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        taken: dict[object, int] = {}
        for n, user in enumerate(found_in(written, "users")):
            name = user.get("name") if isinstance(user, Mapping) else None
            if name is not None and taken.setdefault(name, n) != n:
                yield Conflict(f"users[{taken[name]}] has this name already", ("users", n, "name"))


def console_of(written: ConsoleWritten, trusted: tuple[str, ...]) -> Console:
    """The console that is written, each setting with its default where it is not."""
    default, identity = Console(), written.identity
    return Console(
        host=written.host or default.host,
        port=CONSOLE_PORT if written.port is None else written.port,
        public=written.public and written.public.rstrip("/"),
        users=tuple(User(each.name, each.password, _roles(each.role)) for each in written.users or ()),
        identity=None if identity is None else _identity(identity),
        homes=tuple((written.sites or {}).items()),
        trusted=trusted,
        warehouse=written.warehouse,
    )


def console_conflicts(written: Mapping[str, object]) -> Iterator[Conflict]:
    """What the console says that does not go with the rest of the settings."""
    console = written.get("console")
    if not isinstance(console, Mapping):
        return
    yield from _taken_ports(written, console)
    names = site_names(written)
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Conflict(f'needs a "name" of its own in the console, "{name}" is another one', ("sites", n))
    if names:
        yield from _unknown_sites(console, names)


def site_names(written: Mapping[str, object]) -> list[str]:
    """What the sites that are written are known by in the console; none where the command line names one."""
    sites = found_in(written, "sites") or ([written] if "upstream" in written else [])
    return [_name_of(site) for site in sites if isinstance(site, Mapping)]


def _name_of(site: Mapping[object, object]) -> str:
    word, _, named = str(site.get("rules", "")).partition(":")
    return str(site.get("name") or (named if word == PUBLISHED else "") or NAME)


def _taken_ports(written: Mapping[str, object], console: Mapping[object, object]) -> Iterator[Conflict]:
    usual_host = Console().host
    host, port = console.get("host", usual_host), console.get("port", CONSOLE_PORT)
    others = (
        ("port", PORT, "host", "unix" not in written),
        ("admin_port", None, "admin_host", "admin_port" in written),
    )
    for key, usual, at, is_open in others:
        if is_open and port == written.get(key, usual) != 0 and host == written.get(at, usual_host):
            where = ("console", "port") if "port" in console else ("console", "[key]")
            yield Conflict(f'the console would listen where "{key}" does, on {port}', where)


def _unknown_sites(console: Mapping[object, object], names: list[str]) -> Iterator[Conflict]:
    """Roles and addresses of sites that are not there."""
    users, identity = console.get("users"), console.get("identity")
    roles: list[tuple[tuple[str | int, ...], object]] = [
        (("users", n, "role"), user.get("role"))
        for n, user in enumerate(users if isinstance(users, list) else ())
        if isinstance(user, Mapping)
    ]
    told = identity.get("roles") if isinstance(identity, Mapping) else None
    roles += [(("identity", "roles", who), given) for who, given in _items(told)]
    tables = [*roles, (("sites",), console.get("sites"))]
    for place, table in tables:
        for site, _ in _items(table):
            if site not in (*names, EVERY_SITE):
                sentence = f"no site has this name{meant_or_known(site, names)}"
                yield Conflict(sentence, ("console", *place, site, "[key]"))


def _items(table: object) -> list[tuple[str, object]]:
    return [(str(key), value) for key, value in table.items()] if isinstance(table, Mapping) else []


def _identity(written: IdentityWritten) -> Identity:
    roles = tuple((who, _roles(given)) for who, given in written.roles.items())
    return Identity(written.header.lower(), listed(written.peers), roles)


def _roles(written: Role | dict[str, Role]) -> Roles:
    return tuple(written.items()) if isinstance(written, dict) else ((EVERY_SITE, written),)
