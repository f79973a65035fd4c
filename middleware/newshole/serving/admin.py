"""The admin port: health, readiness, workers and metrics of the whole, as the parent sees it."""

from __future__ import annotations

import asyncio
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newshole.http.metrics import CONTENT_TYPE, exposition
from newshole.serving.health import told
from newshole.serving.metrics import of_parent
from newshole.serving.process import STATES
from newshole.serving.settings import PREFIX
from newshole.serving.supervisor import Supervisor
from newshole.serving.totals import total_of_workers


def admin_app(supervisor: Supervisor) -> Starlette:
    """The admin port as an ASGI app."""

    async def metrics(_: Request) -> Response:
        return Response(await all_metrics(supervisor), media_type=CONTENT_TYPE)

    async def workers(_: Request) -> Response:
        await _ask(supervisor)
        return JSONResponse([worker.told() for worker in supervisor.all()])

    async def health(_: Request) -> Response:
        return _answer("alive", None)

    async def ready(_: Request) -> Response:
        await _ask(supervisor)
        return _answer("ready", supervisor.unready)

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route(f"{PREFIX}/health", health),
            Route(f"{PREFIX}/ready", ready),
            Route(f"{PREFIX}/workers", workers),
        ]
    )


async def all_metrics(supervisor: Supervisor) -> str:
    """All metrics: those of the workers as one, and the parent's."""
    await _ask(supervisor)
    states = Counter(worker.state for worker in supervisor.all())
    shown: dict[str, int] = {state: states[state] for state in STATES if state != "ended"}
    own = exposition(of_parent(shown, supervisor.ended, supervisor.reloads)).decode()
    reports = {str(number): each.report.metrics for number, each in supervisor.workers.items()}
    return (
        total_of_workers(reports, [supervisor.past, *(each.report.metrics for each in supervisor.beside)])
        + own
    )


async def _ask(supervisor: Supervisor) -> None:
    """Have every worker report."""
    await asyncio.gather(*(worker.ask() for worker in supervisor.all()))


def _answer(good: str, reason: str | None) -> Response:
    status, body = told(good, reason)
    return Response(body, status, media_type="application/json", headers={"Cache-Control": "no-store"})
