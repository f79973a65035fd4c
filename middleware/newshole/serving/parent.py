"""The parent process from its sockets to its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from newshole.serving import descriptors
from newshole.serving.admin import admin_app
from newshole.serving.listeners import address_of, listen, listen_at
from newshole.serving.server import AdminServer
from newshole.serving.settings import Console, Listening, Settings
from newshole.serving.supervisor import Supervisor

log = logging.getLogger("newshole")


@dataclass(frozen=True, slots=True)
class Sockets:
    """What the parent listens on; `admin` and `console` are None where they are not opened here."""

    public: socket.socket
    admin: socket.socket | None
    listening: Listening
    console: socket.socket | None = None

    @property
    def address(self) -> str:
        """Where readers come in."""
        if self.listening.unix is not None:
            return f"unix:{self.listening.unix}"
        return address_of(self.listening.host, self.public.getsockname()[1])

    @property
    def console_address(self) -> str | None:
        """Where people open the console on this machine."""
        if self.console is None:
            return None
        return address_of(*self.console.getsockname()[:2])

    @property
    def admin_address(self) -> str | None:
        """Where operators look."""
        if self.admin is None:
            return None
        return address_of(self.listening.admin_host, self.admin.getsockname()[1])


@contextlib.contextmanager
def bound(listening: Listening, console: Console | None = None) -> Iterator[Sockets]:
    """Everything that is listened on, for as long as it is served, a `console` that is to run here with it.
    Raises UsageError where one is taken."""
    with contextlib.ExitStack() as stack:
        public = stack.enter_context(_public(listening))
        if listening.unix is not None:
            stack.callback(Path(listening.unix).unlink, missing_ok=True)
        admin = None
        if listening.admin_port is not None:
            options = "--admin-port and --admin-host"
            admin = stack.enter_context(listen(listening.admin_host, listening.admin_port, options=options))
        beside = None if console is None else stack.enter_context(listen_for_console(console))
        yield Sockets(public, admin, listening, beside)


def listen_for_console(console: Console) -> socket.socket:
    """Where the console listens. Raises UsageError where that is taken."""
    return listen(console.host, console.port, options="--console-port and --console-host")


def on_port(settings: Settings, sockets: Sockets) -> Settings:
    """The settings with the port that is listened on, where any free one was asked for."""
    if settings.listening.unix is not None:
        return settings
    port = sockets.public.getsockname()[1]
    return replace(settings, listening=replace(settings.listening, port=port))


def serve(
    settings: Settings, sockets: Sockets, *, read: Callable[[], Settings], announce: Callable[[], None]
) -> int:
    """Serve until a signal ends it; the exit code.

    `announce` is called once when every worker is ready; `read` at SIGHUP, for settings and rules anew.
    """
    few = descriptors.warning(descriptors.raise_limit())
    if few is not None:
        log.warning("%s", few)
    supervisor = Supervisor(settings, sockets.public, read, console=sockets.console)
    return asyncio.run(_supervise(supervisor, sockets.admin, announce))


def _public(listening: Listening) -> socket.socket:
    if listening.unix is not None:
        return listen_at(Path(listening.unix))
    return listen(listening.host, listening.port)


async def _supervise(
    supervisor: Supervisor, admin: socket.socket | None, announce: Callable[[], None]
) -> int:
    async with _told(supervisor, admin):
        return await supervisor.run(announce)


@contextlib.asynccontextmanager
async def _told(supervisor: Supervisor, admin: socket.socket | None) -> AsyncIterator[None]:
    """The admin port, open until the last worker has ended."""
    if admin is None:
        yield
        return
    server = AdminServer(admin_app(supervisor))
    serving = asyncio.create_task(server.serve(sockets=[admin]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
