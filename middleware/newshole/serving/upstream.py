"""The server behind one site."""

from __future__ import annotations

from pathlib import Path

from newshole.http.proxy.settings import Upstream
from newshole.serving.settings import SiteSettings


def upstream_of(site: SiteSettings) -> Upstream:
    """Where a site's own software answers. Raises UsageError for what cannot be."""
    return Upstream(site.upstream, own_host=site.own_host, ca=None if site.ca is None else Path(site.ca))
