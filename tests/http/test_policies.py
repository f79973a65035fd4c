"""Content Security Policies: nonces are reused, for one response alone, and nothing is loosened."""

from __future__ import annotations

import logging
import re

import pytest

from newshole import Newshole, Site
from newshole.http.policies import cut_for, read_nonced, read_policies, tell_once, with_nonce
from newshole.page.csp import Policy, hash_of
from newshole.page.policy import meta_policies
from tests.http.asgi import STORY, Client, ask, page

STYLE = b"a{b:c}"
RUNTIME = b"<style data-newshole-runtime>" + STYLE + b"</style><script data-newshole-runtime>d()</script>"
PAGE = b"<p>text</p>" + RUNTIME + b"<aside data-newshole=x></aside><style data-newshole-runtime></style>"
AT = len(b"<p>text</p>")

CSP = b"Content-Security-Policy"
REPORT = b"content-security-policy-report-only"


def nonces(*policies: bytes, reported: bytes | None = None) -> tuple[str, str, int]:
    """The nonces of style and script under these policies, and of how many it is known that neither
    applies."""
    raw = [(CSP, each) for each in policies] + ([] if reported is None else [(REPORT, reported)])
    placed = with_nonce(PAGE, AT, read_policies(raw))
    found = re.match(
        rb'<p>text</p><style data-newshole-runtime(?: nonce="([^"]*)")?>a{b:c}</style>'
        rb'(?:<script data-newshole-runtime(?: nonce="([^"]*)")?>d\(\)</script>)?'
        rb"<aside data-newshole=x></aside><style data-newshole-runtime></style>$",
        placed.html,
    )
    assert found is not None
    style, script = ((each or b"").decode() for each in found.groups())
    assert placed.is_changed == (placed.html != PAGE)
    return style, script, len(placed.hashes)


HASH = hash_of(STYLE).encode()


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ((), ("", "", 0)),
        ((b"img-src 'self'",), ("", "", 0)),
        ((b"default-src 'self' 'nonce-abc'",), ("abc", "abc", 0)),
        ((b"style-src 'nonce-abc'; script-src 'nonce-def'",), ("abc", "def", 0)),
        ((b"STYLE-SRC 'nonce-abc'; default-src 'nonce-def'",), ("abc", "def", 0)),
        ((b"style-src-elem 'nonce-abc'; style-src 'none'",), ("abc", "", 0)),
        ((b"style-src 'unsafe-inline'; script-src 'unsafe-inline'",), ("", "", 0)),
        ((b"style-src 'unsafe-inline' 'nonce-abc'",), ("abc", "", 0)),
        ((b"style-src " + HASH,), ("", "", 0)),
        ((b"style-src " + HASH.lower(),), ("", "", 1)),
        ((b"style-src 'self'",), ("", "", 1)),
        ((b"default-src 'self'",), ("", "", 2)),
        ((b"style-src 'nonce-abc'; style-src 'nonce-def'",), ("abc", "", 0)),
        ((b"style-src 'nonce-abc', style-src 'nonce-def' 'nonce-abc'",), ("abc", "", 0)),
        ((b"style-src 'nonce-abc'", b"style-src 'nonce-def'"), ("", "", 1)),
        ((b"style-src 'nonce-abc'", b"img-src *"), ("abc", "", 0)),
        ((b"script-src 'strict-dynamic' 'nonce-abc' 'unsafe-inline'",), ("", "abc", 0)),
        ((b"style-src 'nonce-a\"onload=x'",), ("", "", 1)),
        ((b"",), ("", "", 0)),
    ],
)
def test_the_nonce_of_the_directive_that_counts_is_reused(
    policies: tuple[bytes, ...], expected: tuple[str, str, int]
) -> None:
    assert nonces(*policies) == expected


def test_a_policy_that_only_reports_lends_its_nonce_and_keeps_nothing_out() -> None:
    assert nonces(reported=b"style-src 'nonce-abc'") == ("abc", "", 0)
    assert nonces(reported=b"style-src 'self'") == ("", "", 0)
    assert nonces(b"style-src 'nonce-a' 'nonce-b'", reported=b"style-src 'nonce-b'") == ("b", "", 0)


@pytest.mark.parametrize(
    "policy",
    [
        b"default-src 'self' 'nonce-*'",
        b"STYLE-SRC 'nonce-*'; default-src 'none'",
        b"style-src 'nonce-*', style-src 'self' 'nonce-*'",
        b"style-src 'nonce-*', style-src 'self'",
        b"style-src 'NONCE-*'",
        b"script-src 'unsafe-inline' 'nonce-*'; style-src 'unsafe-inline'",
        b"style-src 'sha256-x' 'nonce-*'; report-uri /nonce-*",
    ],
)
@pytest.mark.parametrize("name", [CSP, REPORT])
def test_responses_of_a_form_get_their_own_nonces(name: bytes, policy: bytes) -> None:
    runtime = PAGE[AT:]
    for nonce in (b"abc", b"0", b"A+/_-9=="):
        header = (name, policy.replace(b"*", nonce))
        nonced = read_nonced([(b"x-frame-options", b"DENY"), header])
        assert nonced is not None
        placed = cut_for(runtime, nonced.form).placed(runtime, nonced.nonce)
        assert placed == with_nonce(runtime, 0, read_policies([header]))


@pytest.mark.parametrize(
    "raw",
    [
        [],
        [(CSP, b"style-src 'self'")],
        [(CSP, b"style-src 'nonce-a' 'nonce-b'")],
        [(CSP, b"style-src 'nonce-a' 'NONCE-a'")],
        [(CSP, b"style-src 'nonce-'; script-src 'nonce-a'")],
        [(CSP, b"style-src 'nonce-a'"), (REPORT, b"style-src 'nonce-a'")],
    ],
)
def test_other_policies_are_read_each_time(raw: list[tuple[bytes, bytes]]) -> None:
    assert read_nonced(raw) is None


