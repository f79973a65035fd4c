"""The parent process from its sockets to its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from newshole.serving import descriptors
from newshole.serving.admin import admin_app
from newshole.serving.listeners import address_of, listen, listen_at
from newshole.serving.server import AdminServer
from newshole.serving.settings import Listening, Settings
from newshole.serving.supervisor import Supervisor

log = logging.getLogger("newshole")


@dataclass(frozen=True, slots=True)
class Sockets:
    """What the parent listens on; `admin` is None where it has no port of its own."""

    public: socket.socket
    admin: socket.socket | None
    listening: Listening

    @property
    def address(self) -> str:
        """Where readers come in."""
        if self.listening.unix is not None:
            return f"unix:{self.listening.unix}"
        return address_of(self.listening.host, self.public.getsockname()[1])

    @property
    def admin_address(self) -> str | None:
        """Where operators look."""
        if self.admin is None:
            return None
        return address_of(self.listening.admin_host, self.admin.getsockname()[1])


@contextlib.contextmanager
def bound(listening: Listening) -> Iterator[Sockets]:
    """Everything that is listened on, for as long as it is served. Raises UsageError where one is taken."""
    with contextlib.ExitStack() as stack:
        public = stack.enter_context(_public(listening))
        if listening.unix is not None:
            stack.callback(Path(listening.unix).unlink, missing_ok=True)
        admin = None
        if listening.admin_port is not None:
            options = "--admin-port and --admin-host"
            admin = stack.enter_context(listen(listening.admin_host, listening.admin_port, options=options))
        yield Sockets(public, admin, listening)


def serve(
    settings: Settings, sockets: Sockets, *, read: Callable[[], Settings], announce: Callable[[], None]
) -> int:
    """Serve until a signal ends it; the exit code.

    `announce` is called once when every worker is ready; `read` at SIGHUP, for settings and rules anew.
    """
    few = descriptors.warning(descriptors.raise_limit())
    if few is not None:
        log.warning("%s", few)
    return asyncio.run(_supervise(Supervisor(settings, sockets.public, read), sockets.admin, announce))


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
