"""The caches in front by their addresses, as the environment names them where nobody else does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

CACHES: Final = "NEWSHOLE_CDN"
"""The environment variable with the addresses, between spaces."""


def named_caches(caches: Iterable[str] | None = None) -> list[str]:
    """These addresses, or those of the environment for None; see `newshole.cdn.targets.read_targets`."""
    return os.environ.get(CACHES, "").split() if caches is None else list(caches)
