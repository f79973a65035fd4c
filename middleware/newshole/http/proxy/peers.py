"""Who a request came through, and what the site is told of it.

Whoever can send a header can write anything into it, so what forwarding headers say is believed where the
peer is one of the listed networks, and written anew where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, TypeAlias

from newshole.http.heads import is_request_id, new_request_id
from newshole.http.proxy.settings import Network

HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host as requests name it (RFC 9110, section 7.2), as far as hosts on the web go."""

FORWARDED: Final = "x-forwarded-"
FORWARDING: Final = frozenset(("forwarded", "x-real-ip"))
"""Headers, beside all that begin with `FORWARDED`, that tell whom a request came from."""

_SCHEMES: Final = {"ws": "http", "wss": "https"}
_UNKNOWN: Final = "unknown"
_FOR: Final = re.compile(r'(?:^|[;,\s])for="?([^;,"]+)"?', re.IGNORECASE)


Way: TypeAlias = tuple[tuple[str, str], ...]

LONGEST_HOST: Final = 260
"""Characters of the longest host that there can be, with its port."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Which peers are believed: those in `networks`, and through a unix socket where `unix` says so."""

    networks: frozenset[Network] = frozenset()
    unix: bool = False


class Visit(NamedTuple):
    """One request as the public sees it: its scheme, host and id, and what the site is told of its way."""

    scheme: str
    host: str
    request_id: str
    headers: Way


def is_forwarding(name: str) -> bool:
    """Whether a header, by its name in lower case, tells of the way of a request."""
    return name.startswith(FORWARDED) or name in FORWARDING


def read_visit(scope: Mapping[str, Any], headers: Mapping[str, str], *, host: str, trust: Trust) -> Visit:
    """What is true of a request that names `host`; `headers` are its own, by name in lower case."""
    client = scope.get("client")
    address = str(client[0]) if client and client[0] else ""
    is_believed = is_trusted(address, trust)
    address = address or _UNKNOWN
    scheme = _SCHEMES.get(scope["scheme"], scope["scheme"])
    if not is_believed and len(host) <= LONGEST_HOST:
        return _visit(scheme, host, new_request_id(), _direct_way(address, scheme, host))
    told = headers if is_believed else {}
    forwarded = _first(told.get("x-forwarded-proto", "")).lower()
    if forwarded in ("http", "https"):
        scheme = forwarded
    named = _first(told.get("x-forwarded-host", ""))
    public = named if HOST.fullmatch(named) else host
    request_id = told.get("x-request-id", "")
    if not is_request_id(request_id):
        request_id = new_request_id()
    return _visit(scheme, public, request_id, _way(told, address, scheme, public))


def reader_of(scope: Mapping[str, Any], forwarded: str, trust: Trust) -> str:
    """The address of who asked, "" for none: the peer's, or where that is trusted the last one in an
    `X-Forwarded-For` that is not."""
    client = scope.get("client")
    address = str(client[0]) if client and client[0] else ""
    for before in reversed(forwarded.split(",") if forwarded else []):
        if not is_trusted(address, trust):
            break
        address = before.strip()
    return address


def _visit(scheme: str, host: str, request_id: str, way: Way) -> Visit:
    return Visit(scheme, host, request_id, (*way, ("x-request-id", request_id)))


@lru_cache(maxsize=4096)
def _direct_way(address: str, scheme: str, host: str) -> Way:
    """The headers of a request that came from the peer itself, which sends many alike."""
    return _way({}, address, scheme, host)


def _way(told: Mapping[str, str], address: str, scheme: str, host: str) -> Way:
    """The headers that tell of a request's way: those of a trusted peer, and the peer itself behind them."""
    forwarded = told.get("forwarded", "")
    before = told.get("x-forwarded-for") or ", ".join(_FOR.findall(forwarded))
    # A site that reads the one must not see less than a site that reads the other.
    if not forwarded and before:
        forwarded = ", ".join(f"for={_node(each.strip())}" for each in before.split(","))
    here = f'for={_node(address)};host="{host}";proto={scheme}'
    own = {
        "x-forwarded-for": f"{before}, {address}" if before else address,
        "x-forwarded-proto": scheme,
        "x-forwarded-host": host,
        "forwarded": f"{forwarded}, {here}" if forwarded else here,
        "x-real-ip": told.get("x-real-ip") or _first(before) or address,
    }
    others = {name: value for name, value in told.items() if is_forwarding(name) and name not in own}
    return tuple({**others, **own}.items())


def _first(values: str) -> str:
    return values.partition(",")[0].strip()


def _node(address: str) -> str:
    """An address as RFC 7239, section 6, writes it."""
    if re.fullmatch(r"[A-Za-z0-9._]+", address):
        return address
    bare = address.strip('"')
    return f'"[{bare}]"' if _is_ipv6(bare) else '"' + re.sub(r'["\\]', "", bare) + '"'


def _is_ipv6(address: str) -> bool:
    try:
        return ip_address(address).version == 6
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def is_trusted(address: str, trust: Trust) -> bool:
    """Whether a peer's word is taken, by its address; "" is one at a unix socket."""
    if not address:
        return trust.unix
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in trust.networks)
