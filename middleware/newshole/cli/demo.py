"""`newshole demo`: the fictional news site, with newshole in front."""

from __future__ import annotations

import secrets
import signal
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final

import typer

from newshole.cli.options.console import MOST_PORT
from newshole.cli.options.records import setting
from newshole.cli.traffic import READERS, tell_traffic
from newshole.demo.sights import SIGHTS
from newshole.errors import UsageError
from newshole.secrets import read_secret

LOCAL: Final = ("127.0.0.1", "::1", "localhost")
"""Addresses of this machine alone: the link signs nobody in from another one then."""


@dataclass(frozen=True, slots=True)
class TrafficOptions:
    """Readers who are made up, in the place of a site."""

    PANEL: ClassVar[str] = "Readers, in the place of a site"

    traffic: Annotated[
        bool,
        typer.Option(
            "--traffic",
            help="Serve nothing, but simulate readers of two experiments, and say what came of them.",
        ),
    ] = False
    readers: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="How many readers --traffic simulates.")
    ] = READERS
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A SQLite file for the events of --traffic.", show_default=False),
    ] = None


def demo(
    port: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_PORT, metavar="PORT", help="The port to listen on; 0 for any that is free."
        ),
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
        setting(
            "redis", "URL", "A Redis to share plans in, such as redis://localhost:6379/0; none is needed."
        ),
    ] = None,
    console_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MOST_PORT,
            metavar="PORT",
            help="The console's port.  [default: the next one, or any that is free]",
            show_default=False,
        ),
    ] = None,
    console_host: Annotated[
        str,
        typer.Option(metavar="HOST", help="The address of that port."),
    ] = "127.0.0.1",
    *,
    simulated: TrafficOptions,
) -> None:
    """Serve a demo news site with newshole in front.

    A switch on each page shows it without. The console is open beside it: a link that is printed signs you
    in, once. Two experiments run, with readers who are made up, and you among them. Nothing else is needed,
    and nothing is fetched from elsewhere. /_newshole/metrics answers Prometheus. Ctrl-C ends it, and what was
    published in it is gone.

    \b
      newshole demo
      newshole demo --port 8080 --rules quiet
      newshole demo --traffic

    Exit codes: 0 at the end; 1 when the rules are wrong; 2 when the port is taken or there are no such rules.
    """
    if simulated.traffic:
        tell_traffic(simulated.readers, simulated.keep)
        return
    from newshole.site import Site

    # Ended by a service's stop, and by a terminal that is closed, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    if rules is not None:
        Site.load(rules)
    with (
        _listening(host, port) as listener,
        _console_listening(console_host, console_port, listener.getsockname()[1]) as beside,
        tempfile.TemporaryDirectory(prefix="newshole-demo-") as folder,
    ):
        _serve(_Demo(rules, redis, Path(folder), host, console_host), listener, beside)
    typer.echo("The demo has ended.")


@dataclass(frozen=True, slots=True)
class _Demo:
    """What is served: by which rules, None for the demo's own, with which Redis, and where it keeps what is
    published."""

    rules: str | None
    redis: str | None
    folder: Path
    host: str
    console_host: str


def _listening(host: str, port: int) -> socket.socket:
    from newshole.serving.listeners import listen

    return listen(host, port)


def _console_listening(host: str, port: int | None, beside: int) -> socket.socket:
    """Where the console listens: as asked for, else on the port after the demo's, else on any."""
    from newshole.serving.listeners import listen

    options = "--console-port and --console-host"
    if port is not None:
        return listen(host, port, options=options)
    try:
        return listen(host, min(beside + 1, MOST_PORT), options=options)
    except UsageError:
        return listen(host, 0, options=options)


def _welcome(address: str, link: str) -> str:
    """Where the demo and its console are, and what to look at."""
    told = {"/": "The front page: newshole leaves it as it is"}
    told |= {each.path: f"{each.name}: {each.shows}" for each in SIGHTS}
    room = max(map(len, told))
    sights = "\n".join(f"  {path:<{room}}  {what}" for path, what in told.items())
    story = SIGHTS[0].path
    return (
        f"A news site with newshole in front, at {address}/\n\n{sights}\n\n"
        f"A story with newshole:  {address}{story}\n"
        f"and without it:         {address}{story}?newshole=off\n\n"
        f"The console, which this link signs you in to, once:\n\n  {link}\n\n"
        "Pick a story in Preview, ask Why a block stands where it does, and see under Experiments what it\n"
        "does to readers; those of the last two weeks are made up.\n\n"
        "The switch at the foot of each page leads from one to the other. Ctrl-C ends the demo."
    )


def _serve(demo: _Demo, listener: socket.socket, beside: socket.socket) -> None:
    """Serve the demo, and its console on a port of its own, until Ctrl-C."""
    import asyncio

    from newshole.console.access.keys import OnceKey
    from newshole.demo.app import Published, demo_app
    from newshole.demo.console import NAME, begin, demo_console, remark_of
    from newshole.demo.readers import followed
    from newshole.demo.serving import serve_both
    from newshole.serving.health import Health
    from newshole.serving.listeners import address_of
    from newshole.serving.settings import PREFIX

    secret = read_secret() or _own_secret(demo.redis)
    address = address_of(demo.host, listener.getsockname()[1])
    at = address_of(demo.console_host, beside.getsockname()[1])
    key = OnceKey(NAME, is_local=demo.console_host in LOCAL)
    asyncio.run(begin(demo.folder, demo.rules, secret))
    composed = demo_app(redis=demo.redis, secret=secret, published=Published(demo.folder, at))
    site = Health(composed, prefix=PREFIX, unready=lambda: None)
    is_own = demo.rules is None
    remark = remark_of(is_crowded=is_own, is_counted=demo.redis is None)
    console = demo_console(demo.folder, home=f"{address}/", secret=secret, key=key, remark=remark)
    link = f"{at}{PREFIX}/sign-in?key={key.value}"
    # The interrupt is raised once all is closed.
    with suppress(KeyboardInterrupt), followed(demo.folder, address, crowded=is_own) as end:
        serve_both((site, listener), (console, beside), lambda: typer.echo(_welcome(address, link)), end)


def _own_secret(redis: str | None) -> str:
    """What links to the overlay are signed with. Plans in a Redis are signed too, and another demo could not
    read them: beside one there is none."""
    return secrets.token_urlsafe() if redis is None else ""
