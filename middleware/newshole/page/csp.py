"""What Content Security Policies let in, by CSP level 3: inline elements, and scripts from an address."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import SplitResult, urlsplit

Sources: TypeAlias = tuple[str, ...]

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HASH = re.compile(r"'(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HOST_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^:/]+)(?::(?P<port>\d+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)
PORTS: Final = {"http": 80, "https": 443}
"""The ports of schemes where an address names none."""


class Policy(NamedTuple):
    """One policy: the sources of each of its directives; `is_enforced` is not so for one that only
    reports."""

    directives: Mapping[str, Sources]
    is_enforced: bool = True

    def sources(self, element: str) -> Sources | None:
        """What inline elements of this name ("style", "script") may be; None where anything may."""
        for name in (f"{element}-src-elem", f"{element}-src", "default-src"):
            if name in self.directives:
                return self.directives[name]
        return None


class Needed(NamedTuple):
    """What a block needs and a policy may keep out: a script, by its inline `code` or the `url` that it is
    loaded from, or `STYLE`.

    `has_nonce` says whether it gets the page's nonce: scripts that stand in an operator's markup do not.
    """

    name: str
    code: str = ""
    url: str = ""
    has_nonce: bool = True


STYLE: Final = Needed("inline-style")
"""The inline style of a page's blocks; what it says depends on which of them come."""


def policies_of(metas: Sequence[bytes]) -> list[Policy]:
    """The policies of a page's meta elements, as they are written."""
    return [Policy(directives_of(text)) for value in metas for text in value.split(b",")]


def directives_of(text: bytes) -> dict[str, Sources]:
    """The sources of each directive of one policy; of a name that is there twice the first counts."""
    directives: dict[str, Sources] = {}
    for directive in text.decode("latin-1").split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), tuple(sources))
    return directives


def kept_out(policies: Sequence[Policy], needed: Iterable[Needed], page: str) -> Iterator[Needed]:
    """What does not come to work on a page, by its URL, under these policies."""
    enforced = [each for each in policies if each.is_enforced]
    return (each for each in needed if enforced and not _is_let_in(each, enforced, page))


def _is_let_in(needed: Needed, policies: Sequence[Policy], page: str) -> bool:
    if needed == STYLE:
        return _may_apply(policies)
    if needed.url:
        return all(_lets_load(policy, needed, page) for policy in policies)
    return _runs_inline(needed, policies)


def _may_apply(policies: Sequence[Policy]) -> bool:
    """Whether our style may apply: its hash is known once the blocks stand, so a policy that has some is
    taken to have that one."""
    unhashed = [each for each in policies if not any(map(_HASH.fullmatch, each.sources("style") or ()))]
    return nonce_for("style", b"", unhashed) is not None


def _runs_inline(needed: Needed, policies: Sequence[Policy]) -> bool:
    nonce = nonce_for("script", needed.code.encode(), policies)
    return nonce == "" or (needed.has_nonce and nonce is not None)


def _lets_load(policy: Policy, needed: Needed, page: str) -> bool:
    """Whether a script from an address is let in (CSP level 3, section 6.7.1.1).

    Ours have the page's nonce, and are put there by a script that has it, by their plain address: a policy
    that requires trusted types lets no script do that.
    """
    if needed.has_nonce and "require-trusted-types-for" in policy.directives:
        return False
    sources = policy.sources("script")
    if sources is None or (needed.has_nonce and _nonces(sources)):
        return True
    if "'strict-dynamic'" in (source.lower() for source in sources):
        return needed.has_nonce
    try:
        own, target = urlsplit(page), urlsplit(needed.url)
        return any(_fits(source, target, own) for source in sources)
    except ValueError:  # of an address that is none, or of a port that is none
        return False


def _fits(source: str, target: SplitResult, page: SplitResult) -> bool:
    """Whether an address matches a source (section 6.7.2.8); one without a host is the page's own."""
    scheme, host = target.scheme or page.scheme or "https", target.hostname or page.hostname
    if source == "*":
        return scheme in PORTS
    if source.lower() == "'self'":
        return host == page.hostname and _port(target, scheme) in (_port(page, page.scheme), PORTS["https"])
    named = _SCHEME.fullmatch(source)
    if named is not None:
        return _is_scheme(named[1], scheme)
    found = _HOST_SOURCE.fullmatch(source)
    return (
        found is not None
        and _is_scheme(found["scheme"] or page.scheme or "http", scheme)
        and _is_host(found["host"].lower(), host or "")
        and found["port"] in (None, "*", str(_port(target, scheme)))
        and _is_path(found["path"] or "", target.path)
    )


def _is_scheme(wanted: str, scheme: str) -> bool:
    """What is asked of http may come by https."""
    return wanted.lower() in (scheme, "http" if scheme == "https" else scheme)


def _is_host(wanted: str, host: str) -> bool:
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else wanted in ("*", host)


def _is_path(wanted: str, path: str) -> bool:
    return path.startswith(wanted) if wanted.endswith("/") else wanted in ("", path)


def _port(address: SplitResult, scheme: str) -> int | None:
    return address.port or PORTS.get(scheme)


def nonce_for(element: str, content: bytes, policies: Sequence[Policy]) -> str | None:
    """The nonce that an inline element needs, "" for none; None where it cannot apply."""
    closed = [
        (sources, policy.is_enforced)
        for policy in policies
        if (sources := policy.sources(element)) is not None and not _lets_in(sources, content)
    ]
    enforced = [_nonces(sources) for sources, is_enforced in closed if is_enforced]
    reported = [_nonces(sources) for sources, is_enforced in closed if not is_enforced]
    if not enforced:
        return next((nonces[0] for nonces in reported if nonces), "")
    common = [nonce for nonce in enforced[0] if all(nonce in nonces for nonces in enforced)]
    in_all = (nonce for nonce in common if all(nonce in nonces for nonces in reported))
    return next(in_all, None) or next(iter(common), None)


def _nonces(sources: Sources) -> list[str]:
    return [match[1] for source in sources if (match := _NONCE.fullmatch(source))]


def _lets_in(sources: Sources, content: bytes) -> bool:
    """Whether an inline element applies without a nonce (section 6.7.3.3)."""
    hashes = [match for source in sources if (match := _HASH.fullmatch(source))]
    if any(match[2].translate(_URL_SAFE) == _digest(match[1].lower(), content) for match in hashes):
        return True
    lower = [source.lower() for source in sources]
    is_closed = hashes or _nonces(sources) or "'strict-dynamic'" in lower
    return "'unsafe-inline'" in lower and not is_closed


_URL_SAFE: Final = str.maketrans("-_", "+/")


def hash_of(content: bytes) -> str:
    """The source that lets an inline element of this content apply: "'sha256-…'"."""
    return f"'sha256-{_digest('sha256', content)}'"


@lru_cache(maxsize=256)
def _digest(algorithm: str, content: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
