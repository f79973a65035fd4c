"""How often a worker looks for circles of garbage.

What a request leaves behind holds no circles, so it is gone without a search. But a few requests in flight
are more records than Python waits for by default, so it would search at nearly every burst of requests, and
now and then through all that the start has left: rules, tables, modules.
"""

from __future__ import annotations

import gc
from typing import Final

SEARCH_AFTER: Final = 20_000
"""Records more than at the last search after which the next one comes; Python's own number is 700."""


def settle() -> None:
    """Search once, leave all that is there now out of later searches, and make those rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCH_AFTER, *gc.get_threshold()[1:])
