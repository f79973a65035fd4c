"""newshole in front of a site: the ASGI middleware and its header rules."""

from newshole.http.middleware import Newshole

__all__ = ["Newshole"]
