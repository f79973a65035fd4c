"""The addresses of caches in front that an operator writes.

    fastly://SERVICE?key=NAME
    cloudflare://ZONE?token=NAME[&variant=HEADER:VALUE…]
    varnish+http://host:port                              varnish+https:// with TLS
    https://host/path?secret=NAME                         http:// too: a hook of yours

NAME is that of an environment variable: no secret stands in an address. `&api=` names another base address
than Fastly's or Cloudflare's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from newshole.cdn import cloudflare, fastly
from newshole.cdn.cloudflare import Cloudflare
from newshole.cdn.fastly import Fastly
from newshole.cdn.varnish import Varnish
from newshole.cdn.webhook import Webhook
from newshole.errors import UsageError
from newshole.secrets import read_secret

Target: TypeAlias = Fastly | Cloudflare | Varnish | Webhook
Options: TypeAlias = list[tuple[str, str]]

_ID = re.compile(r"[A-Za-z0-9]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIANT = re.compile(r"([A-Za-z0-9-]+):([!-~]+)")


class _WrongError(Exception):
    """What is wrong with one address, in words that repeat no secret."""


def read_targets(written: Iterable[str], environ: Mapping[str, str] = os.environ) -> tuple[Target, ...]:
    """The caches at these addresses, each once, with their secrets out of the environment.

    Raises UsageError in one line, with all that is wrong and no secret.
    """
    found: list[Target] = []
    wrong: list[str] = []
    for number, address in enumerate(written, 1):
        try:
            found.append(_read_target(address, environ))
        except (_WrongError, ValueError) as error:
            told = error if isinstance(error, _WrongError) else "cannot be read as an address"
            wrong.append(f"cache {number} ({_shown(address)}) {told}")
    if wrong:
        raise UsageError("; ".join(wrong))
    return tuple(dict.fromkeys(found))


def _read_target(address: str, environ: Mapping[str, str]) -> Target:
    split = urlsplit(address)
    reader = _READERS.get(split.scheme)
    if reader is None:
        raise _WrongError(f"must begin with {', '.join(f'{each}://' for each in _READERS)}")
    if not split.hostname or "@" in split.netloc or split.fragment:
        raise _WrongError(
            "must name a service, a zone or a host after ://, and no password: secrets are in the environment"
        )
    _ = split.port  # raises ValueError where it is none
    return reader(split, parse_qsl(split.query, keep_blank_values=True), environ)


def _fastly(split: SplitResult, options: Options, environ: Mapping[str, str]) -> Target:
    _check(options, "key", "api")
    key = _secret(options, "key", environ)
    return Fastly(_identity(split), key, _api(options, fastly.API))


def _cloudflare(split: SplitResult, options: Options, environ: Mapping[str, str]) -> Target:
    _check(options, "token", "api", "variant")
    token = _secret(options, "token", environ)
    variants = [_VARIANT.fullmatch(value) for name, value in options if name == "variant"]
    if None in variants:
        raise _WrongError("takes variant=HEADER:VALUE, as in variant=CF-Device-Type:mobile")
    pairs = tuple((each[1], each[2]) for each in variants if each is not None)
    return Cloudflare(_identity(split), token, _api(options, cloudflare.API), pairs)


def _varnish(split: SplitResult, options: Options, environ: Mapping[str, str]) -> Target:
    del environ
    _check(options)
    if split.path not in ("", "/"):
        raise _WrongError("must end after its host and port: varnish+http://varnish:6081")
    return Varnish(f"{split.scheme.removeprefix('varnish+')}://{split.netloc}")


def _webhook(split: SplitResult, options: Options, environ: Mapping[str, str]) -> Target:
    secret = _secret(options, "secret", environ)
    own = urlencode([(name, value) for name, value in options if name != "secret"])
    return Webhook(split._replace(query=own).geturl(), secret)


_READERS: Final[Mapping[str, Callable[[SplitResult, Options, Mapping[str, str]], Target]]] = {
    "fastly": _fastly,
    "cloudflare": _cloudflare,
    "varnish+http": _varnish,
    "varnish+https": _varnish,
    "https": _webhook,
    "http": _webhook,
}


def _check(options: Options, *known: str) -> None:
    unknown = [name for name, _ in options if name not in known]
    if unknown:
        listed = f"known are {', '.join(known)}" if known else "it takes none"
        raise _WrongError(f"has an option that is not known, {unknown[0]}; {listed}")


def _identity(split: SplitResult) -> str:
    """The id of a service or a zone, as it is written: hosts would be made small."""
    if not _ID.fullmatch(split.netloc) or split.path not in ("", "/"):
        raise _WrongError("must have an id of letters and digits after ://, and no path")
    return split.netloc


def _secret(options: Options, name: str, environ: Mapping[str, str]) -> str:
    """The secret that an option names. What the option says is never told: it may be the secret itself."""
    variable = dict(options).get(name, "")
    if not _VARIABLE.fullmatch(variable):
        raise _WrongError(f"must have {name}=NAME, the name of an environment variable with the secret")
    try:
        secret = read_secret(variable, environ)
    except UsageError as error:
        raise _WrongError(f"has no secret: {error}") from error
    if not secret:
        raise _WrongError(f"has no secret: the environment variable that {name}= names is not set, or empty")
    if not (secret.isascii() and secret.isprintable()):
        raise _WrongError(f"has a secret that is no printable ASCII: look at the variable that {name}= names")
    return secret


def _api(options: Options, usual: str) -> str:
    api = dict(options).get("api", usual).rstrip("/")
    if urlsplit(api).scheme not in ("http", "https") or not urlsplit(api).hostname:
        raise _WrongError("takes an http or https address as api")
    return api


def _shown(address: str) -> str:
    """An address as far as it can hold no secret."""
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}://{host}" if rest and scheme in _READERS else "not shown"
