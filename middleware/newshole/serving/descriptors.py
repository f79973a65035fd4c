"""Open files: as many as the system allows, and how many connections that leaves room for."""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import Final

OWN: Final = 256
"""Open files that a worker needs beside connections: the store's, feeds, libraries, logs."""

FEW: Final = 4096
"""With fewer open files a burst of slow readers is felt."""

MOST: Final = 1_048_576
"""What is asked for where the system sets no bound."""


def raise_limit() -> int:
    """Raise the bound on open files as far as the system lets us; what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # a hardened service may not; what it has is said then
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else soft


def room_for_connections(limit: int, requests: int) -> int:
    """Clients' connections that a worker may hold, where each request takes one more to the site."""
    return max(limit - OWN - requests, limit // 2)


def warning(limit: int) -> str | None:
    """What to do where open files are few, in a sentence."""
    if limit >= FEW:
        return None
    return (
        f"only {limit} files may be open at once, connections included: raise it with `ulimit -n`, "
        "LimitNOFILE= of systemd, or --ulimit nofile= of Docker"
    )
