"""Server mode through the mounted middleware: what each reader's page says, and what caches are told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from starlette.types import ASGIApp

from newshole import Newshole, Site
from newshole.types import Reader
from tests.consent.strings import Written
from tests.http.asgi import STORY, Client, ask, asked, page
from tests.rules.files import marked, mistakes, write

BLOCKS: Final = """
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {gpt: {unit: /1234/inline}}
    place: {after: paragraph, nth: 2}
"""
SLOT: Final = BLOCKS.replace("gpt: {unit: /1234/inline}", "slot: inline")
HEADER: Final = "consent: {mode: server, header: X-Consent}"
REGIONS: Final = """
vary: {country: X-Country}
consent: {mode: server, header: X-Consent, regions: [standard, BR]}
"""
TODAY: Final = int(time.time() // 86_400 * 86_400) * 10
AGREED: Final = Written(created=TODAY, updated=TODAY)
REFUSED: Final = Written(created=TODAY, updated=TODAY, purposes=frozenset())

Sites = Callable[[str], Site]


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    return lambda rules: Site.load(write(tmp_path, site=rules) / "site.yaml")


def visit(app: ASGIApp, path: str = "/news/bridge", **headers: str) -> Client:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return ask(app, asked(path, headers=pairs))


def word(client: Client) -> str:
    """The word that a page tells its script; "" for none."""
    found = re.findall(r'<script data-newshole-runtime[^>]* data-nh-consent="(\w+)">', client.body.decode())
    return "".join(found)


def cookie(written: Written) -> dict[str, str]:
    return {"cookie": f"a=b; euconsent-v2={written.text}"}


@pytest.mark.parametrize("consent", ["", "consent: browser", "consent: {vendors: 76, grace: 3 seconds}"])
def test_in_the_browser_pages_are_the_same_for_all_readers(sites: Sites, consent: str) -> None:
    app = Newshole(page(), site=sites(consent + BLOCKS))
    readers: list[dict[str, str]] = [{}, cookie(AGREED), cookie(REFUSED), {"sec_gpc": "1"}]
    answers = [visit(app, **each) for each in readers]
    assert len({each.body for each in answers}) == 1
    assert b"data-nh-consent" not in answers[0].body
    assert {(each.header(b"vary"), each.header(b"cache-control")) for each in answers} == {(None, None)}


def test_what_the_script_takes_for_granted_is_not_told(sites: Sites) -> None:
    usual = visit(Newshole(page(), site=sites(BLOCKS))).body
    assert b"<script data-newshole-runtime>" in usual
    assert b"data-nh-vendors" not in usual
    told = "consent: {vendors: [755, 76], without: personal, grace: 0.5 seconds}"
    other = visit(Newshole(page(), site=sites(told + BLOCKS))).body
    attributes = b' data-nh-vendors="755 76" data-nh-without="personal" data-nh-grace="500"'
    assert other.replace(attributes, b"") == usual.replace(
        *(re.findall(rb"rules&#34;:&#34;(\w+)", each)[0] for each in (usual, other))
    )


def test_the_cookie_decides_and_the_page_is_private(sites: Sites) -> None:
    app = Newshole(page(), site=sites("consent: server" + BLOCKS))
    for _ in range(2):
        for headers, expected in (
            (cookie(AGREED), "personal"),
            (cookie(REFUSED), "limited"),
            ({**cookie(AGREED), "sec_gpc": "1"}, "restricted"),
            ({}, ""),
            ({"cookie": f"euconsent-v2={AGREED.text[:-1]}"}, ""),
        ):
            client = visit(app, **headers)
            assert word(client) == expected
            assert client.header(b"cache-control") == b"private"
    assert app.plans.counts["plan-anew"] == 4


def test_another_cookie_can_hold_the_string(sites: Sites) -> None:
    app = Newshole(page(), site=sites("consent: {mode: server, cookie: FCCDCF}" + BLOCKS))
    assert word(visit(app, cookie=f"FCCDCF={AGREED.text}")) == "personal"
    assert word(visit(app, **cookie(AGREED))) == ""


def test_the_edges_word_decides_and_is_in_vary(sites: Sites) -> None:
    app = Newshole(page(), site=sites(HEADER + BLOCKS))
    for _ in range(2):
        for headers, expected in (
            ({"x_consent": "personal"}, "personal"),
            ({"x_consent": "limited", **cookie(AGREED)}, "limited"),
            ({"x_consent": "personal", "sec_gpc": "1"}, "restricted"),
            (cookie(AGREED), ""),
        ):
            client = visit(app, **headers)
            assert word(client) == expected
            assert client.header(b"vary") == b"X-Consent, Sec-GPC"
            assert client.header(b"cache-control") is None


def test_countries_without_a_framework_are_no_refusals(sites: Sites) -> None:
    app = Newshole(page(), site=sites(REGIONS + BLOCKS))
    for country, expected in (("JP", "personal"), ("BR", ""), ("DE", ""), ("RE", ""), ("US", ""), ("", "")):
        client = visit(app, x_country=country)
        assert word(client) == expected
        assert client.header(b"vary") == b"X-Consent, X-Country, Sec-GPC"


def test_pages_without_an_ad_that_waits_cost_nothing(sites: Sites) -> None:
    slots = Newshole(page(), site=sites("consent: server" + SLOT))
    assert visit(slots, **cookie(AGREED)).header(b"cache-control") is None
    elsewhere = f"consent: server{BLOCKS}    when: {{path: /sport/**}}\n"
    app = Newshole(page(), site=sites(elsewhere))
    assert visit(app, **cookie(AGREED)).header(b"cache-control") is None
    assert visit(app, "/sport/cup", **cookie(AGREED)).header(b"cache-control") == b"private"


def test_an_override_that_brings_such_an_ad_counts(sites: Sites) -> None:
    override = """
