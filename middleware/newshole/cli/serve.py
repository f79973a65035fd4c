"""`newshole serve`: a site, or several, behind newshole as a reverse proxy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from newshole.cli.options.console import (
    ConfigOption,
    ConsoleOptions,
    console_asked,
    read_settings,
    tell_settings,
)
from newshole.cli.options.serving import (
    BoundOptions,
    KeptOptions,
    ListeningOptions,
    PageOptions,
    SiteOptions,
    given,
)

if TYPE_CHECKING:
    from newshole.serving.parent import Sockets
    from newshole.serving.settings import Settings, SiteSettings


def serve(
    site: SiteOptions,
    kept: KeptOptions,
    listening: ListeningOptions,
    pages: PageOptions,
    bounds: BoundOptions,
    beside: ConsoleOptions,
    config: ConfigOption = None,
    console: Annotated[
        bool,
        typer.Option(
            "--console",
            envvar="NEWSHOLE_CONSOLE",
            show_envvar=False,
            help="Open the console, on a port of its own, to those who may sign in.",
        ),
    ] = False,
) -> None:
    """Serve a site with newshole in front of it, as a reverse proxy.

    SIGTERM or Ctrl-C ends it with the requests in flight, a second one at once. SIGHUP reads settings and
    rules again and replaces one worker after the other; no request is lost. Every worker answers
    /_newshole/health and /_newshole/ready. A secret in NEWSHOLE_SECRET signs what is kept in Redis, and the
    tokens of operators. The settings say who may sign in to the console; NEWSHOLE_CONSOLE_PASSWORD is the
    hash of "admin"'s password. Either may stand in a file that NEWSHOLE_SECRET_FILE or
    NEWSHOLE_CONSOLE_PASSWORD_FILE names.

    \b
      newshole serve --upstream http://127.0.0.1:8080 --rules site-rules/
      newshole serve --config serve.yaml --workers auto --admin-port 8001
      newshole serve --config serve.yaml --console

    Exit codes: 0 at the end; 1 when rules or settings are wrong or no worker can start; 2 when the port is
    taken or what was asked for cannot be had; 70 after a fault of newshole itself; 130 when a second signal
    cut requests short.
    """
    from newshole.serving.console.preparing import publish_first
    from newshole.serving.parent import bound, on_port
    from newshole.serving.parent import serve as supervise
    from newshole.serving.validation import SettingsError

    told = given(site, kept, listening, pages, bounds)
    asked = console_asked(beside, is_here=console)

    def read() -> Settings:
        return publish_first(read_settings(config, told, asked))

    try:
        settings = read_settings(config, told, asked)
    except SettingsError as error:
        raise typer.Exit(tell_settings(error)) from error
    with bound(settings.listening, settings.console if console else None) as sockets:
        settings = publish_first(on_port(settings, sockets))

        def announce() -> None:
            typer.echo(_welcome(settings, sockets))

        code = supervise(settings, sockets, read=read, announce=announce)
    if code == 0:
        typer.echo("newshole has ended.")
    raise typer.Exit(code)


def _welcome(settings: Settings, sockets: Sockets) -> str:
    """What is served, where, by which rules, and how to check."""
    workers = "1 worker" if settings.workers == 1 else f"{settings.workers} workers"
    lines = [f"newshole serves at {sockets.address} with {workers}", ""]
    lines += [f"  {_site(each)}" for each in settings.sites]
    if settings.prefix is not None and settings.listening.unix is None:
        lines += ["", f"  ready?    curl {sockets.address}{settings.prefix}/ready"]
    if sockets.console is not None:
        lines += [f"  console   {sockets.console_address}/_newshole/"]
    if sockets.admin_address is not None:
        lines += [f"  metrics   {sockets.admin_address}/metrics"]
        lines += [f"  workers   {sockets.admin_address}/_newshole/workers"]
    lines += ["", f"SIGHUP to process {os.getpid()} reads rules again. Ctrl-C or SIGTERM ends it."]
    return "\n".join(lines)


def _site(site: SiteSettings) -> str:
    shadow = ", in shadow mode: pages leave as the site sent them" if site.shadow else ""
    return f"{', '.join(site.hosts) or 'every host'}: {site.upstream}, rules {site.rules}{shadow}"
