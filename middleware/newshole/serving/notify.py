"""What systemd is told, where it started us: that we serve, that we read again, that we end.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import os
import socket
import time
from typing import Final

SOCKET: Final = "NOTIFY_SOCKET"


def notify(*lines: str) -> None:
    """Tell systemd, such as `READY=1`; nothing where it did not start us, or does not listen."""
    address = os.environ.get(SOCKET, "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as datagram:
        try:
            datagram.sendto("\n".join(lines).encode(), _path(address))
        except OSError:
            return  # serving matters more than being told of


def _path(address: str) -> str:
    """The socket's address; one that starts with "@" has no file."""
    return f"\0{address[1:]}" if address.startswith("@") else address


def reloading() -> None:
    """Tell systemd that settings are read again, which ends with the next `READY=1`."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
