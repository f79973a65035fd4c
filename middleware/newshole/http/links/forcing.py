"""Links that show an arm of an experiment to whoever opens them: `?newshole-arm=EXPERIMENT:ARM:TOKEN`.

The token is signed and expires. The field is taken out of every request, so the site sees its own address.
The page is for nobody else, and nothing of it counts.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from starlette.types import Scope

from newshole.http.links.signing import holds, signed

FIELD: Final = "newshole-arm"
"""The field of a query that asks for an arm; several may."""

WRITTEN: Final = FIELD.encode() + b"="
"""How such a field begins."""


def arm_field(secret: bytes, experiment: str, arm: str, until: float) -> str:
    """The field of a query that shows an arm until a moment, in seconds since 1970."""
    return f"{FIELD}={experiment}:{arm}:{signed(secret, _purpose(experiment, arm), until)}"


def without_arms(scope: Scope) -> Scope:
    """The request as the site is to see it."""
    return without(scope, WRITTEN)


def without(scope: Scope, written: bytes) -> Scope:
    """The request without the fields of its query that begin so."""
    kept = b"&".join(each for each in scope["query_string"].split(b"&") if not each.startswith(written))
    raw = scope.get("raw_path")
    if not isinstance(raw, bytes) or b"?" not in raw:
        return {**scope, "query_string": kept}
    # Some servers leave the query in the target.
    path = raw.partition(b"?")[0]
    return {**scope, "query_string": kept, "raw_path": path + b"?" + kept if kept else path}


def arms_asked_for(query: bytes, secret: bytes, now: float) -> dict[str, str]:
    """The arms by their experiments that the fields of a query ask for, of those that are signed and hold."""
    found = {}
    for field in query.split(b"&"):
        if field.startswith(WRITTEN):
            experiment, _, rest = unquote(field[len(WRITTEN) :].decode("latin-1")).partition(":")
            arm, _, token = rest.partition(":")
            if holds(token, secret, _purpose(experiment, arm), now):
                found[experiment] = arm
    return found


def _purpose(experiment: str, arm: str) -> bytes:
    return f"newshole arm {experiment}:{arm} ".encode("utf-8", "surrogatepass")
