"""The reverse proxy: an ASGI app that answers every request with a site's own answer."""

from newshole.http.proxy.app import Proxy
from newshole.http.proxy.faults import TruncatedError
from newshole.http.proxy.settings import Limits, Upstream

__all__ = ["Limits", "Proxy", "TruncatedError", "Upstream"]