@pytest.mark.parametrize(
    ("head", "policies"),
    [
        (b"<meta http-equiv=\"Content-Security-Policy\" content=\"style-src 'nonce-abc'\">",
         (b"style-src 'nonce-abc'",)),
        (b"<META content='style-src &#39;self&#39;' HTTP-EQUIV=content-security-policy>",
         (b"style-src 'self'",)),
        (b"<!-- <meta http-equiv=content-security-policy content=x> -->", ()),
        (b"<!-- <meta http-equiv=content-security-policy content=x> --!>", ()),
        (b"<!-- <meta http-equiv=content-security-policy content=x>", ()),
        (b"<!--><meta http-equiv=content-security-policy content=x><!-- -->", (b"x",)),
        (b"<!---><meta http-equiv=content-security-policy content=x><!-- -->", (b"x",)),
        (b"<meta http-equiv=content-security-policy>", ()),
        (b"<meta name=content-security-policy content=x>", ()),
        (b"<meta http-equiv=content-security-policy-report-only content=x>", ()),
    ],
)  # fmt: skip
def test_policies_of_meta_elements_are_read(head: bytes, policies: tuple[bytes, ...]) -> None:
    assert meta_policies(head + STORY, len(head)) == policies
    assert meta_policies(STORY + head, len(STORY)) == ()


def composed(app: Newshole) -> Client:
    client = ask(app)
    assert b"data-newshole=" in client.body
    return client


def test_every_response_has_its_own_nonce_and_no_cache_keeps_one(site: Site) -> None:
    seen = []
    app = Newshole(page(), site=site)
    for nonce in (b"Abc0", b"Def1", b"Def1"):
        policy = (CSP, b"style-src 'nonce-%s'; script-src 'self'" % nonce)
        app.app = page(STORY, policy, (b"etag", b'"v1"'))
        client = composed(app)
        assert re.findall(rb'<style data-newshole-runtime nonce="([^"]*)">', client.body) == [nonce]
        assert client.header(CSP.lower()) == policy[1]
        assert client.header(b"content-length") == b"%d" % len(client.body)
        assert client.header(b"etag") is None
        seen.append(client.body)
    assert seen[0].replace(b"Abc0", b"Def1") == seen[1] == seen[2]
    app.app = page()
    assert b"nonce" not in composed(app).body


def test_a_page_with_tokens_in_its_head_gets_the_nonce_of_its_meta_element(site: Site) -> None:
    app = Newshole(page(), site=site)
    for number in range(6):
        nonce = b"n%d" % number
        meta = b"<meta http-equiv=Content-Security-Policy content=\"style-src 'nonce-%s'\">" % nonce
        app.app = page(STORY.replace(b"<title>", meta + b"<title>"))
        assert re.findall(rb'<style data-newshole-runtime nonce="([^"]*)">', composed(app).body) == [nonce]


@pytest.mark.parametrize(
    ("policy", "has_style", "has_script"),
    [
        (b"style-src 'self'; script-src 'unsafe-inline'", True, True),
        (b"style-src 'nonce-abc'; script-src 'self'", True, False),
        (b"default-src 'self'", True, False),
        (b"script-src 'nonce-abc', script-src 'self'", True, False),
    ],
)
def test_a_script_that_would_only_be_reported_is_left_out(
    policy: bytes, has_style: bool, has_script: bool
) -> None:
    placed = with_nonce(PAGE, AT, read_policies([(CSP, policy)]))
    assert (b"a{b:c}</style>" in placed.html, b"d()" in placed.html) == (has_style, has_script)
    assert (b"script" in placed.html) == has_script
    assert placed.html.endswith(PAGE[PAGE.index(b"<aside") :])


def test_a_script_that_is_only_watched_stays() -> None:
    assert b"d()" in with_nonce(PAGE, AT, read_policies([(REPORT, b"script-src 'self'")])).html


def test_operators_are_told_what_to_add_where_the_style_cannot_apply(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    tell_once.cache_clear()
    app = Newshole(page(STORY, (CSP, b"default-src 'self'")), site=site)
    with caplog.at_level(logging.WARNING, "newshole"):
        client, _ = composed(app), composed(app)
    assert app.counts == {"composed": 2, "policy": 2}
    [record] = caplog.records
    found = re.search(r"'sha256-[^']*'", record.getMessage())
    assert found is not None
    app.app = page(STORY, (CSP, b"default-src 'self' " + found[0].encode()))
    assert composed(app).body == client.body
    assert app.counts == {"composed": 3, "policy": 2}


def test_a_site_without_a_policy_has_none() -> None:
    assert read_policies([(b"x-content-security-policy", b"default-src 'none'"), (b"x", b"y")]) == []
    assert read_policies([], [b"style-src 'self'"]) == [Policy({"style-src": ("'self'",)})]


def test_what_an_element_is_told_in_attributes_is_no_part_of_its_content() -> None:
    told = PAGE.replace(
        b"<script data-newshole-runtime>", b'<script data-newshole-runtime data-nh-consent="x">'
    )
    placed = with_nonce(told, AT, read_policies([(CSP, b"script-src 'nonce-abc'")]))
    assert b'<script data-newshole-runtime nonce="abc" data-nh-consent="x">d()</script>' in placed.html
    refused = with_nonce(told, AT, read_policies([(CSP, b"script-src 'none'")]))
    without = told.replace(b'<script data-newshole-runtime data-nh-consent="x">d()</script>', b"")
    assert (refused.html, refused.hashes) == (without, (hash_of(b"d()"),))
