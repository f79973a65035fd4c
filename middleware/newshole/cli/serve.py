"""`newshole serve`: a site, or several, behind newshole as a reverse proxy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from newshole.cli.console_options import (
    ConsoleHostOption,
    ConsolePortOption,
    console_asked,
    read_settings,
    tell_settings,
)

if TYPE_CHECKING:
    from newshole.serving.parent import Sockets
    from newshole.serving.settings import Settings, SiteSettings


def serve(
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="NEWSHOLE_UPSTREAM",
            help="Where the site's own software answers: http://host:port, https://host or unix:/path.",
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="RULES",
            envvar="NEWSHOLE_RULES",
            help='A rules file, a folder of them, a pack\'s name, or "published".  [default: newspaper]',
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="NEWSHOLE_CONFIG",
            help="A YAML file with these settings, for several sites too; options go over it.",
            show_default=False,
        ),
    ] = None,
    redis: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="NEWSHOLE_REDIS",
            help="A Redis that workers share plans in, such as redis://localhost:6379/0; none is needed.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="NEWSHOLE_NAME",
            help="The name that rules are published and switches are kept under.  [default: site]",
            show_default=False,
        ),
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            envvar="NEWSHOLE_ARCHIVE",
            help="A file that rules are published in and switches kept in, for one machine without a Redis.",
            show_default=False,
        ),
    ] = None,
    library: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            envvar="NEWSHOLE_LIBRARY",
            help="A file that the stories learned from pages are kept in.  [default: Redis, if there is one]",
            show_default=False,
        ),
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            envvar="NEWSHOLE_JOURNAL",
            help="A file that keeps what readers of each page got when, for newshole why.",
            show_default=False,
        ),
    ] = None,
    shadow: Annotated[
        bool | None,
        typer.Option(
            "--shadow/--no-shadow",
            envvar="NEWSHOLE_SHADOW",
            help="Send pages as the site sent them, and tell what they would become.  [default: no-shadow]",
            show_default=False,
        ),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            envvar="NEWSHOLE_EVENTS",
            help="A folder for the events of experiments, which go on into Redis, if there is one.",
            show_default=False,
        ),
    ] = None,
    events_redis: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="NEWSHOLE_EVENTS_REDIS",
            help="A Redis for events that drops nothing for want of room.  [default: that of --redis]",
            show_default=False,
        ),
    ] = None,
    switches: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            envvar="NEWSHOLE_SWITCHES",
            help="A switch file: what is off, whatever the rules say.",
            show_default=False,
        ),
    ] = None,
    page_cache: Annotated[
        bool | None,
        typer.Option(
            "--page-cache/--no-page-cache",
            envvar="NEWSHOLE_PAGE_CACHE",
            help="Keep the site's pages, where it lets shared caches keep them.  [default: no-page-cache]",
            show_default=False,
        ),
    ] = None,
    log: Annotated[
        Literal["off", "json", "text"] | None,
        typer.Option(
            metavar="off|json|text",
            envvar="NEWSHOLE_LOG",
            help="A line for each request on standard output.  [default: off]",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            envvar="NEWSHOLE_HOST",
            help='The address to listen on; 0.0.0.0 or "::" for all.  [default: 127.0.0.1]',
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            envvar="NEWSHOLE_PORT",
            help="The port to listen on; 0 for any that is free.  [default: 8000]",
            show_default=False,
        ),
    ] = None,
    unix: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            envvar="NEWSHOLE_UNIX",
            help="Listen on a Unix socket, in the place of a port.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            envvar="NEWSHOLE_WORKERS",
            help='Processes that serve; "auto" for one a processor.  [default: 1]',
            show_default=False,
        ),
    ] = None,
    trusted: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK",
            envvar="NEWSHOLE_TRUSTED",
            help="A proxy in front whose word on readers' addresses is taken, a network of them, or unix; "
            "may be given several times.",
            show_default=False,
        ),
    ] = None,
    grace: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=86400,
            metavar="SECONDS",
            envvar="NEWSHOLE_GRACE",
            help="How long requests in flight may take at the end.  [default: 30]",
            show_default=False,
        ),
    ] = None,
    admin_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            envvar="NEWSHOLE_ADMIN_PORT",
            help="A port for operators: /metrics, /_newshole/ready, /_newshole/workers.  [default: none]",
            show_default=False,
        ),
    ] = None,
    admin_host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            envvar="NEWSHOLE_ADMIN_HOST",
            help="The address of that port.  [default: 127.0.0.1]",
            show_default=False,
        ),
    ] = None,
    console: Annotated[
        bool,
        typer.Option(
            "--console",
            envvar="NEWSHOLE_CONSOLE",
            help="Open the console, on a port of its own, to those who may sign in.",
        ),
    ] = False,
    console_port: ConsolePortOption = None,
    console_host: ConsoleHostOption = None,
) -> None:
    """Serve a site with newshole in front of it, as a reverse proxy.

    SIGTERM or Ctrl-C ends it with the requests in flight, a second one at once. SIGHUP reads settings and
    rules again and replaces one worker after the other; no request is lost. Every worker answers
    /_newshole/health and /_newshole/ready. A secret in NEWSHOLE_SECRET signs what is kept in Redis, and the
    tokens of operators. Options may also be set as NEWSHOLE_UPSTREAM, NEWSHOLE_PORT and so on. The
    settings say who may sign in to the console; NEWSHOLE_CONSOLE_PASSWORD is the hash of "admin"'s password.

    \b
      newshole serve --upstream http://127.0.0.1:8080 --rules site-rules/
      newshole serve --config serve.yaml --workers auto --admin-port 8001
      newshole serve --config serve.yaml --console

    Exit codes: 0 at the end; 1 when rules or settings are wrong or no worker can start; 2 when the port is
    taken or what was asked for cannot be had; 70 after a fault of newshole itself; 130 when a second signal
    cut requests short.
    """
    from newshole.serving import written
    from newshole.serving.console.preparing import publish_first
    from newshole.serving.parent import bound, on_port
    from newshole.serving.parent import serve as supervise
    from newshole.serving.validation import SettingsError

    given: dict[str, object] = {
        "upstream": upstream,
        "rules": rules,
        "redis": redis,
        "name": name,
        "archive": archive,
        "library": library,
        "journal": journal,
        "shadow": shadow,
        "events": events,
        "events_redis": events_redis,
        "switches": switches,
        "page_cache": page_cache,
        "log": log,
        "host": host,
        "port": port,
        "unix": unix,
        "workers": None if workers is None else written.worker_count(workers),
        "trusted": tuple(trusted or ()) or None,
        "grace": grace,
        "admin_port": admin_port,
        "admin_host": admin_host,
    }

    asked = console_asked(is_here=console, port=console_port, host=console_host)

    def read() -> Settings:
        return publish_first(read_settings(config, given, asked))

    try:
        settings = read_settings(config, given, asked)
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
