"""What all of the console shares: its sites, who is signed in, and the templates."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request

from newshole.console.access.callers import Caller, Callers
from newshole.console.access.form_tokens import FormTokens
from newshole.console.access.keys import OnceKey
from newshole.console.access.limits import SignInLimits
from newshole.console.access.passwords import Passwords
from newshole.console.access.sessions import LONGEST, Sessions
from newshole.console.site import ConsoleSite
from newshole.console.visit import Screen
from newshole.experiments.events.rates import Rate, Rates
from newshole.explaining.sentences import rule_in_words
from newshole.live.audit import Act
from newshole.serving.settings import PREFIX, Console

HERE: Final = Path(__file__).parent

COOKIE: Final = "newshole-session"

_SENTENCE: Final = re.compile("(?:a|an|no|nothing|only|several|somebody|the|there|these|this|too|what) ")
"""How what is told begins where it begins with no name, address or word of somebody's own."""

ARRIVAL: Final = Rate(1, 1 / LONGEST)
"""How often it is told that a proxy names somebody."""


class Desk:
    """The console of some sites, one at least, with the `screens` of its menu. `prefix` is what the paths of
    all its addresses begin with; whoever has the `key` comes in once without a password."""

    def __init__(
        self,
        sites: Iterable[ConsoleSite],
        settings: Console,
        screens: Sequence[Screen],
        *,
        prefix: str = PREFIX,
        key: OnceKey | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.sites = {site.label: site for site in sites}
        self.settings, self.screens, self.prefix, self.key, self.clock = settings, screens, prefix, key, clock
        first = next(iter(self.sites.values())).ledger
        self.sessions = Sessions(settings, first.archive, first.secret, clock=clock)
        self.callers, self.tokens = Callers(settings), FormTokens(first.archive, first.secret)
        self.passwords = Passwords(settings.users)
        self.limits = SignInLimits(clock=clock)
        self._arrivals = Rates(ARRIVAL, clock)
        self.templates = _templates()

    @property
    def cookie(self) -> str:
        """The name of the session's cookie: one with this prefix is taken from the host itself alone."""
        return f"__Host-{COOKIE}" if self.settings.is_secure else COOKIE

    @property
    def cookie_path(self) -> str:
        """The paths that browsers send it with."""
        return "/" if self.settings.is_secure else self.prefix

    @property
    def has_passwords(self) -> bool:
        """Whether anybody signs in with one."""
        return any(user.password for user in self.settings.users)

    @property
    def how_else(self) -> str:
        """What one does to come in where nobody has a password."""
        if self.key is not None:
            return "The demo prints a link where it is started. Open that: it signs you in, once."
        return "You are not signed in at the proxy in front of the console. Sign in there, and come again."

    async def caller(self, request: Request) -> Caller | None:
        """Who asks; None where nobody knows. Raises StoreError."""
        told = self.callers.of_proxy(request)
        if told is not None:
            if self._arrivals.take(told.name):
                await self.note(request, told, "sign-in", "proxy")
            return told
        name = await self.sessions.find(request.cookies.get(self.cookie, ""))
        return None if name is None else self.callers.of_settings(name)

    async def note(self, request: Request, caller: Caller, what: str, why: str = "") -> None:
        """Put what somebody did at the door into the audit of each site that they have a role on. Raises
        StoreError."""
        for site in self.sites.values():
            role = caller.role_on(site.label)
            if role is not None:
                peer = self.callers.peer(request)
                await site.audit.note(Act(self.clock(), caller.name, what, "", why, role, "console", peer))

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
        # An upgrade beneath a running console changes none of its screens before it is started again.
        auto_reload=False,
    )
    environment.filters["moment"] = _moment
    environment.filters["rule"] = rule_in_words
    environment.filters["sentence"] = _sentence
    return environment


def _moment(at: float) -> str:
    """A moment as ISO 8601, for `<time>`; a script shows it by the newsroom's clocks."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _sentence(told: str) -> str:
    """What an error says, with a capital letter; names and addresses at its beginning stay as they are."""
    return told[0].upper() + told[1:] if _SENTENCE.match(told) else told
