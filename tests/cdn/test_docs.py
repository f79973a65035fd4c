"""`docs/cdn.md` says what is so."""

from __future__ import annotations

import re
import time
from pathlib import Path

from newshole.cdn.cloudflare import MOST
from newshole.cdn.fastly import LONGEST_KEYS, MOST_KEYS
from newshole.cdn.purge import LONGEST_WAIT, TIMEOUT, TRIES
from newshole.cdn.tags import LONGEST_NAME, MOST_BYTES, block_tag, page_tags, site_tag
from newshole.cdn.targets import read_targets
from newshole.cdn.varnish import MOST_TAGS
from newshole.cdn.webhook import SIGNATURE, signature

DOCS = (Path(__file__).parents[2] / "docs" / "cdn.md").read_text("utf-8")


def test_every_tag_is_documented() -> None:
    tags = page_tags(site="a", rules="b", url="https://c/", blocks=("d",))
    kinds = {tag.decode().rsplit("-", 1)[0] for tag in tags}
    told = re.findall(r"^\| `(nh-[a-z]+)-[A-Z]+`", DOCS, re.MULTILINE)
    assert set(told) == kinds


def test_every_bound_is_as_documented() -> None:
    assert f"{MOST_KEYS} keys or {LONGEST_KEYS:,} letters" in DOCS
    assert f"`tags`, {MOST} a call" in DOCS
    assert f"`files`, {MOST} a call" in DOCS
    assert f"`X-Purge-Tags`, {MOST_TAGS} a call" in DOCS
    assert f"fit in {MOST_BYTES:,} bytes" in DOCS
    assert f"is longer than {LONGEST_NAME}," in DOCS
    assert f"no answer within {TIMEOUT:g} seconds" in DOCS
    assert f"up to {LONGEST_WAIT:g} seconds" in DOCS
    assert TRIES == 4
    assert site_tag("The Daily") == "nh-site-the-daily"
    assert block_tag("top-ad") == "nh-block-top-ad"


def test_every_address_of_a_cache_can_be_read() -> None:
    written = re.findall(r"`((?:fastly|cloudflare|varnish\+http|https)://[A-Z][^`]*)`", DOCS)
    addresses = [each.replace("HOST:PORT", "host:1").replace("SERVICE", "S1") for each in written]
    assert len(read_targets(addresses, {"NAME": "s3cret"})) == len(set(addresses)) == 5


def test_the_signature_is_checked_as_the_example_does() -> None:
    examples = re.findall(r"^```python\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
    (example,) = [each for each in examples if "def is_genuine" in each]
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - it is the documentation's own
    header = signature("s3cret", b"{}", int(time.time()))
    is_genuine = names["is_genuine"]
    assert callable(is_genuine)
    assert is_genuine(header, b"{}", b"s3cret")
    assert not is_genuine(header, b"[]", b"s3cret")
    assert not is_genuine(header, b"{}", b"other")
    assert not is_genuine(signature("s3cret", b"{}", 1), b"{}", b"s3cret")
    assert SIGNATURE in DOCS
