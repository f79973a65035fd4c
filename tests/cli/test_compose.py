"""`newshole compose`: the bytes it writes, what it says of them, and what it refuses."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from newshole import Reader, Site
from tests.cli.conftest import RULES, STORY, Newshole, Outcome, refused

URL = "https://news.example/world/bridge"
GIVE = "; give an HTML file, an address or -"


def composed(url: str = "", *, rules: str | Path = RULES, device: str = "desktop") -> bytes:
    page = Site.load(rules).compose(STORY.read_bytes(), url=url, reader=Reader(device=device))
    assert page.untouched is None
    return page.html


def test_writes_the_page_byte_for_byte_and_says_what_was_placed(newshole: Newshole) -> None:
    outcome = newshole("compose", STORY, "--rules", RULES)
    assert outcome == Outcome(0, composed(), f"newshole: {STORY}: placed inline-ad\n")


def test_the_pack_newspaper_serves_where_no_rules_are_named(newshole: Newshole) -> None:
    outcome = newshole("compose", STORY)
    assert (outcome.code, outcome.out) == (0, composed(rules="newspaper"))


def test_several_copies_of_a_block_are_told_once(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        RULES.read_text("utf-8").replace("ads: 1", "ads: 2").replace("nth: 2", "nth: [2, -1]"), "utf-8"
    )
    assert newshole("compose", STORY, "--rules", rules).err.endswith("placed inline-ad (2 times)\n")


def test_reads_standard_input(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STORY.read_bytes())))
    assert newshole("compose", "-", "--rules", RULES) == Outcome(
        0, composed(), "newshole: -: placed inline-ad\n"
    )


@pytest.mark.parametrize("option", ["-o", "--output"])
def test_writes_to_a_file_over_an_older_one(newshole: Newshole, tmp_path: Path, option: str) -> None:
    out = tmp_path / "composed.html"
    out.write_bytes(b"older")
    out.chmod(0o640)
    outcome = newshole("compose", STORY, "--rules", RULES, option, out)
    assert (outcome.code, outcome.out) == (0, b"")
    assert out.read_bytes() == composed()
    assert out.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [out]


def test_a_page_is_composed_in_its_own_place(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "story.html"
    page.write_bytes(STORY.read_bytes())
    newshole("compose", page, "--rules", RULES, "-o", page)
    assert page.read_bytes() == composed()


def test_a_link_stays_one_when_it_is_written_to(newshole: Newshole, tmp_path: Path) -> None:
    file, link = tmp_path / "file.html", tmp_path / "link.html"
    link.symlink_to(file)
    newshole("compose", STORY, "--rules", RULES, "-o", link)
    assert link.is_symlink()
    assert file.read_bytes() == composed()


def test_rules_look_at_the_address_that_is_given(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("articles: [{path: '/world/**'}]\n" + RULES.read_text("utf-8"), "utf-8")
    with_address = newshole("compose", STORY, "--rules", rules, "--url", URL)
    assert with_address.out == composed(URL, rules=rules)
    without = newshole("compose", STORY, "--rules", rules)
    assert without == Outcome(
        0,
        STORY.read_bytes(),
        f"newshole: {STORY} is left untouched (not-an-article): the rules do not take it for an article; "
        "rules may ask for its address, see --url\n",
    )


def test_rules_look_at_the_device_that_is_given(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("section: [Sport]", "device: mobile"), "utf-8")
    mobile = newshole("compose", STORY, "--rules", rules, "--device", "mobile")
    assert mobile.out == composed(rules=rules, device="mobile")
    assert b'data-newshole="follow"' in mobile.out
    assert b'data-newshole="follow"' not in newshole("compose", STORY, "--rules", rules).out


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"<!doctype html><title>A page</title><p>No story.", "no-body"),
        ("<p>Story".encode("utf-16"), "encoding"),
        (b"\x00" * 100, "binary"),
        (b"".join(b"<p><font id=%d>" % n for n in range(8000)), "hostile-markup"),
        (b"<p>word " * 1_000_000, "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_that_is_left_untouched_is_written_as_it_came(
    newshole: Newshole, tmp_path: Path, page: bytes, reason: str
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(page)
    outcome = newshole("compose", file)
    assert (outcome.code, outcome.out) == (0, page)
    assert outcome.err.startswith(f"newshole: {file} is left untouched ({reason}): ")
    assert outcome.err.count("\n") == 1


def test_a_composed_page_is_not_composed_again(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(composed())
    outcome = newshole("compose", file, "--rules", RULES)
    assert (outcome.code, outcome.out) == (0, composed())
    assert "(already-composed)" in outcome.err


def test_a_fault_leaves_the_page_and_fails(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no\x1b[31m plan")

    monkeypatch.setattr("newshole.composing.make_plan", fail)
    outcome = newshole("compose", STORY, "--rules", RULES)
    assert (outcome.code, outcome.out) == (1, STORY.read_bytes())
    how, said = outcome.err.splitlines()
    assert how.startswith(r"newshole: plan failed on : LookupError: no\x1b[31m plan (test_compose.py:")
    assert (
        said == f"newshole: {STORY} is left untouched (plan-fault): newshole itself failed, please report it"
    )


def test_wrong_rules_are_told_mistake_by_mistake(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("site: News\nblox: {}\nblocks: {a: {kind: source}}\n", "utf-8")
    assert newshole("compose", STORY, "--rules", rules) == Outcome(
        1,
        b"",
        f'{rules}:2:1: blox: unknown key; did you mean "blocks"?\n'
        f'{rules}:3:13: blocks.a: needs "place", "prefer" or "repeat"\n',
    )


def test_a_missing_file_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "nothing.html"
    refused(newshole("compose", file), f"cannot read {file}: No such file or directory{GIVE}")


def test_a_folder_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    refused(newshole("compose", tmp_path), f"cannot read {tmp_path}: Is a directory{GIVE}")


def test_a_name_with_control_characters_is_shown_escaped(newshole: Newshole) -> None:
    refused(
        newshole("compose", "no\x1b[31m\nsuch\u202efile"),
        rf"cannot read no\x1b[31m\nsuch\u202efile: No such file or directory{GIVE}",
    )


def test_a_file_over_the_bound_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    with file.open("wb") as sparse:
        sparse.truncate(32 * 1024 * 1024 + 1)
    refused(newshole("compose", file), f"{file} is over 32 MB: give a single page")


def test_missing_rules_are_refused(newshole: Newshole) -> None:
    refused(
        newshole("compose", STORY, "--rules", "nothing"),
        "no rules at nothing: give a file, a folder or a pack (newspaper, quiet, reference)",
    )


def test_an_unknown_device_is_refused(newshole: Newshole) -> None:
    refused(newshole("compose", STORY, "--device", "tv"), 'unknown device "tv": give mobile or desktop')


@pytest.mark.parametrize("url", ["story", "ftp://news.example/", "http://", "http://[/", "http://a:99999/"])
def test_what_is_no_address_is_refused(newshole: Newshole, url: str) -> None:
    message = f"{url} is no address of a page: give one like https://news.example/story"
    refused(newshole("compose", STORY, "--url", url), message)


@pytest.mark.parametrize(
    ("out", "why"),
    [("nothing/out.html", "No such file or directory"), (".", "Is a directory")],
)
def test_an_output_that_cannot_be_written_is_refused(
    newshole: Newshole, tmp_path: Path, out: str, why: str
) -> None:
    name = f"{tmp_path}/{out}"
    refused(
        newshole("compose", STORY, "--rules", RULES, "-o", name),
        f"cannot write {name}: {why}; name another file with -o",
    )
