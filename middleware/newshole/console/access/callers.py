"""Who asks: somebody with a session, or whom a proxy in front has signed in."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.requests import Request

from newshole.experiments.events.rates import Rate, Rates
from newshole.http.proxy.peers import Trust, is_trusted, reader_of
from newshole.http.proxy.settings import read_networks
from newshole.serving.settings import EVERY_SITE, ROLES, Console, Identity, Role

log = logging.getLogger("newshole")

Roles: TypeAlias = tuple[tuple[str, Role], ...]
"""Roles by the labels of sites."""

EVERYBODY: Final = "*"
"""In the place of a name: whoever has no roles of their own."""

LONGEST: Final = 200
"""Characters of the longest name."""

_TOLD: Final = Rate(3, 1 / 3600)
"""How often it is told that somebody calls themselves a name without being believed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody known, with their roles."""

    name: str
    roles: Roles

    def role_on(self, label: str) -> Role | None:
        """The highest role that they have on a site, None for none."""
        given = [role for site, role in self.roles if site in (label, EVERY_SITE)]
        return max(given, key=ROLES.index, default=None)


class Callers:
    """Who may call, by the settings."""

    def __init__(self, settings: Console) -> None:
        self.settings = settings
        self.trust = Trust(*read_networks(settings.trusted))
        self.believed = Trust(*read_networks(settings.identity.peers if settings.identity else ()))
        self._told = Rates(_TOLD, time.monotonic)

    def peer(self, request: Request) -> str:
        """The address that somebody comes from, by the word of trusted proxies."""
        forwarded = ", ".join(request.headers.getlist("x-forwarded-for"))
        return reader_of(request.scope, forwarded, self.trust)

    def of_settings(self, name: str) -> Caller:
        """Somebody who signs in here."""
        roles = (user.roles for user in self.settings.users if user.name == name)
        return Caller(name, next(roles, ()))

    def of_proxy(self, request: Request) -> Caller | None:
        """Somebody whom a proxy in front has signed in; None where it names nobody, or is not believed."""
        identity = self.settings.identity
        if identity is None:
            return None
        said = request.headers.getlist(identity.header)
        if not said:
            return None
        address = request.client.host if request.client else ""
        if not is_trusted(address, self.believed):
            self._tell(address, identity)
            return None
        name = _text(said[0])
        if len(said) > 1 or not name or len(name) > LONGEST or not name.isprintable():
            return None
        return Caller(name, roles_of(identity, name))

    def _tell(self, address: str, identity: Identity) -> None:
        if self._told.take(address):
            log.warning(
                "%s sends %s, and is none of console.identity.from: it is not believed",
                address or "a unix socket",
                identity.header,
            )


def _text(value: str) -> str:
    """A header's value as proxies write it: in UTF-8, which Starlette reads as latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.strip()


def roles_of(identity: Identity, name: str) -> Roles:
    """The roles of somebody whom the proxy names."""
    table = dict(identity.roles)
    return table.get(name, table.get(EVERYBODY, ()))
