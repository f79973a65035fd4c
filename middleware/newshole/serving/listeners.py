"""Sockets that listen: bound once, by the parent, and handed to the workers."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final

from newshole.errors import UsageError

BACKLOG: Final = 2048
"""Connections that wait to be accepted; the system's own bound (`net.core.somaxconn`) may be lower."""

_ANYWHERE: Final = ("0.0.0.0", "::", "")  # noqa: S104 - told apart, not bound to


def listen(host: str, port: int, *, options: str = "--port and --host") -> socket.socket:
    """A socket that listens at a port; `::` takes IPv4 as well.

    Raises UsageError where the port is taken or there is no such host, naming the options that mend it.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except (OSError, UnicodeError) as error:
        reason = _why(error) if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"cannot listen on {host}, port {port}: {reason}; choose others with {options}"
        ) from error


def listen_at(path: Path) -> socket.socket:
    """A Unix socket at `path`, in the place of one that nobody listens at any more.

    Raises UsageError where somebody does, or where it cannot be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(str(path))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(f"cannot listen at {path}: {_why(error)}; choose another with --unix") from error
    return listener


def address_of(host: str, port: int) -> str:
    """Where a browser finds what listens there; it cannot go to "all addresses"."""
    name = "localhost" if host in _ANYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def _remove_stale(path: Path) -> None:
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _why(error: OSError) -> str:
    """What the system says of an error, without the addresses that a library adds."""
    is_named = isinstance(error, socket.gaierror) or not error.errno
    return (error.strerror or str(error)) if is_named else os.strerror(error.errno or 0)
