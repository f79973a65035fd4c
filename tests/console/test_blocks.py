"""Blocks in forms: what people without YAML change, from what they type to what the draft says."""

from __future__ import annotations

import html
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from newshole.console.blocks.summary import conditions_in_words
from newshole.console.drafting.drafts import EACH, Drafts
from newshole.demo.app import RULES
from newshole.live.appending import read_log
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.source import Source
from newshole.rules.kinds import KINDS
from newshole.rules.tree import Plain
from tests.console.newsroom import STORY, Newsroom

_CONTROL = re.compile(
    r"<input(?P<input>[^>]*)>|<select(?P<select>[^>]*)>(?P<options>.*?)</select>"
    r"|<textarea(?P<area>[^>]*)>\n?(?P<text>.*?)</textarea>",
    re.DOTALL,
)


def attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else None


def filled(page: str) -> dict[str, str]:
    """What a browser would send of the form of a block, were nothing touched."""
    form = page[page.index('class="block-form"') :]
    sent: dict[str, str] = {}
    for found in _CONTROL.finditer(form):
        tag = found["input"] or found["select"] or found["area"] or ""
        name = attribute(tag, "name")
        if name is None or (attribute(tag, "type") == "checkbox" and "checked" not in tag):
            continue
        if found["select"]:
            chosen = re.findall(r'<option value="([^"]*)"([^>]*)>', found["options"] or "")
            picked = [value for value, more in chosen if "selected" in more] or [chosen[0][0]]
            sent[name] = html.unescape(picked[-1])
        elif found["area"]:
            sent[name] = html.unescape(found["text"] or "").replace("\n", "\r\n")
        else:
            sent[name] = attribute(tag, "value") or ("on" if attribute(tag, "type") == "checkbox" else "")
    return {**sent, "action": "save"}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"from": "2026-12-01", "schedule": {"weekdays": "Mon"}}, ""),
        ({"meta": {"sponsor": "present"}}, "meta sponsor: any"),
        (
            {"section": ["Magazine", "Sport"], "language": {"not": "de"}},
            "section: Magazine or Sport; language: not de",
        ),
        (
            {"words": {"min": 300, "max": 900}, "logged_in": False},
            "words: at least 300, at most 900; logged in: no",
        ),
        ({"any": [{"tag": "sea"}, {"tag": "port"}]}, "any of 2 conditions"),
    ],
)
def test_a_block_says_what_it_asks_of_pages_and_readers(when: dict[str, Plain], said: str) -> None:
    assert conditions_in_words({"when": when}) == said


