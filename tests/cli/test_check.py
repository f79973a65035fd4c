"""`newshole check`: every mistake of every file, sorted, and a line for each site where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import RULES, Newshole, Outcome
from tests.rules.files import write
from tests.rules.test_ten_mistakes import HOUSE, NEWS, SPORT, TEN

SITE = """\
site: News Example
hosts: [news.example, "*.news.example"]
blocks:
  more: {kind: stories, source: latest, place: body-after}
"""


def test_a_folder_with_ten_mistakes_gives_exactly_ten_lines(newshole: Newshole, tmp_path: Path) -> None:
    folder = write(tmp_path, house=HOUSE, news=NEWS, sport=SPORT)
    outcome = newshole("check", folder)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.text.replace(f"{folder}/", "") == TEN
    assert len(outcome.text.splitlines()) == 10


def test_mistakes_of_several_arguments_are_sorted_and_told_once(newshole: Newshole, tmp_path: Path) -> None:
    folder = write(tmp_path, b="blox: {}\nsite: B\nhots: b.example\n", a="site: A\nlayuot: {}\n")
    outcome = newshole("check", folder / "b.yaml", folder / "a.yaml", folder, "newspaper")
    assert outcome == Outcome(
        1,
        (
            f'{folder}/a.yaml:2:1: layuot: unknown key; did you mean "layout"?\n'
            f'{folder}/b.yaml:1:1: blox: unknown key; did you mean "blocks"?\n'
            f'{folder}/b.yaml:3:1: hots: unknown key; did you mean "hosts"?\n'
        ).encode(),
        "",
    )


def test_a_line_for_each_site_where_all_is_right(newshole: Newshole, tmp_path: Path) -> None:
    folder = write(tmp_path, site=SITE)
    assert newshole("check", folder, RULES) == Outcome(
        0,
        b"site: ok, News Example, 1 block, for news.example, *.news.example\n"
        b"rules: ok, News Example, 4 blocks, for every host\n",
        "",
    )


VARYING = """\
timezone: Europe/Warsaw
vary:
  device: X-Device
  logged_in: X-In
  visits: {cookie: seen}
  cookie: {plan: X-Plan}