overrides:
  - name: sold
    when: {path: /sport/**}
    set: {blocks.ad.serve: {gpt: {unit: /1234/sold}}}
"""
    app = Newshole(page(), site=sites(f"consent: server{SLOT}{override}"))
    assert visit(app, **cookie(AGREED)).header(b"cache-control") is None
    assert word(visit(app, "/sport/cup", **cookie(AGREED))) == "personal"
    assert word(visit(app, "/sport/cup", **cookie(REFUSED))) == "limited"


def test_a_block_can_ask_for_the_word(sites: Sites) -> None:
    asks = f"consent: server{BLOCKS}    when: {{consent: personal}}\n"
    app = Newshole(page(), site=sites(asks))
    assert b"data-newshole=" in visit(app, **cookie(AGREED)).body
    assert b"data-newshole=" not in visit(app, **cookie(REFUSED)).body


def test_composing_takes_the_readers_word(sites: Sites) -> None:
    site = sites(HEADER + BLOCKS)
    url = "https://news.example/news/bridge"
    pages = {
        each: site.compose(STORY, url=url, reader=Reader(consent=each)).html
        for each in ("none", "limited", "restricted", "personal", "ads")
    }
    assert pages["none"] == pages["ads"]
    assert len(set(pages.values())) == 4
    for each in ("limited", "restricted", "personal"):
        assert b' data-nh-consent="%s">' % each.encode() in pages[each]


KEYS: Final = "mode, vendors, without, grace, cookie, header, regions"


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        ("¦always", f'expected "browser", "server", or a mapping of {KEYS}, found "always"'),
        ("{¦cookie: a}", '"cookie" is for "mode: server"'),
        ("{mode: browser, ¦regions: [DE]}", '"regions" is for "mode: server"'),
        (
            "{mode: server, ¦regions: standard}",
            '"regions" needs what tells the country: say vary: {country: HEADER}',
        ),
        (
            "server\nvary: {¦consent: X-Consent}",
            '"vary.consent" and "consent: server" do not go together; keep one',
        ),
        ("{grace: ¦2 minutes}", 'expected up to 60 seconds, such as "2 seconds", found "2 minutes"'),
        ("{grace: ¦61 seconds}", 'expected up to 60 seconds, such as "2 seconds", found "61 seconds"'),
        (
            "{vendors: [¦0]}",
            "expected the number of a vendor in the Global Vendor List, such as 755, found 0",
        ),
        (
            "{mode: server, header: ¦Cookie}",
            'expected the name of a header, such as X-Device, found "Cookie"',
        ),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, consent: str, told: str) -> None:
    text, place = marked(f"consent: {consent}\n")
    [mistake] = mistakes(tmp_path, text)
    assert mistake.startswith(f"{place}: ")
    assert mistake.endswith(told)