def test_every_form_sent_as_it_is_changes_nothing(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        listed = client.get(quiet.screen("blocks"))
        blocks = sorted(set(re.findall(r"blocks/edit\?block=([a-z0-9-]+)", listed.text)))
        assert len(blocks) > 8
        for block in blocks:
            page = client.get(quiet.screen(f"blocks/edit?block={block}"))
            answer = client.post(quiet.screen("blocks/edit"), data=filled(page.text))
            assert "saved=nothing" in str(answer.url), (
                block,
                re.findall(r"<div class=.wrong.*?</div>", answer.text, re.DOTALL),
            )


def form_of(client: httpx.Client, room: Newsroom, query: str) -> dict[str, str]:
    return filled(client.get(room.screen(f"blocks/edit?{query}")).text)


def draft_of(answer: httpx.Response) -> str:
    (draft,) = parse_qs(urlsplit(str(answer.url)).query)["draft"]
    return draft


def text_of(client: httpx.Client, room: Newsroom, draft: str, block: str) -> dict[str, str]:
    """What stands in the form of a block of a draft."""
    return form_of(client, room, f"block={block}&draft={draft}")


def test_what_is_changed_goes_into_a_draft_and_nothing_into_service(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = form_of(client, quiet, "block=newsletter")
        sent |= {"f.title": 'The "Evening": {{ tide }}', "f.when.from": "2027-01-02T06:00"}
        answer = client.post(quiet.screen("blocks/edit"), data=sent)
        assert "saved=yes" in str(answer.url)
        assert "What the draft changes" in answer.text
        again = text_of(client, quiet, draft_of(answer), "newsletter")
        assert again["f.title"] == 'The "Evening": {{ tide }}'
        assert again["f.when.from"] == "2027-01-02T06:00"
        assert form_of(client, quiet, "block=newsletter")["f.title"] == "The Morning Tide"


def test_every_mistake_is_told_beside_its_field_and_what_was_typed_stays(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = form_of(client, quiet, "block=bottom-ad")
        sent |= {
            "f.serve.house[1].link": "javascript:alert(1)",
            "f.priority": "soon",
            "f.when.from": "2027-01-02T06:00",
            "f.when.until": "2026-01-02T06:00",
        }
        told = client.post(quiet.screen("blocks/edit"), data=sent)
        assert told.status_code == 422
        assert 'id="w.priority"' in told.text
        assert 'id="w.serve.house[1].link"' in told.text
        assert 'id="w.when.until"' in told.text
        shown = filled(told.text)
        assert shown["f.serve.house[1].link"] == "javascript:alert(1)"
        assert shown["f.when.until"] == "2026-01-02T06:00"
        assert shown["f.priority"] == "soon"


def test_a_mistake_in_an_entry_that_moved_is_told_where_it_was_typed(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = form_of(client, quiet, "block=bottom-ad")
        sent |= {"f.serve.house[2].link": "nowhere", "f.serve.house[2]@order": "0"}
        told = client.post(quiet.screen("blocks/edit"), data=sent)
        assert 'id="w.serve.house[2].link"' in told.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_block_of_every_kind_has_a_form(quiet: Newsroom, kind: str) -> None:
    with quiet.signed_in("ed") as client:
        sent = form_of(client, quiet, f"kind={kind}")
        told = client.post(quiet.screen("blocks/edit"), data=sent)
        assert told.status_code == 422
        assert 'id="w.id"' in told.text


def test_a_new_block_is_written_at_the_end(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = form_of(client, quiet, "kind=newsletter")
        sent |= {
            "id": "evening",
            "f.title": "The Evening Tide",
            "f.url": "/evening",
            "f.place@where": "body-end",
        }
        answer = client.post(quiet.screen("blocks/edit"), data=sent)
        assert "saved=yes" in str(answer.url), answer.text
        listed = client.get(quiet.screen(f"blocks?draft={draft_of(answer)}"))
        assert re.findall(r'id="block-([a-z0-9-]+)"', listed.text)[-1] == "evening"


def test_a_copy_says_what_its_original_does(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = {**form_of(client, quiet, "copy=live-ad"), "id": "live-ad-two"}
        answer = client.post(quiet.screen("blocks/edit"), data=sent)
        one, two = (text_of(client, quiet, draft_of(answer), each) for each in ("live-ad", "live-ad-two"))
        assert {**one, "block": ""} == {**two, "block": ""}


def test_a_name_that_is_taken_or_wrong_is_told(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        for name in ("more", "Not A Name", ""):
            sent = {**form_of(client, quiet, "copy=source"), "id": name}
            told = client.post(quiet.screen("blocks/edit"), data=sent)
            assert told.status_code == 422
            assert 'id="w.id"' in told.text, name


def test_a_block_that_nothing_needs_is_deleted_and_another_is_not(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        refused = client.get(quiet.screen("blocks/delete?block=strip"))
        assert "Other rules need it" in refused.text
        assert client.post(quiet.screen("blocks/delete"), data={"block": "strip"}).status_code == 200
        asked = client.get(quiet.screen("blocks/delete?block=video"))
        assert "Delete video" in asked.text
        answer = client.post(quiet.screen("blocks/delete"), data={"block": "video"})
        assert "saved=yes" in str(answer.url)
        assert 'id="block-video"' not in answer.text
        assert 'id="block-video"' in client.get(quiet.screen("blocks")).text


def test_blocks_change_their_order(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        answer = client.post(quiet.screen("blocks/move"), data={"block": "latest", "to": "up"})
        order = re.findall(r'id="block-([a-z0-9-]+)"', answer.text)
        assert order[-2:] == ["latest", "bottom-ad"]


def test_stories_are_pinned_in_the_order_that_is_typed(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        page = client.get(quiet.screen("blocks/pins"))
        assert page.text.count('name="url') == 7
        sent = {"url0": "/a", "order0": "2", "url1": "/b", "order1": "1", "url2": "/c", "gone2": "on"}
        answer = client.post(quiet.screen("blocks/pins"), data={**sent, "url3": "/a"})
        assert "saved=yes" in str(answer.url), answer.text
        assert re.findall(r"<li><code>([^<]*)</code>", answer.text) == ["/b", "/a"]
        told = client.post(quiet.screen("blocks/pins"), data={"url0": "not an address"})
        assert told.status_code == 422
        assert 'value="not an address"' in told.text


def five_stories(client: httpx.Client, room: Newsroom) -> str:
    """A draft in which a block shows five stories."""
    sent = {**form_of(client, room, "block=more"), "f.count": "5"}
    return draft_of(client.post(room.screen("blocks/edit"), data=sent))


def test_two_who_change_other_fields_of_one_draft_both_keep_theirs(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as ed, quiet.signed_in("anna") as anna:
        draft = five_stories(ed, quiet)
        mine, theirs = (form_of(each, quiet, f"block=more&draft={draft}") for each in (ed, anna))
        anna.post(quiet.screen("blocks/edit"), data={**theirs, "f.title": "Read on"})
        ed.post(quiet.screen("blocks/edit"), data={**mine, "f.layout": "list"})
        now = text_of(ed, quiet, draft, "more")
        assert (now["f.count"], now["f.title"], now["f.layout"]) == ("5", "Read on", "list")


def test_two_who_change_one_field_are_told(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as ed, quiet.signed_in("anna") as anna:
        draft = five_stories(ed, quiet)
        mine, theirs = (form_of(each, quiet, f"block=more&draft={draft}") for each in (ed, anna))
        anna.post(quiet.screen("blocks/edit"), data={**theirs, "f.count": "7"})
        told = ed.post(quiet.screen("blocks/edit"), data={**mine, "f.count": "9"})
        assert told.status_code == 422
        assert 'id="w.count"' in told.text
        assert filled(told.text)["f.count"] == "9"
        ed.post(quiet.screen("blocks/edit"), data=filled(told.text))
        assert text_of(ed, quiet, draft, "more")["f.count"] == "9"


def test_what_other_places_share_is_left_to_the_yaml(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = {**form_of(client, quiet, "block=inline-ad"), "f.serve.house[0].link": "/new"}
        told = client.post(quiet.screen("blocks/edit"), data=sent)
        assert told.status_code == 422
        assert "*boxes" in told.text
        assert filled(told.text)["f.serve.house[0].link"] == "/new"


def test_who_fills_an_ad_is_changed_whole(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = {**form_of(client, quiet, "block=bottom-ad"), "server": "slot", "action": "again"}
        shown = filled(client.post(quiet.screen("blocks/edit"), data=sent).text)
        assert "f.serve.house@count" not in shown
        answer = client.post(quiet.screen("blocks/edit"), data={**shown, "f.serve.slot": "bottom"})
        assert "saved=yes" in str(answer.url), answer.text
        now = text_of(client, quiet, draft_of(answer), "bottom-ad")
        assert (now["server"], now["f.serve.slot"]) == ("slot", "bottom")


def test_a_viewer_looks_and_changes_nothing(quiet: Newsroom) -> None:
    with quiet.signed_in("vi") as client:
        page = client.get(quiet.screen("blocks/edit?block=more"))
        assert "<fieldset disabled>" in page.text
        assert client.post(quiet.screen("blocks/edit"), data=filled(page.text)).status_code == 403
        for path in ("blocks/new", "blocks/delete?block=more"):
            assert client.get(quiet.screen(path)).status_code == 403


def test_what_is_not_there_is_told(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        for query in ("block=nothing", "kind=nothing", "copy=nothing", "block=more&draft=nothing"):
            answer = client.get(quiet.screen(f"blocks/edit?{query}"))
            assert answer.status_code == 400, query
            assert 'role="alert"' in answer.text


def test_an_editor_takes_the_ads_off_one_story_at_once(busy: Newsroom) -> None:
    with busy.signed_in("ed") as client:
        page = client.get(busy.screen("blocks"))
        assert 'name="what" value="no-ads"' in page.text
        sent = {"what": "no-ads", "name": STORY, "reason": "an accident", "until": ""}
        answer = client.post(busy.screen("switches/off"), data=sent)
        assert "an accident" in answer.text


def test_what_others_saved_in_other_fields_stays_where_one_field_is_in_dispute(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as ed, quiet.signed_in("anna") as anna:
        draft = five_stories(ed, quiet)
        mine, theirs = (form_of(each, quiet, f"block=more&draft={draft}") for each in (ed, anna))
        anna.post(quiet.screen("blocks/edit"), data={**theirs, "f.count": "7", "f.title": "Read on"})
        told = ed.post(quiet.screen("blocks/edit"), data={**mine, "f.count": "9"})
        again = filled(told.text)
        assert (again["f.count"], again["f.title"]) == ("9", "Read on")
        ed.post(quiet.screen("blocks/edit"), data=again)
        now = text_of(ed, quiet, draft, "more")
        assert (now["f.count"], now["f.title"]) == ("9", "Read on")


def test_a_saved_block_leads_on_to_preview_impact_and_publish(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = five_stories(client, quiet)
        page = client.get(quiet.screen(f"blocks/edit?block=more&draft={draft}"))
        assert "What the draft changes" in page.text
        assert f"preview?draft={draft}" in page.text
        assert f"publish?draft={draft}" in page.text
        assert f"rules/impact?draft={draft}" in page.text


def test_a_page_with_the_draft_is_told_beside_what_readers_get(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        sent = {**form_of(client, quiet, "block=more"), "f.place@where": "body-start"}
        draft = draft_of(client.post(quiet.screen("blocks/edit"), data=sent))
        address = quiet.screen("blocks/edit")
        told = client.get(address, params={"block": "more", "draft": draft, "page": STORY}).text
        assert "more moves: it was below the box of the story" in told
        told = client.get(
            address, params={"block": "more", "draft": five_stories(client, quiet), "page": STORY}
        ).text
        assert "latest goes: it was below the box of the story" in told
        sent = {**form_of(client, quiet, "block=more"), "f.title": "Read on"}
        titled = draft_of(client.post(quiet.screen("blocks/edit"), data=sent))
        told = client.get(address, params={"block": "more", "draft": titled, "page": STORY}).text
        assert "Every block stands where it stands now." in told
        for page in ("http://169.254.169.254/", "file:///etc/passwd", "/nowhere"):
            wrong = client.get(address, params={"block": "more", "draft": draft, "page": page})
            assert 'role="alert"' in wrong.text, page


def test_what_was_typed_on_a_revision_that_is_not_kept_any_more_is_shown_again(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = five_stories(client, quiet)
        mine = form_of(client, quiet, f"block=more&draft={draft}")
        pins = {"draft": draft, "seen": mine["seen"], "url0": "/sport/goalkeeper-wins-the-cup"}
        saved_often(quiet, draft)
        told = client.post(quiet.screen("blocks/edit"), data={**mine, "f.count": "9"})
        assert (told.status_code, "was saved many times" in told.text) == (422, True)
        assert filled(told.text)["f.count"] == "9"
        client.post(quiet.screen("blocks/edit"), data=filled(told.text))
        assert text_of(client, quiet, draft, "more")["f.count"] == "9"
        told = client.post(quiet.screen("blocks/pins"), data=pins)
        assert (told.status_code, 'value="/sport/goalkeeper-wins-the-cup"' in told.text) == (422, True)


def saved_often(room: Newsroom, name: str) -> None:
    """Somebody types in a draft until no revision from before is kept."""

    async def save(ledger: Ledger) -> None:
        drafts = Drafts(ledger, time.time)
        draft = await drafts.get(name)
        for n in range(EACH + 1):
            files = {path: f"{text}\n# {n}" for path, text in draft.files.items()}
            draft = await drafts.save(name, files, by="ed", seen=draft.revision)

    room.at(save)


def test_a_form_of_a_version_that_was_replaced_meanwhile_changes_that_version(busy: Newsroom) -> None:
    with busy.signed_in("ed") as client:
        sent = {**form_of(client, busy, "block=more"), "f.count": "5"}
        before = busy.at(in_service)

        async def publish_another(ledger: Ledger) -> None:
            text = RULES.read_text(encoding="utf-8").replace("layout: cards", "layout: list")
            await publish(ledger, Source(RULES.name, {RULES.name: text}), by="bo", note="x", clock=time.time)

        busy.at(publish_another)
        draft = draft_of(client.post(busy.screen("blocks/edit"), data=sent))

        async def base(ledger: Ledger) -> str:
            return (await Drafts(ledger, time.time).get(draft)).base

        assert busy.at(base) == before != busy.at(in_service)
        assert f"rules/merge?draft={draft}" in client.get(busy.screen(f"publish?draft={draft}")).text


async def in_service(ledger: Ledger) -> str:
    """The digest of the version in service."""
    return (await read_log(ledger))[1].serves
