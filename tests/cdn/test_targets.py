"""Addresses of caches: what they name, and that what is wrong with them never repeats a secret."""

from __future__ import annotations

import pytest

from newshole.cdn.cloudflare import Cloudflare
from newshole.cdn.fastly import Fastly
from newshole.cdn.targets import Target, read_targets
from newshole.cdn.varnish import Varnish
from newshole.cdn.webhook import Webhook
from newshole.errors import UsageError

ENVIRON = {"KEY": "s3cret", "EMPTY": "", "LINES": "s3cret\r\nX-Evil: 1"}


@pytest.mark.parametrize(
    ("address", "target", "name"),
    [
        ("fastly://SU1Z0isx?key=KEY", Fastly("SU1Z0isx", "s3cret"), "fastly://SU1Z0isx"),
        (
            "fastly://SU1?key=KEY&api=http://127.0.0.1:9/",
            Fastly("SU1", "s3cret", "http://127.0.0.1:9"),
            "fastly://SU1",
        ),
        (
            "cloudflare://023e105f?token=KEY&variant=CF-Device-Type:mobile&variant=CF-IPCountry:ES",
            Cloudflare("023e105f", "s3cret", variants=(("CF-Device-Type", "mobile"), ("CF-IPCountry", "ES"))),
            "cloudflare://023e105f",
        ),
        ("varnish+http://varnish:6081", Varnish("http://varnish:6081"), "varnish+http://varnish:6081"),
        ("varnish+https://[::1]:6081/", Varnish("https://[::1]:6081"), "varnish+https://[::1]:6081"),
        (
            "https://hooks.example/purge?for=news&secret=KEY",
            Webhook("https://hooks.example/purge?for=news", "s3cret"),
            "https://hooks.example/purge",
        ),
    ],
)
def test_an_address_names_a_cache(address: str, target: Target, name: str) -> None:
    assert read_targets([address], ENVIRON) == (target,)
    assert target.name == name
    assert "s3cret" not in repr(target)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("fastly://SU1", "(fastly://SU1) must have key=NAME, the name of an environment variable"),
        ("fastly://SU1?key=EMPTY", "the environment variable that key= names is not set, or empty"),
        ("fastly://SU1?key=LINES", "a secret that is no printable ASCII"),
        ("fastly://SU1?key=KEY&keys=KEY", "has an option that is not known, keys; known are key, api"),
        ("fastly://SU-1/a?key=KEY", "must have an id of letters and digits after ://, and no path"),
        ("fastly://SU1?key=KEY&api=ftp://x", "takes an http or https address as api"),
        ("cloudflare://1?token=KEY&variant=mobile", "takes variant=HEADER:VALUE"),
        ("varnish+http://varnish:6081/news", "must end after its host and port"),
        ("varnish+http://varnish:6081?x=1", "has an option that is not known, x; it takes none"),
        ("varnish+http://varnish:high", "cannot be read as an address"),
        ("https://hooks.example/", "must have secret=NAME"),
        ("akamai://1", "(not shown) must begin with fastly://, cloudflare://"),
        ("fastly://", "must name a service, a zone or a host after ://"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(address: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_targets([address], ENVIRON)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "fastly://SU1?key=t0ken-t0ken",
        "fastly://SU1?key=t0ken",
        "fastly://t0ken:t0ken@SU1?key=KEY",
        "t0ken",
        "https://hooks.example/t0ken?t0ken=1",
        "fastly://SU1#t0ken",
    ],
)
def test_what_may_be_a_secret_is_never_repeated(address: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_targets([address], ENVIRON)
    assert "t0ken" not in str(raised.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as raised:
        read_targets(["varnish+http://a", "fastly://SU1", "b"], ENVIRON)
    assert "cache 2 (fastly://SU1)" in str(raised.value)
    assert "cache 3 (not shown)" in str(raised.value)


def test_a_cache_that_is_named_twice_is_one() -> None:
    assert len(read_targets(["varnish+http://a", "varnish+http://a/"], ENVIRON)) == 1
