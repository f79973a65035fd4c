"""Where a middleware's rules come from, and what keeps them up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from newshole.cdn.named import named_caches
from newshole.errors import NewsholeError, UsageError
from newshole.live.board import Serving
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.cdn.targets import Target
    from newshole.live.desk import LiveDesk
    from newshole.live.health import Vitals

PUBLISHED: Final = "published"
"""The word for rules that are published, in the place of a file: alone, or with a name behind a colon."""

PACK: Final = "newspaper"
"""The pack that serves where no rules are named."""

_DEPTH = 100  # more middleware than anyone stacks, for an object may name itself as its app


class Live:
    """Rules and switches of a middleware, as its arguments name them. Raises UsageError where they do not
    go together."""

    def __init__(
        self,
        rules: str | Path | None,
        *,
        name: str | None,
        archive: str | None,
        watch: bool,
        switches: str | Path | None,
        state: str | Path | None,
    ) -> None:
        from newshole.live.ledger import NAME, known_name  # it reads rules, which takes YAML

        word, _, named = str(rules).partition(":")
        self.takes_published = word == PUBLISHED
        if self.takes_published and named and name not in (None, named):
            raise UsageError(f'rules="{rules}" and name="{name}" are two names: leave one out')
        self.name = known_name(name or (named if self.takes_published else "") or NAME)
        self.rules, self.archive, self.watch = rules or PACK, archive, watch and not self.takes_published
        self.switches = None if switches is None else Path(switches)
        self.state = state
        if self.takes_published and archive is None:
            raise UsageError('rules="published" needs redis= or archive=, where they are published')

    def desk(self, serving: Serving) -> LiveDesk | None:
        """What keeps the site of `serving` up to date; None where nothing can change. Made before its rules
        are loaded."""
        if self.archive is None and self.switches is None and not self.watch:
            return None
        from newshole.live.desk import LiveDesk  # many a worker has none

        desk = LiveDesk(serving)
        if self.watch:
            desk.watch(self.rules)
        return desk

    def site(self, app: ASGIApp) -> Site | NewsholeError:
        """The site to begin with, which has no rules where they are published; or see `load`."""
        return Site() if self.takes_published else load(app, self.rules)

    def begin(self, desk: LiveDesk, secret: bytes, look: Callable[[], Vitals]) -> None:
        """Take what is kept on disk and what the switch file says; all else follows in the background.
        `look` is at how the worker is, which it says to whoever asks."""
        if self.archive is not None:
            from newshole.live.disk import StateFile, state_folder
            from newshole.live.ledger import Ledger
            from newshole.store.archive import open_archive  # takes as long to import as all the rest

            ledger = Ledger(open_archive(self.archive), self.name, secret)
            folder = state_folder() if self.state is None else Path(self.state)
            file = StateFile(folder, self.name, self.archive, secret) if self.takes_published else None
            desk.follow(ledger, file, takes_rules=self.takes_published, look=look, caches=_caches())
        if self.switches is not None:
            desk.watch_switches(self.switches)


def _caches() -> tuple[Target, ...]:
    """The caches in front, which the environment names. Raises UsageError where one is wrong."""
    written = named_caches()
    if not written:
        return ()
    from newshole.cdn.targets import read_targets  # few workers have any

    return read_targets(written)


def load(app: ASGIApp, rules: str | Path) -> Site | NewsholeError:
    """The site of the rules, or what they failed with where raising it now would not stop the server.

    Starlette builds its middleware when the first event comes in. Servers take an exception then for an
    app without lifespan support, and would go on to answer every request with status 500.
    """
    try:
        return Site.load(rules)
    except NewsholeError as error:
        if not _is_built_late(app):
            raise
        return error


def _is_built_late(app: object) -> bool:
    """Whether `app` is part of the inside of a Starlette application, reached through middleware's `app`."""
    for _ in range(_DEPTH):
        if isinstance(app, ExceptionMiddleware):
            return True
        app = getattr(app, "app", None)
    return False
