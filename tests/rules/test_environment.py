"""`${NAME}` is filled in below `serve` and `source`, when rules load, and its value is never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.rules.kinds.ad import Ad
from tests.rules.files import marked, mistakes, rules

AD = "blocks: {x: {kind: ad, place: body-end, sizes: {mobile: [[300, 250]]}, serve: SERVE}}"


def served(folder: Path, serve: str) -> Ad:
    options = rules(folder, AD.replace("SERVE", serve)).blocks[0].options
    assert isinstance(options, Ad)
    return options


def test_who_fills_an_ad_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETWORK", "1234")
    gpt = served(tmp_path, '{gpt: {unit: "/${NETWORK}/{site}", targeting: {n: ["${NETWORK}", b]}}}').serve.gpt
    assert gpt is not None
    assert (gpt.unit, gpt.targeting) == ("/1234/{site}", {"n": ("1234", "b")})


def test_rules_with_another_value_are_other_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for network in ("1", "2", "2"):
        monkeypatch.setenv("NETWORK", network)
        digests.add(rules(tmp_path, AD.replace("SERVE", '{slot: "${NETWORK}"}')).digest)
    assert len(digests) == 2


def test_overrides_take_values_from_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEOVER", "acme")
    written = AD.replace("SERVE", "{slot: a}")
    made = rules(
        tmp_path, f'{written}\noverrides: [{{name: t, set: {{blocks.x.serve.slot: "${{TAKEOVER}}"}}}}]'
    )
    options = made.under((0,)).blocks[0].options
    assert isinstance(options, Ad)
    assert options.serve.slot == "acme"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            AD.replace("SERVE", '{slot: ¦"a-${MISSING}"}'),
            "blocks.x.serve.slot: the environment has no MISSING",
        ),
        (
            AD.replace("SERVE", '{slot: a}, label: ¦"${SECRET}"'),
            'blocks.x.label: "${…}" is filled in below "serve" and "source" only',
        ),
        ('site: ¦"${SECRET}"', 'site: "${…}" is filled in below "serve" and "source" only'),
        (
            AD.replace("SERVE", '{slot: ¦"a-${NEWSHOLE_SECRET}"}'),
            "blocks.x.serve.slot: NEWSHOLE_SECRET is a setting of newshole itself, which no rule may name",
        ),
        (
            AD.replace("SERVE", "{slot: a}")
            + '\noverrides: [{name: t, set: {blocks.x.serve.slot: ¦"${MISSING}"}}]',
            "overrides[t].set.blocks.x.serve.slot: the environment has no MISSING",
        ),
        (
            'blocks: {x: {kind: stories, place: body-end, source: ¦"${SECRET}"}}',
            'blocks.x.source: expected one of pinned, related, latest, popular, feed, found "${SECRET}"',
        ),
        (
            AD.replace("SERVE", '{house: [{image: ¦"${SECRET}", link: /a, alt: A, width: 1, height: 1}]}'),
            (
                'blocks.x.serve.house[0].image: expected an address that starts with "https://", "http://" '
                'or "/", found "${SECRET}"'
            ),
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_name_and_never_by_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, told: str
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    monkeypatch.setenv("NEWSHOLE_SECRET", "hunter2")
    monkeypatch.delenv("MISSING", raising=False)
    text, at = marked(written)
    assert mistakes(tmp_path, text) == [f"{at}: {told}"]


def test_markup_may_write_what_its_scripts_mean(tmp_path: Path) -> None:
    written = "<script>f(`${NAME}`)</script>"
    assert served(tmp_path, f"{{html: '{written}', scripts: true}}").serve.html == written
