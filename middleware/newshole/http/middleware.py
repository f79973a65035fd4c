"""`Newshole`, the ASGI middleware: a guard, a responder for each candidate, and an `await`."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from newshole.cache import PlanCache
from newshole.cache.budget import PLAN_BUDGET, PLAN_QUEUE, Budget
from newshole.cache.tally import Tally
from newshole.errors import NewsholeError, UsageError
from newshole.http import guard
from newshole.http.fast import FastResponder, ShortWay
from newshole.http.feeds import FeedDesk
from newshole.http.fragments import FragmentResponder
from newshole.http.gate import FLUSH_AFTER, MAX_HOLD, Address, Gate, Limits, as_bytes
from newshole.http.headers import muted
from newshole.http.heads import Headers, read_headers
from newshole.http.learning import LibraryDesk
from newshole.http.lifespan import follow_lifespan
from newshole.http.links.fields import MARK, NO_LINKS, Links, read_links
from newshole.http.measuring import PATH
from newshole.http.metrics import tell_metrics
from newshole.http.operators import HEADER
from newshole.http.overlaid import OverlayResponder
from newshole.http.resources import open_events, open_journal, open_ledger, open_store
from newshole.http.responder import Responder
from newshole.http.rules import Live
from newshole.http.shadow import Shadow, ShadowResponder
from newshole.http.trace import TRACE, Trace, TracedFastResponder, TracedResponder, open_tracer
from newshole.http.traffic_split import TrafficSplit
from newshole.http.weather import WeatherDesk
from newshole.live.staging.figures import Figures
from newshole.live.staging.stage import Stage
from newshole.page.prescan import MAX_PAGE
from newshole.site import Site
from newshole.store import GuardedStore

if TYPE_CHECKING:
    from newshole.live.desk import Status

log = logging.getLogger("newshole")

AnyResponder: TypeAlias = FastResponder | Responder | FragmentResponder | ShadowResponder

_PLAIN: Final = FastResponder, Responder
_TRACED: Final = TracedFastResponder, TracedResponder


class Newshole:
    """ASGI middleware that composes the article pages of `app` by `rules`: a file, a folder or a pack.

    `rules="published"` takes those that `newshole publish` puts into the Redis at `redis`, under a `name`
    ("site" where none is given). `site` takes the place of `rules` where one is loaded already. `redis` is
    the URL of a Redis that workers share their plans in, and through which operators switch things off;
    without one each keeps its own. `store` is the guarded one there that others use too. `archive` is a file
    that takes its place for what is published and switched off, on one machine. `watch` says whether files of
    rules are read again when they change, `switches` is a switch file, `state` the folder where the last
    published rules are kept for a start without Redis. `secret` signs what is in Redis, and the tokens of
    operators. `metrics` is a path that answers Prometheus, on none unless it is given. Pages over `max_page`
    bytes, or not whole `max_hold` seconds after their first part, go out untouched; the head of one that is
    not whole after `flush_after` seconds goes ahead of the rest, unless that is None. For the plan of a page
    over 256 KiB readers wait `plan_budget` seconds at most, and `plan_queue` of them are planned at a time,
    or wait for it; others go out untouched, and the plan is kept when it is there. With `ask_uncompressed`
    the app is asked for documents without content codings, for a front that compresses. `surrogate` names the
    headers that tell a cache in front its tags: "Surrogate-Key", "Cache-Tag" or both. `log` writes a line for
    every request, as "json" or "text" to standard output or, with "logging", to the handlers of the logger
    `newshole`; `log_ip` puts readers' addresses into them. `library` is a file that the stories learned from
    pages are kept in, for workers of one machine; without it they are kept in the Redis. `events` is a folder
    for what experiments need to know, whom they were shown to and what happened then: it needs a `secret`,
    browsers send to `events_path`, and what is written goes on into the Redis at `events_redis`, or `redis`,
    if there is one. With `shadow` every page leaves as the site sent it, and what would have become of it is
    worked out beside. `journal` is a file, or a folder for it, that keeps what readers of each address got
    when. `counts` has "composed" and every reason why something was not. Assign `site` to change the rules: a
    request in flight keeps those it began with.

    Raises RulesError with every problem, UsageError where there are no such rules. Inside a framework that
    builds its middleware late, the start of the server fails with them instead, or where no lifespan runs
    every request.
    """

    def __init__(
        self,
        app: ASGIApp,
        rules: str | Path | None = None,
        *,
        site: Site | None = None,
        redis: str | None = None,
        store: GuardedStore | None = None,
        archive: str | Path | None = None,
        secret: str | bytes = b"",
        metrics: str | None = None,
        max_page: int = MAX_PAGE,
        max_hold: float = MAX_HOLD,
        ask_uncompressed: bool = False,
        flush_after: float | None = FLUSH_AFTER,
        plan_budget: float | None = PLAN_BUDGET,
        plan_queue: int = PLAN_QUEUE,
        name: str | None = None,
        watch: bool = False,
        switches: str | Path | None = None,
        state: str | Path | None = None,
        surrogate: str | Iterable[str] = (),
        log: str = "off",
        log_ip: bool = False,
        library: str | Path | None = None,
        events: str | Path | None = None,
        events_path: str = PATH,
        events_redis: str | None = None,
        shadow: bool = False,
        journal: str | Path | None = None,
    ) -> None:
        if rules is not None and site is not None:
            raise UsageError("both rules and site are given: leave one out")
        kept = redis if archive is None else str(archive)
        live = Live(rules, name=name, archive=kept, watch=watch, switches=switches, state=state)
        self.app = app
        self.secret = secret.encode() if isinstance(secret, str) else secret
        self.shadow = Shadow() if shadow else None
        self.journal = open_journal(journal, redis, live.name, self.secret)
        self.ask_uncompressed = ask_uncompressed and not shadow
        self.budget = Budget(None if shadow else plan_budget, plan_queue)
        self.limits = Limits(page=max_page, hold=max_hold, flush=flush_after)
        self.counts: Counter[str] = Counter()
        self.tally = Tally()
        self.metrics = metrics
        self.weather = WeatherDesk(self.counts)
        self.events = open_events(events, events_path, events_redis or redis, self.secret)
        self.tracer = open_tracer(self.counts, () if shadow else surrogate, log, has_ip=log_ip)
        self.store = open_store(redis) if store is None else store
        ledger = open_ledger(library, redis, live.name, self.secret)
        self.library = LibraryDesk(self.counts, self.tally.stories, ledger)
        self.feeds = FeedDesk(self.counts, self.library)
        self._split: TrafficSplit | None = None
        self._short_way: ShortWay | None = None
        self.desk = live.desk(self)
        found = live.site(app) if site is None else site
        self._gate = self._open(found) if isinstance(found, Site) else found
        if self.desk is not None and isinstance(found, Site):
            from newshole.http.vitals import Look  # the ledger that vitals are told in reads rules

            live.begin(self.desk, self.secret, Look(self))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = self._short_way
        responder: AnyResponder | None = None if way is None else way.take(scope, send)
        if responder is None:
            responder = await self.meet(scope, receive, send)
            if responder is None:
                return
        try:
            await self.app(responder.scope, receive, responder.take)
        except BaseException as error:
            await responder.break_off(error)
            raise
        if responder.is_open:
            await responder.finish()

    async def meet(self, scope: Scope, receive: Receive, send: Send) -> AnyResponder | None:
        """A responder for any request; None where it is answered."""
        if scope["type"] == "lifespan":
            await follow_lifespan(self, scope, receive, send)
            return None
        if self.metrics is not None and scope["type"] == "http" and scope["path"] == self.metrics:
            await tell_metrics(self, send)
            return None
        if self.events is not None and scope["type"] == "http" and scope["path"] == self.events.path:
            await self.events.answer(scope, receive, send)
            return None
        if self.tracer is not None and scope["type"] == "http" and TRACE not in scope:
            await self.tracer.follow(self, scope, receive, send)
            return None
        links = NO_LINKS
        # Some servers have a query in a type of their own.
        query = scope.get("query_string")
        if isinstance(query, bytes) and MARK in query and scope["type"] == "http":
            links, scope = read_links(scope, self.secret, time.time())
        responder = self.admit(scope, send, links)
        if responder is None:
            await self.app(scope, receive, muted(send, self.counts) if self.shadow is None else send)
        return responder

    @property
    def site(self) -> Site:
        """The site in service. Raises what its rules failed with, where they did."""
        return self.plans.site

    @site.setter
    def site(self, site: Site) -> None:
        before = self._gate
        if isinstance(before, Gate):
            site.facts = replace(site.facts, switches=before.site.facts.switches)
            site.inherit(before.site, time.time())
        # A site may come back into service, long after it was loaded.
        site.since = time.time()
        gate = self._open(site)
        if isinstance(before, Gate):
            gate.plans.inherit(before.plans)
        split, self.stage = self._split, None
        if split is not None:
            gate.plans.inherit(split.new.plans)
        self._gate, self._short_way = gate, None
        log.info("the rules %s are in service", site.digest, extra={"event": "rules-swapped"})

    @property
    def stage(self) -> Stage | None:
        """What is staged beside the site in service."""
        return None if self._split is None else self._split.stage

    @stage.setter
    def stage(self, stage: Stage | None) -> None:
        before, self._split = self._split, None
        if stage is not None:
            is_same = before is not None and before.stage == replace(stage, share=before.stage.share)
            self._split = before if is_same else self._stage(stage)
        for split in filter(None, (before, self._split)):
            split.at(stage or split.stage, time.time())
        if self.events is not None:
            self.events.split = self._split
        if before is not None and before is not self._split:
            before.weather.stop()
        self._open_short_way()

    @property
    def figures(self) -> tuple[Figures, Figures] | None:
        """What was counted of the site in service and of the staged one, since that was staged."""
        return None if self._split is None else self._split.figures

    @property
    def is_ready(self) -> bool:
        """Whether there are rules to compose pages by."""
        return isinstance(self._gate, Gate) and bool(self._gate.site.rules)

    @property
    def status(self) -> Status:
        """What is served now, for health checks."""
        from newshole.live.desk import Status  # many a worker has no desk

        if self.desk is not None and isinstance(self._gate, Gate):
            return self.desk.status
        return Status(self.is_ready, self.site.digest if self.is_ready else "")

    @property
    def plans(self) -> PlanCache:
        """The plans of the site in service. Raises what its rules failed with, where they did."""
        return self.gate.plans

    @property
    def gate(self) -> Gate:
        """The gate of the site in service. Raises what its rules failed with, where they did."""
        if isinstance(self._gate, NewsholeError):
            raise self._gate.with_traceback(None)
        return self._gate

    def _open(self, site: Site, *, is_staged: bool = False) -> Gate:
        measuring = None
        if self.events is not None and any(rules.is_measured for rules in site.rules):
            measure = self.events.measuring_of if is_staged else self.events.measure
            measuring = measure(site, self.counts)
        site.mark = "" if measuring is None else measuring.mark
        plans = PlanCache(
            site,
            self.store,
            secret=self.secret,
            tally=self.tally,
            budget=self.budget,
            # In shadow mode nobody waits for a plan, so it is made out of everybody's way.
            inline=None if self.shadow is None else 0,
        )
        return Gate(
            plans,
            self.limits,
            self.counts,
            self.library,
            uncompressed=self.ask_uncompressed,
            measuring=measuring,
            journal=self.journal,
        )

    def _stage(self, stage: Stage) -> TrafficSplit:
        site = stage.site
        site.since = time.time()
        return TrafficSplit(stage, self.gate, self._open(site, is_staged=True), WeatherDesk(self.counts))

    def _beside(self, gate: Gate) -> Gate:
        """A gate of the same site for one request: what is planned there is kept for nobody."""
        plans = PlanCache(gate.site, tally=Tally(), clock=gate.plans.clock, budget=self.budget)
        return Gate(plans, self.limits, self.counts, self.library, uncompressed=self.ask_uncompressed)

    def attend(self, site: Site) -> None:
        """See to it that what runs in the background does."""
        self.weather.attend(site)
        self.library.attend(site)
        self.feeds.attend(site)
        if self.desk is not None:
            self.desk.attend()
        self._open_short_way()

    def _open_short_way(self) -> None:
        """Let plain requests go the short way, where nothing looks at every request."""
        gate, self._short_way = self._gate, None
        is_plain = self.tracer is None and self.shadow is None and self._split is None
        if is_plain and isinstance(gate, Gate) and gate.site is self.weather.site is self.library.site:
            tasks = self.weather.task, self.feeds.task, None if self.desk is None else self.desk.task
            self._short_way = ShortWay(gate, tuple(each for each in tasks if each is not None))

    def admit(self, scope: Scope, send: Send, links: Links = NO_LINKS) -> AnyResponder | None:
        """A responder where the answer to this request may be a page to compose, or has to be told from
        one; `links` are the signed ones that it came by."""
        stable = self._gate
        if not isinstance(stable, Gate):
            raise stable.with_traceback(None)
        trace: Trace | None = None if self.tracer is None else scope.get(TRACE)
        try:
            # A task may have ended with its loop.
            is_begun = stable.site is self.weather.site is self.library.site
            if not is_begun or self.desk or self.weather.task or self.feeds.task:
                self.attend(stable.site)
            headers = read_headers(scope.get("headers", ()))
            asked, gate = scope, stable
            if self._split is not None or links.arms:
                gate = self.choose(scope, headers, stable, trace, is_forced=bool(links.arms))
            address = gate.plain(scope, headers)
            if address is None:
                scope, address = gate.other(scope, headers)
            is_special = links.overlay or self.shadow is not None
            special = self.look(asked, headers, address, send, gate, links) if is_special else None
            if special is not None:
                return special
            if address.refusal is None:
                scope = as_bytes(scope) if "extensions" in scope else scope
                if trace is not None:
                    trace.admit(address.url)
                fast, long = _PLAIN if trace is None else _TRACED
                if not (address.is_head or HEADER in headers or address.mapped or links.arms):
                    return fast(scope, headers, address, send, gate)
                responder = long(scope, headers, address, send, gate)
                responder.inform(self.secret)
                responder.forced = links.arms
                return responder
            self.refuse(address.refusal, trace)
            return self.part(scope, address, send, gate)
        except Exception:
            log.exception("%s on %r", guard.REQUEST_FAULT, scope.get("path"))
            self.refuse(guard.REQUEST_FAULT, trace)
        return None

    def look(
        self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate, links: Links
    ) -> OverlayResponder | ShadowResponder | None:
        """A responder that marks a page for the holder of a link, or looks at one that passes in shadow mode;
        `scope` is that of the request as it came."""
        if links.overlay and address.refusal in (None, "url") and address.url:
            return OverlayResponder(scope, headers, address, send, gate).with_arms(links.arms)
        if self.shadow is None or links.arms or address.refusal is not None:
            return None
        return ShadowResponder(scope, headers, address, send, gate, self.shadow)

    def choose(
        self, scope: Scope, headers: Headers, stable: Gate, trace: Trace | None, *, is_forced: bool
    ) -> Gate:
        """The gate of a request, where a version is staged, or arms are asked for."""
        gate = stable if self._split is None else self._split.gate_of(scope, headers)
        if trace is not None:
            trace.site = gate.site
        return self._beside(gate) if is_forced else gate

    def part(self, scope: Scope, address: Address, send: Send, gate: Gate) -> FragmentResponder | None:
        """A responder where a refused request is for a part of what may be a page to compose."""
        if self.shadow is not None:
            return None
        is_part = address.refusal == "fragment" and address.url and gate.plans.may_compose(address.url)
        return FragmentResponder(scope, muted(send, self.counts), self.limits.page) if is_part else None

    def refuse(self, reason: str, trace: Trace | None) -> None:
        self.counts[reason] += 1
        if trace is not None:
            trace.refuse(reason)

    async def close(self) -> None:
        """End what runs in the background, and let go of the store's connections."""
        self._short_way = None
        staged = None if self._split is None else self._split.weather
        for each in (
            self.weather, staged, self.feeds, self.library, self.events, self.desk, self.shadow, self.journal,
            self.store,
        ):  # fmt: skip
            if each is not None:
                await each.close()
