"""The addresses of Redis."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from newshole.errors import UsageError
from newshole.store.redis import open_redis
from newshole.store.url import Login, Place, read_url

ANN = Login("ann", "secret")
SECRET = Login(None, "secret")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://cache", Place("redis", (("cache", 6379),))),
        ("redis://cache:7000/3", Place("redis", (("cache", 7000),), db=3)),
        ("valkey://cache/3", Place("redis", (("cache", 6379),), db=3)),
        ("redis://[::1]:7000", Place("redis", (("::1", 7000),))),
        ("redis://:s%2Fs@cache", Place("redis", (("cache", 6379),), login=Login(None, "s/s"))),
        ("redis://ann:secret@cache", Place("redis", (("cache", 6379),), login=ANN)),
        ("redis://cache?max_connections=4", Place("redis", (("cache", 6379),), connections=4)),
        ("unix:///run/redis.sock?db=2", Place("unix", path="/run/redis.sock", db=2)),
        ("unix://ann:secret@/run/redis.sock", Place("unix", path="/run/redis.sock", login=ANN)),
        ("redis+cluster://a,b:7000", Place("cluster", (("a", 6379), ("b", 7000)))),
        (
            "redis+sentinel://:secret@a,b:5000/mymaster/1",
            Place("sentinel", (("a", 26379), ("b", 5000)), service="mymaster", db=1, login=SECRET),
        ),
        (
            "redis+sentinel://a/mymaster?sentinel_password=other",
            Place("sentinel", (("a", 26379),), service="mymaster", sentinel_login=Login(None, "other")),
        ),
    ],
)  # fmt: skip
def test_an_address_names_a_place(url: str, place: Place) -> None:
    assert read_url(url) == place


def test_tls_trusts_what_it_is_told() -> None:
    strict, lax = read_url("rediss://cache").tls, read_url("rediss+cluster://a?ssl_cert_reqs=none").tls
    assert strict is not None
    assert (strict.check_hostname, strict.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert lax is not None
    assert (lax.check_hostname, lax.verify_mode) == (False, ssl.CERT_NONE)
    unnamed = read_url("rediss+sentinel://a/main?ssl_check_hostname=false").tls
    assert unnamed is not None
    assert (unnamed.check_hostname, unnamed.verify_mode) == (False, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("cache:6379", "must begin with redis://"),
        ("http://cache", "must begin with redis://"),
        ("redis://", "must name a host"),
        ("redis://cache:seven", "no number from 1 to 65535"),
        ("redis://cache:0", "from 1 to 65535"),
        ("redis://cache:70000", "no number from 1 to 65535"),
        ("redis://cache/main", "as db"),
        ("redis://cache/1/2", "more than the number"),
        ("redis://a,b", "redis+cluster://"),
        ("redis://cache?socket_timeout=5", "not known, socket_timeout"),
        ("rediss://cache?ssl_ca_cert=x", "did you mean ssl_ca_certs?"),
        ("redis://cache?ssl_ca_certs=x", "not known, ssl_ca_certs"),
        ("rediss://cache?ssl_ca_certs=/nowhere.pem", "No such file"),
        ("rediss://cache?ssl_cert_reqs=maybe", "required or none"),
        ("redis://cache?max_connections=0", "at least 1 as max_connections"),
        ("redis+cluster://a/1", "database 0 alone"),
        ("redis+sentinel://a", "sentinels' service"),
        ("unix://", "path of a socket"),
    ],
)
def test_a_wrong_address_is_told_in_one_line(url: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_redis(url)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2/x@cache",
        "redis://:hunter2?x=1@cache",
        "redis://:hunter2#x@cache",
        "redis://:hunter2",
        "redis://:hunter2@cache:70000",
        "redis://:hunter2[@cache",
        "redis://:hunter2\u2100@cache",
        "redis://ann:hunter2@a,b",
        "redis://ann:hunter2@cache?ssl_password=hunter2",
        "rediss://ann:hunter2@cache?ssl_certfile=/nowhere.pem&ssl_password=hunter2",
        "http://ann:hunter2@cache",
        "hunter2@cache",
        "hunter2:x@cache",
        "redis+sentinel://ann:hunter2@a",
        "unix://ann:hunter2@",
    ],
)
def test_no_error_repeats_a_password(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_redis(url)
    told: BaseException | None = raised.value
    while told is not None:
        assert "hunter2" not in str(told)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)


@pytest.mark.parametrize(
    "url",
    [
        "redis://ann:hunter2@cache",
        "unix://ann:hunter2@/run/redis.sock",
        "redis+cluster://ann:hunter2@a,b",
        "redis+sentinel://ann:hunter2@a/main?sentinel_password=hunter2",
    ],
)
def test_no_store_shows_its_password(url: str) -> None:
    assert "hunter2" not in repr(open_redis(url))


def test_a_certificate_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match="cannot be used"):
        open_redis(f"rediss://cache?ssl_ca_certs={tmp_path}/ca.pem")
