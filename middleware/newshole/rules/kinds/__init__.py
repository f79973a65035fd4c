"""The options of every block kind, as written in the rules: one model a kind.

These are pydantic models because operations write them; they are frozen, and the blocks read them as
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.follow import Follow
from newshole.rules.kinds.html import Html
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.paid import Paid
from newshole.rules.kinds.source import Source
from newshole.rules.kinds.stories import Stories
from newshole.rules.kinds.strip import Strip
from newshole.rules.kinds.video import Video

BlockOptions: TypeAlias = Ad | Stories | Follow | Video | Source | Strip | Newsletter | Paid | Html

KINDS: Final[Mapping[str, type[BlockOptions]]] = {
    "ad": Ad,
    "stories": Stories,
    "follow": Follow,
    "video": Video,
    "source": Source,
    "strip": Strip,
    "newsletter": Newsletter,
    "paid": Paid,
    "html": Html,
}
"""Every block kind by its name."""
