"""A version that is staged: which pages, or whose, it serves beside the one in service.

A page or a reader has a place that their name and the version's digest decide, and nothing else does. Those
whose place is below the share are served by the staged version: the same in every worker at any time, and
with a larger share none of them goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from newshole.experiments.shares import share as place
from newshole.live.entries import WHOLE, Unit
from newshole.rules.globs import rootless
from newshole.rules.switches import plain_path
from newshole.site import Site


@dataclass(frozen=True, slots=True)
class Stage:
    """The `site` of a version, by the digest of its files, which serves a `share` in percent of all addresses
    or readers."""

    site: Site
    digest: str
    share: float
    unit: Unit

    def takes(self, name: str) -> bool:
        """Whether the version serves what has this name: see `page_name`, or the id of a reader."""
        return place(f"stage:{self.digest}", name) * WHOLE < self.share


def page_name(url: str) -> str:
    """What a page is known by: its host and path, whatever its scheme, port and query, and a slash at its
    end."""
    try:
        split = urlsplit(url)
        return f"{rootless(split.hostname or '')}{plain_path(split.path)}"
    except ValueError:
        return url


def tells_readers(site: Site) -> bool:
    """Whether readers are known apart wherever rules of a site apply: by an id, or by what the edge says."""
    tellings = [each.telling for each in site.rules]
    return bool(tellings) and all(
        "arms" in each.headers or "id" in each.headers or "id" in each.cookies for each in tellings
    )
