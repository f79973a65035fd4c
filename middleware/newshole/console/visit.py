"""What a screen gets of a request, once its sender is known and may do it; and how screens say who may.

A screen is a module with a `SCREEN`: its name, its title, and its routes, each with the role that it needs.
No route is reached in another way, so none can forget to ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newshole.console.site import ConsoleSite
from newshole.console.zone import zone_of
from newshole.live.audit import Act
from newshole.live.ledger import Ledger
from newshole.serving.settings import ROLES, Role

if TYPE_CHECKING:
    from newshole.console.desk import Desk

MOST_FORM: Final = 8 * 1024 * 1024
"""Bytes of a form at most."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, with the role that they have on the site that they look at."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether they may do what needs a role."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person on a site; `csrf` is the token that their forms carry, `sites` are the
    labels of all that they have a role on."""

    request: Request
    desk: Desk
    site: ConsoleSite
    person: Person
    csrf: str
    sites: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """The fields of the address, the last of each name."""
        return dict(self.request.query_params)

    @property
    def zone(self) -> str:
        """The time zone whose clocks the screens go by: that of the rules in service."""
        return zone_of(self.site).key

    @property
    def ledger(self) -> Ledger:
        """The log of the site, in which what is done here is told as done by somebody with this role."""
        return self.site.ledger.of_role(self.person.role)

    async def form(self) -> dict[str, str]:
        """The fields of a form that was posted, the last of each name. Raises HTTPException where it is too
        large or no form."""
        return dict(await self.fields())

    async def fields(self) -> list[tuple[str, str]]:
        """Every field of a form, in order."""
        body = b""
        async for part in self.request.stream():
            body += part
            if len(body) > MOST_FORM:
                raise HTTPException(413, "The form is too large.")
        try:
            return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10_000)
        except ValueError as error:
            raise HTTPException(400, "The form cannot be read.") from error

    def address(self, path: str, **query: str) -> str:
        """The address of a screen of this site, such as "publish" or "rules/draft"."""
        asked = urlencode({key: value for key, value in query.items() if value})
        return f"{self.desk.prefix}/{self.site.label}/{path}" + (f"?{asked}" if asked else "")

    def page(self, template: str, status: int = 200, **shown: object) -> Response:
        """A page, or a part of one for htmx, from a template; it is kept nowhere."""
        html = self.desk.render(template, visit=self, site=self.site, person=self.person, **shown)
        return HTMLResponse(html, status)

    def go(self, path: str, **query: str) -> Response:
        """Send the browser to a screen, once something is done."""
        return RedirectResponse(self.address(path, **query), 303)

    async def note(self, what: str, *, on: str = "", why: str = "") -> None:
        """Put what this person does into the audit. Raises StoreError."""
        peer = self.desk.callers.peer(self.request)
        act = Act(self.site.clock(), self.person.name, what, on, why, self.person.role, "console", peer)
        await self.site.audit.note(act)


Show: TypeAlias = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Way:
    """One route of a screen: `path` below the site's, and the role that it needs."""

    method: str
    path: str
    show: Show
    role: Role


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: the first part of its paths, its title, what is done there in a sentence, and its ways in."""

    name: str
    title: str
    about: str
    ways: tuple[Way, ...]


def get(path: str, show: Show, role: Role = "viewer") -> Way:
    """A way to look at something, which changes nothing."""
    return Way("GET", path, show, role)


def post(path: str, do: Show, role: Role = "editor") -> Way:
    """A way to change something: it takes a CSRF token, too."""
    return Way("POST", path, do, role)