articles:
  - {path: /city/**, header: {X-Tier: gold}}
  - {query: {view: full}}
blocks:
  a:
    kind: source
    place: body-end
    when:
      device: mobile
      logged_in: true
      visits: {min: 2}
      country: PL
      cookie: {plan: gold, subscriber: "1"}
      from: 2026-03-12
      until: 2026-03-15
  b:
    kind: source
    place: body-end
    when:
      any: [{bot: true}, {referrer: "*.search.example"}, {published: {within: 2 days}}]
      schedule: {weekdays: [mon, tue], hours: "07:00-10:00"}
      none: [{device: desktop, cookie: {subscriber: "1"}}, {published: present, consent: ads}]
"""


@pytest.mark.parametrize(
    ("unit", "vary", "line"),
    [
        ("page", "{}", "assigned by page, which costs nothing"),
        ("edge", "{arms: X-Arms}", "varies by X-Arms: a version of each page for every set of arms"),
        ("edge", "{id: X-Id}", "nothing tells its arms, so nobody takes part: say vary: {arms: HEADER}"),
        ("visitor", "{id: X-Id}", "varies by X-Id: a version of each page for every reader"),
        (
            "visitor",
            "{id: {cookie: uid}}",
            "by the cookie uid: not cacheable at a CDN; with unit: edge it is",
        ),
        ("visitor", "{arms: X-A}", "nothing tells its arms, so nobody takes part: say vary: {id: HEADER}"),
    ],
)
def test_what_an_experiment_costs_is_told(
    newshole: Newshole, tmp_path: Path, unit: str, vary: str, line: str
) -> None:
    rules = f"""
vary: {vary}
blocks: {{a: {{kind: source, place: body-end}}}}
experiments: {{wide: {{unit: {unit}, arms: {{control: {{}}, none: {{drop: a}}}}}}}}
"""
    outcome = newshole("check", write(tmp_path, site=rules))
    told = ["site: ok, site, 1 block, for every host", f"  experiment wide: {line}"]
    assert outcome.text.splitlines() == told


def test_what_would_break_experiments_that_run_is_told_against_the_rules_in_service(
    newshole: Newshole, tmp_path: Path
) -> None:
    text = """
blocks: {a: {kind: source, place: body-end}}
experiments: {wide: {unit: page, traffic: 40%, arms: {control: {}, none: {drop: a}}}}
"""
    old, new = (tmp_path / each for each in ("old", "new"))
    for folder in (old, new):
        folder.mkdir()
    before = write(old, site=text)
    write(new, site=text.replace("40%", "50%"))
    assert newshole("check", new, "--against", before).text.startswith("site: ok, ")
    write(new, site=text.replace("40%", "30%").replace("{}", "{weight: 3}"))
    outcome = newshole("check", new, "--against", before)
    assert (outcome.code, outcome.text.splitlines()) == (
        1,
        [
            (
                "site: experiments.wide.traffic: 30%, down from 40%, takes readers out of it: give it a new "
                "salt"
            ),
            (
                "site: experiments.wide.arms: other weights move readers from one arm to another: give it a "
                "new salt"
            ),
        ],
    )


@pytest.mark.parametrize(
    ("hosts", "others", "is_same"),
    [
        ("", "", True),
        ("hosts: [a.example, b.example]", "hosts: [b.example, c.example]", True),
        ("hosts: a.example", "hosts: c.example", False),
        ("hosts: a.example", "", False),
    ],
)
def test_a_site_whose_file_has_another_name_now_is_told_by_its_hosts(
    newshole: Newshole, tmp_path: Path, hosts: str, others: str, *, is_same: bool
) -> None:
    text = """
blocks: {a: {kind: source, place: body-end}}
experiments: {wide: {unit: page, traffic: 40%, arms: {control: {}, none: {drop: a}}}}
"""
    before = write(tmp_path, old=hosts + text)
    after = write(tmp_path, new=others + text.replace("40%", "30%"))
    outcome = newshole("check", after / "new.yaml", "--against", before / "old.yaml")
    assert outcome.code == (1 if is_same else 0)
    assert outcome.text.startswith("new: experiments.wide.traffic: 30%" if is_same else "new: ok, ")


def test_what_pages_vary_by_is_told_with_what_it_costs(newshole: Newshole, tmp_path: Path) -> None:
    outcome = newshole("check", write(tmp_path, site=VARYING))
    assert (outcome.code, outcome.err) == (0, "")
    every = "a version of each page for every value"
    assert outcome.text.splitlines() == [
        "site: ok, site, 2 blocks, for every host",
        "  varies by device (X-Device): 2 versions of each page",
        "  country: nothing tells it in front of a site: say vary: {country: HEADER}",
        f"  varies by cookie plan (X-Plan): {every}",
        (
            "  cookie subscriber: not cacheable at a CDN without an edge header: say vary: "
            "{cookie: {subscriber: HEADER}}"
        ),
        "  varies by logged_in (X-In): 2 versions of each page, where it has two values",
        "  visits (cookie seen): not cacheable at a CDN without an edge header: say vary: {visits: HEADER}",
        f"  varies by bot (User-Agent): {every}, and there are very many: say vary: {{bot: HEADER}}",
        f"  varies by referrer (Referer): {every}, and there are very many",
        "  consent: nothing tells it in front of a site: say vary: {consent: HEADER}",
        f"  varies by header X-Tier (X-Tier): {every}",
        "  varies by query view: it is part of the address, so a CDN must keep it in its key",
        (
            "  changes with time: from 2026-03-12 00:00 (Europe/Warsaw), until 2026-03-15 00:00 "
            "(Europe/Warsaw), mon, tue 07:00-10:00 (Europe/Warsaw), published within 2 days"
        ),
    ]


EDITORS = (
    "{override: [{meta: m, values: {x: review}}], signals: [{tag: a, level: solemn}], solemn: {ads: none}}"
)
SERVED = """\
sensitivity: SENSITIVITY
blocks:
  slot: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: a}, place: body-end}
  top: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {gpt: {unit: /1/top}}, place: body-start}
  end: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: b}, place: body-end}
overrides:
  - {name: sold, when: {tag: sold}, set: {blocks.end.serve: {gpt: {unit: /1/end}}}}
"""


@pytest.mark.parametrize(
    "sensitivity",
    [
        "standard",
        "{signals: [{tag: war, level: solemn}], review: {ads: none}}",
        EDITORS,
    ],
)
def test_where_an_ad_server_is_told_of_sensitive_stories_that_is_brought_to_mind(
    newshole: Newshole, tmp_path: Path, sensitivity: str
) -> None:
    outcome = newshole("check", write(tmp_path, site=SERVED.replace("SENSITIVITY", sensitivity)))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.text.splitlines() == [
        "site: ok, site, 3 blocks, for every host",
        "  sensitivity flags ads with sens=t: the ad server must act on it, for top, end",
    ]


@pytest.mark.parametrize(
    "sensitivity",
    [
        "{signals: [{tag: war, level: solemn}], solemn: {ads: house}}",
        "{signals: [{tag: war, level: review}], review: {ads: none}}",
        "{signals: [{tag: war, level: solemn}], solemn: {remove: [ad]}}",
    ],
)
def test_nothing_is_brought_to_mind_where_no_ad_is_flagged(
    newshole: Newshole, tmp_path: Path, sensitivity: str
) -> None:
    outcome = newshole("check", write(tmp_path, site=SERVED.replace("SENSITIVITY", sensitivity)))
    assert outcome == Outcome(0, b"site: ok, site, 3 blocks, for every host\n", "")


def test_nothing_is_brought_to_mind_where_no_ad_server_is_asked(newshole: Newshole, tmp_path: Path) -> None:
    rules = SERVED.replace("SENSITIVITY", "standard").replace("{gpt: {unit: /1/top}}", "{slot: t}")
    outcome = newshole("check", write(tmp_path, site=rules.partition("overrides:")[0]))
    assert outcome == Outcome(0, b"site: ok, site, 3 blocks, for every host\n", "")


@pytest.mark.parametrize("pack", ["newspaper", "quiet", "reference"])
def test_the_packs_are_right(newshole: Newshole, pack: str) -> None:
    outcome = newshole("check", pack)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.text.startswith(f"{pack}: ok, ")


def test_missing_rules_are_refused(newshole: Newshole, tmp_path: Path) -> None:
    assert newshole("check", "nothing", tmp_path) == Outcome(
        2,
        b"",
        "newshole: no rules at nothing: give a file, a folder or a pack (newspaper, quiet, reference)\n"
        f"newshole: no rules in the folder {tmp_path}: it holds no .yaml file\n",
    )


def test_mistakes_are_told_beside_missing_rules(newshole: Newshole, tmp_path: Path) -> None:
    folder = write(tmp_path, a="blox: {}\n")
    outcome = newshole("check", folder, "nothing")
    assert outcome.code == 2
    assert outcome.text.startswith(f"{folder}/a.yaml:1:1: ")
    assert outcome.err.startswith("newshole: no rules at nothing: ")


def test_rules_are_asked_for(newshole: Newshole) -> None:
    message = "newshole: Missing argument 'RULES'; see newshole check --help\n"
    assert newshole("check") == Outcome(2, b"", message)


@pytest.mark.parametrize(
    "rules",
    [
        '"\\e[31mred": 1\n',
        "site: \x1b[31m\n",
        'timezone: "\\e]0;owned\\a\\u202e"\n',
        'extends: "\\e[2J"\n',
        "\x00",
        "site: \x9b31m\n",
    ],
)
def test_no_text_of_rules_steers_the_terminal(newshole: Newshole, tmp_path: Path, rules: str) -> None:
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    outcome = newshole("check", tmp_path)
    assert outcome.code in (1, 2)
    assert all(line.isprintable() for line in (outcome.text + outcome.err).split("\n"))


@pytest.mark.parametrize("rules", [b"\xff\xfe\xff", b"", b"[", b"- a", b"&a [*a]", b"\t", b"a: b: c"])
def test_what_is_no_rules_file_is_told_in_a_line(newshole: Newshole, tmp_path: Path, rules: bytes) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(rules)
    outcome = newshole("check", file)
    assert "Traceback" not in outcome.text + outcome.err
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.text.startswith(f"{file}:1:")
    assert len(outcome.text.splitlines()) == 1


def test_words_that_stay_english_are_told(newshole: Newshole, tmp_path: Path) -> None:
    folder = write(tmp_path, site=f"language: hi\n{SITE}")
    outcome = newshole("check", folder)
    assert outcome.code == 0
    line = outcome.text.splitlines()[1]
    assert line.startswith("  language hi: newshole has no words in it, so blocks speak English: ")
    assert line.endswith("write your own in blocks.more.title")


WAITING = (
    "blocks: {a: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {gpt: {unit: /1/a}}, place: body-end}}\n"
)


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        ("browser", []),
        (
            "server",
            [
                (
                    "  consent (cookie euconsent-v2): not cacheable at a CDN without an edge header: say "
                    "consent: {mode: server, header: HEADER}; in the browser it costs nothing"
                )
            ],
        ),
        (
            "{mode: server, header: X-Consent}",
            ["  varies by consent (X-Consent, Sec-GPC): a version of each page for every value"],
        ),
        (
            "{mode: server, header: X-Consent, regions: standard}\nvary: {country: X-Country}",
            ["  varies by consent (X-Consent, X-Country, Sec-GPC): a version of each page for every value"],
        ),
    ],
)
def test_consent_on_the_server_is_told_with_what_it_costs(
    newshole: Newshole, tmp_path: Path, consent: str, told: list[str]
) -> None:
    outcome = newshole("check", write(tmp_path, site=f"consent: {consent}\n{WAITING}"))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.text.splitlines()[1:] == told
