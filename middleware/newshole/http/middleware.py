"""`Newshole`, the ASGI middleware: a guard, a responder for each candidate, and an `await`."""

from __future__ import annotations

import logging
import time
from collections import Counter
from pathlib import Path

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.cache import PlanCache
from newshole.cache.tally import Tally
from newshole.errors import NewsholeError, UsageError
from newshole.http import guard
from newshole.http.fast import FastResponder
from newshole.http.fragments import FragmentResponder
from newshole.http.gate import FLUSH_AFTER, MAX_HOLD, Gate, Limits, as_bytes
from newshole.http.headers import muted
from newshole.http.heads import read_headers
from newshole.http.metrics import CONTENT_TYPE, exposition
from newshole.http.operators import HEADER, is_operator
from newshole.http.responder import Responder
from newshole.http.weather import WeatherDesk
from newshole.page.prescan import MAX_PAGE
from newshole.site import Site
from newshole.store import Guard

log = logging.getLogger("newshole")

_DEPTH = 100  # more middleware than anyone stacks, for an object may name itself as its app


class Newshole:
    """ASGI middleware that composes the article pages of `app` by `rules`: a file, a folder or a pack.

    `site` takes the place of `rules` where one is loaded already. `redis` is the URL of a Redis that workers
    share their plans in; without one each keeps its own. `secret` signs what is kept there and the tokens of
    operators. `metrics` is a path that answers Prometheus, on none unless it is given. Pages over `max_page`
    bytes, or not whole `max_hold` seconds after their first part, go out untouched; the head of one that is
    not whole after `flush_after` seconds goes ahead of the rest, unless that is None. With
    `ask_uncompressed` the app is asked for documents without content codings, for a front that compresses.
    `counts` has "composed" and every reason why something was not. Assign `site` to change the rules: a
    request in flight keeps those it began with.

    Raises RulesError with every problem, UsageError where there are no such rules. Inside a framework
    that builds its middleware late, the start of the server fails with them instead, or where no lifespan
    runs every request.
    """

    def __init__(
        self,
        app: ASGIApp,
        rules: str | Path | None = None,
        *,
        site: Site | None = None,
        redis: str | None = None,
        secret: str | bytes = b"",
        metrics: str | None = None,
        max_page: int = MAX_PAGE,
        max_hold: float = MAX_HOLD,
        ask_uncompressed: bool = False,
        flush_after: float | None = FLUSH_AFTER,
    ) -> None:
        if rules is not None and site is not None:
            raise UsageError("both rules and site are given: leave one out")
        self.app = app
        self.ask_uncompressed = ask_uncompressed
        self.limits = Limits(page=max_page, hold=max_hold, flush=flush_after)
        self.counts: Counter[str] = Counter()
        self.tally = Tally()
        self.metrics = metrics
        self.weather = WeatherDesk(self.counts)
        self.secret = secret.encode() if isinstance(secret, str) else secret
        self.store = None if redis is None else _connect(redis)
        found = _load(app, rules or "newspaper") if site is None else site
        self._gate = self._open(found, since=found.since) if isinstance(found, Site) else found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
            return
        if self.metrics is not None and scope["type"] == "http" and scope["path"] == self.metrics:
            await self.tell_metrics(send)
            return
        responder = self.admit(scope, send)
        if responder is None:
            await self.app(scope, receive, muted(send))
            return
        try:
            await self.app(responder.scope, receive, responder.take)
        except BaseException as error:
            await responder.break_off(error)
            raise
        if responder.is_open:
            await responder.finish()

    async def tell_metrics(self, send: Send) -> None:
        """Answer Prometheus."""
        body = exposition(self)
        headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    @property
    def site(self) -> Site:
        """The site in service. Raises what its rules failed with, where they did."""
        return self.plans.site

    @site.setter
    def site(self, site: Site) -> None:
        # A site may come back into service, long after it was loaded.
        self._gate = self._open(site, since=time.time())

    @property
    def plans(self) -> PlanCache:
        """The plans of the site in service. Raises what its rules failed with, where they did."""
        return self.gate.plans

    @property
    def gate(self) -> Gate:
        """The door of the site in service. Raises what its rules failed with, where they did."""
        if isinstance(self._gate, NewsholeError):
            raise self._gate.with_traceback(None)
        return self._gate

    def _open(self, site: Site, *, since: float) -> Gate:
        plans = PlanCache(site, self.store, secret=self.secret, tally=self.tally, since=since)
        return Gate(plans, self.limits, self.counts, uncompressed=self.ask_uncompressed)

    def admit(self, scope: Scope, send: Send) -> FastResponder | Responder | FragmentResponder | None:
        """A responder where the answer to this request may be a page to compose, or has to be told from
        one."""
        gate = self._gate
        if not isinstance(gate, Gate):
            raise gate.with_traceback(None)
        try:
            if self.weather.site is not gate.site or self.weather.task is not None:
                self.weather.attend(gate.site)
            headers = read_headers(scope["headers"])
            address = gate.plain(scope, headers)
            if address is None:
                scope, address = gate.other(scope, headers)
            if address.refusal is None:
                if "extensions" in scope:
                    scope = as_bytes(scope)
                if not (address.is_head or HEADER in headers or address.mapped):
                    return FastResponder(scope, headers, address, send, gate)
                return self.inform(Responder(scope, headers, address, send, gate))
            reason = address.refusal
            if reason == "fragment" and address.url and gate.plans.may_compose(address.url):
                self.counts[reason] += 1
                return FragmentResponder(scope, send)
        except Exception:
            log.exception("%s on %r", guard.REQUEST_FAULT, scope.get("path"))
            reason = guard.REQUEST_FAULT
        self.counts[reason] += 1
        return None

    def inform(self, responder: Responder) -> Responder:
        """A responder that tells an operator what becomes of the response."""
        written, now = responder.headers.get(HEADER, b""), responder.gate.plans.clock()
        responder.is_told = is_operator(written, self.secret, now)
        return responder

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app's lifespan, with the weather read from its startup to its shutdown."""
        if isinstance(self._gate, NewsholeError):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(self._gate)})
            return

        async def receive_first() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
            return message

        async def send_after(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.weather.attend(self.site)
            await send(message)

        try:
            await self.app(scope, receive_first, send_after)
        finally:
            await self.close()

    async def close(self) -> None:
        """End what runs in the background, and let go of the store's connections."""
        await self.weather.close()
        if self.store is not None:
            await self.store.close()


def _connect(redis: str) -> Guard:
    from newshole.store.redis import open_redis  # takes as long to import as all the rest

    return Guard(open_redis(redis))


def _load(app: ASGIApp, rules: str | Path) -> Site | NewsholeError:
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
