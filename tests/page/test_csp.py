"""Which scripts a Content Security Policy keeps from running."""

from __future__ import annotations

import pytest

from newshole.page.csp import Needed, hash_of, kept_out, policies_of

PAGE = "https://news.example/world"
OURS = Needed("gpt.js", code="f()")
LIBRARY = Needed("gpt", url="https://ads.example/tag/js/gpt.js")
WRITTEN = Needed("inline-scripts", code="g()", has_nonce=False)
LINKED = Needed("linked", url="https://ads.example/tag/js/gpt.js", has_nonce=False)
ALL = (OURS, LIBRARY, WRITTEN, LINKED)


def lost(*policies: bytes, needed: tuple[Needed, ...] = ALL) -> list[str]:
    """The names of the scripts that are kept out."""
    return [each.name for each in kept_out(policies_of(policies), needed, PAGE)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (b"", []),
        (b"img-src 'none'", []),
        (b"script-src 'none'", ["gpt.js", "gpt", "inline-scripts", "linked"]),
        (b"default-src 'self'", ["gpt.js", "gpt", "inline-scripts", "linked"]),
        (b"script-src 'unsafe-inline'", ["gpt", "linked"]),
        (b"script-src 'unsafe-inline' https:", []),
        (b"script-src 'unsafe-inline' *", []),
        (b"script-src 'nonce-abc'", ["inline-scripts", "linked"]),
        (b"script-src 'nonce-abc' https://ads.example", ["inline-scripts"]),
        (b"script-src 'nonce-abc' 'strict-dynamic' https:", ["inline-scripts", "linked"]),
        (b"script-src https://ads.example " + hash_of(b"f()").encode(), ["inline-scripts"]),
        (b"script-src-elem 'unsafe-inline' *; script-src 'none'", []),
        (b"require-trusted-types-for 'script'", ["gpt"]),
        (b"script-src 'nonce-abc', script-src 'nonce-def'", ["gpt.js", "inline-scripts", "linked"]),
    ],
)
def test_scripts_that_no_policy_lets_in_are_kept_out(policy: bytes, expected: list[str]) -> None:
    assert lost(policy) == expected


@pytest.mark.parametrize(
    ("source", "url", "is_let_in"),
    [
        ("https://ads.example", "https://ads.example/a.js", True),
        ("http://ads.example", "https://ads.example/a.js", True),
        ("https://ads.example", "http://ads.example/a.js", False),
        ("ads.example", "https://ads.example/a.js", True),
        ("ADS.example", "https://ads.example/a.js", True),
        ("ads.example:443", "https://ads.example/a.js", True),
        ("ads.example:8443", "https://ads.example/a.js", False),
        ("ads.example:*", "https://ads.example:8443/a.js", True),
        ("*.example", "https://ads.example/a.js", True),
        ("*.ads.example", "https://ads.example/a.js", False),
        ("ads.example/js/", "https://ads.example/js/a.js", True),
        ("ads.example/js/", "https://ads.example/a.js", False),
        ("ads.example/a.js", "https://ads.example/a.js", True),
        ("'self'", "https://news.example/a.js", True),
        ("'self'", "/a.js", True),
        ("'self'", "https://ads.example/a.js", False),
        ("http:", "https://ads.example/a.js", True),
        ("data:", "https://ads.example/a.js", False),
        ("'none'", "https://ads.example/a.js", False),
        ("ads.example", "https://[ads.example/a.js", False),
        ("ads.example:*", "https://ads.example:99999/a.js", False),
        ("not a source", "https://ads.example/a.js", False),
    ],
)
def test_an_address_is_let_in_by_a_source_that_it_matches(source: str, url: str, is_let_in: bool) -> None:
    needed = (Needed("it", url=url, has_nonce=False),)
    assert lost(f"script-src {source}".encode(), needed=needed) == ([] if is_let_in else ["it"])


def test_a_policy_that_only_reports_keeps_nothing_out() -> None:
    [policy] = policies_of([b"script-src 'none'"])
    assert not list(kept_out([policy._replace(is_enforced=False)], ALL, PAGE))
