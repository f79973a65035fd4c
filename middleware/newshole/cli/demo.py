"""`newshole demo`: the fictional news site, with newshole in front."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from newshole.cli.token import SECRET
from newshole.cli.traffic import READERS, tell_traffic
from newshole.demo.sights import SIGHTS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE: Final = 2
"""Seconds that open requests have when the demo ends."""


def demo(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="PORT", help="The port to listen on; 0 for any that is free."),
    ] = 8000,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="The address to listen on; 0.0.0.0 for other machines too.")
    ] = "127.0.0.1",
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="RULES",
            help="A rules file, a folder of them, or a pack's name.  [default: the demo's own]",
            show_default=False,
        ),
    ] = None,
    redis: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="NEWSHOLE_REDIS",
            help="A Redis to share plans in, such as redis://localhost:6379/0; none is needed.",
            show_default=False,
        ),
    ] = None,
    traffic: Annotated[
        bool,
        typer.Option(
            "--traffic",
            help="Serve nothing, but simulate readers of two experiments, and say what came of them.",
        ),
    ] = False,
    readers: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="How many readers --traffic simulates.")
    ] = READERS,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A SQLite file for the events of --traffic.", show_default=False),
    ] = None,
) -> None:
    """Serve a demo news site with newshole in front.

    A switch on each page shows it without. Nothing else is needed, and nothing is fetched from elsewhere.
    /_newshole/metrics answers Prometheus. Ctrl-C ends it.

    \b
      newshole demo
      newshole demo --port 8080 --rules quiet
      newshole demo --traffic

    Exit codes: 0 at the end; 1 when the rules are wrong; 2 when the port is taken or there are no such rules.
    """
    if traffic:
        tell_traffic(readers, keep)
        return
    from newshole.demo.app import RULES, demo_app
    from newshole.serving.health import Health
    from newshole.serving.listeners import address_of, listen
    from newshole.serving.settings import PREFIX

    # Ended by a service's stop as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    secret = os.environ.get(SECRET, "")
    composed = demo_app(RULES if rules is None else Path(rules), redis=redis, secret=secret)
    app = Health(composed, prefix=PREFIX, unready=lambda: None)
    with listen(host, port) as listener:
        address = address_of(host, listener.getsockname()[1])
        _serve(app, listener, lambda: typer.echo(_welcome(address)))
    typer.echo("The demo has ended.")


def _welcome(address: str) -> str:
    """Where the demo is, and what to look at."""
    told = {"/": "The front page: newshole leaves it as it is"}
    told |= {each.path: f"{each.name}: {each.shows}" for each in SIGHTS}
    room = max(map(len, told))
    sights = "\n".join(f"  {path:<{room}}  {what}" for path, what in told.items())
    story = SIGHTS[0].path
    return (
        f"A news site with newshole in front, at {address}/\n\n{sights}\n\n"
        f"A story with newshole:  {address}{story}\n"
        f"and without it:         {address}{story}?newshole=off\n\n"
        "The switch at the foot of each page leads from one to the other. Ctrl-C ends the demo."
    )


def _serve(app: ASGIApp, listener: socket.socket, announce: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                announce()

    config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=GRACE)
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return  # raised by uvicorn once all is closed
