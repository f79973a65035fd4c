"""What all of the console shares: its sites, who is signed in, and the templates."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newshole.console.site import ConsoleSite
from newshole.console.visit import Screen
from newshole.serving.settings import PREFIX, Console

HERE: Final = Path(__file__).parent

SESSION: Final = 12 * 3600.0
"""Seconds that somebody stays signed in."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, until a moment in seconds from 1970."""

    name: str
    csrf: str = field(repr=False)
    until: float


class Desk:
    """The console of some sites, with the `screens` of its menu. `prefix` is what the paths of all
    its addresses begin with."""

    def __init__(
        self,
        sites: Iterable[ConsoleSite],
        settings: Console,
        screens: Sequence[Screen],
        *,
        prefix: str = PREFIX,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.sites = {site.label: site for site in sites}
        self.settings, self.prefix, self.clock = settings, prefix, clock
        self.sessions: dict[str, Session] = {}
        self.screens = screens
        self.templates = _templates()

    def sign_in(self, name: str) -> tuple[str, Session]:
        """A session of somebody who has shown who they are, and its id."""
        session = Session(name, secrets.token_urlsafe(24), self.clock() + SESSION)
        identifier = secrets.token_urlsafe(24)
        self.sessions[identifier] = session
        return identifier, session

    def session(self, identifier: str) -> Session | None:
        """The session of an id; None where it has ended, or never was."""
        session = self.sessions.get(identifier)
        if session is not None and session.until <= self.clock():
            del self.sessions[identifier]
            return None
        return session

    def render(self, template: str, **shown: object) -> str:
        """A template with what it shows."""
        return self.templates.get_template(template).render(desk=self, **shown)


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    return environment


def _moment(at: float) -> str:
    """A moment as ISO 8601, for `<time>`; the browser's script shows it by its own clock."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
