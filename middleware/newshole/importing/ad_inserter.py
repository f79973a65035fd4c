"""Ad Inserter, the plugin of WordPress: its exported settings as rules.

Each block goes through the same stages: code, position, what is asked of paragraphs, pages, readers and
times, and looks. A stage reads the options that are its own, and says what it could not carry over; options
that no stage asked for are told in the end. A block that would be on other pages, for other readers or in
another place than in the plugin is written as a comment, whole.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from newshole.errors import Problem, RulesError
from newshole.importing.codes import carry_code
from newshole.importing.counting import carry_counting
from newshole.importing.drafts import Draft, Note, ids
from newshole.importing.export import CODES, Export, read_export
from newshole.importing.looks import carry_looks
from newshole.importing.options import Options
from newshole.importing.pages import LIST_PAGES, carry_pages
from newshole.importing.positions import carry_position
from newshole.importing.readers import carry_readers
from newshole.importing.times import carry_times
from newshole.importing.writing import written
from newshole.rules.compile import load
from newshole.version import VERSION

_MOST_PAGE_BLOCKS: Final = "3"
_NO_COUNTING_INSIDE: Final = "blockquote, figure, li"
_BLOCK_OF: Final = re.compile(r"blocks\.([a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Imported:
    """The rules that were made of an export, and what became of each block.

    `empty` are the blocks without a code that are not as the plugin makes them; `problems` is what
    `newshole check` says of the rules, nothing as long as newshole itself is right.
    """

    rules: str
    version: str
    drafts: tuple[Draft, ...]
    empty: tuple[int, ...]
    general: tuple[Note, ...]
    problems: tuple[Problem, ...] = ()

    def count(self, outcome: str) -> int:
        return sum(draft.outcome == outcome for draft in self.drafts)


def import_ad_inserter(exported: bytes) -> Imported:
    """The rules for an export. Raises UsageError where it is none."""
    export = read_export(exported)
    names = _names(export)
    named = ids(names)
    drafts = [*_blocks(export, names, named), *_codes(export, names, named)]
    empty = tuple(number for number, own in export.blocks.items() if _is_empty(Options(own)))
    for _ in range(len(drafts) + 1):  # what cannot be loaded is turned off, one way or another
        _settle_fallbacks(drafts)
        imported = _imported(export, drafts, empty)
        if not _turned_off(imported.problems, drafts):
            break
    return imported


def _is_empty(options: Options) -> bool:
    return not options.code and not options.is_untouched()


def _names(export: Export) -> dict[str, str]:
    """The names of everything that has a code, by the numbers of blocks and the keys of codes."""
    blocks = {str(number): own for number, own in export.blocks.items() if Options(own).code}
    codes = {key: CODES[key].capitalize() for key, own in export.codes.items() if Options(own).code}
    return {**{number: Options(own)["name"] or f"Block {number}" for number, own in blocks.items()}, **codes}


def _blocks(export: Export, names: dict[str, str], named: dict[str, str]) -> list[Draft]:
    """A draft of every block that has a code."""
    drafts = [
        Draft(str(number), names[str(number)], named[str(number)], Options(own))
        for number, own in export.blocks.items()
        if str(number) in names
    ]
    for draft in drafts:
        _carry(draft, export, named)
    return drafts


def _codes(export: Export, names: dict[str, str], named: dict[str, str]) -> list[Draft]:
    """The codes for the page's head and foot, and the message for readers who block ads."""
    drafts = []
    for key, own in export.codes.items():
        options = Options({**own, "display_type": "13" if key == "f" else "0", "enable_widget": "0"})
        if key not in names:
            continue
        draft = Draft(key, names[key], named[key], options)
        is_on = options.is_on("enable_manual")
        carry_code(draft, "")
        if key == "f":
            carry_position(draft)
            draft.note("display_type", "it was on every page, here on articles", 'name it below "pages"')
        elif key == "h":
            draft.turn_off("code", "it belongs into <head>, which is never changed", "put it into the theme")
        else:
            draft.turn_off("code", "whether a reader blocks ads is not known here", "put it into the theme")
        if not is_on:
            draft.turn_off("enable_manual", "it is switched off in the plugin")
        carry_readers(draft, export.settings)
        drafts.append(draft)
    return drafts


def _carry(draft: Draft, export: Export, named: dict[str, str]) -> None:
    """Every stage, in its order."""
    if draft.options.is_on("disable_insertion"):
        draft.turn_off("disable_insertion", "it is paused in the plugin", "take the # away to have it again")
    carry_code(draft, _label(export))
    carry_position(draft)
    carry_counting(draft, export.settings.get("BLOCK_CLASS_NAME", "code-block"))
    if most := draft.options.number("maximum_insertions"):
        draft.rule["max"] = min(most, 1_000)
    carry_pages(draft)
    carry_readers(draft, export.settings)
    carry_times(draft, named)
    carry_looks(draft)
    draft.options["max_page_blocks"]
    for option, value in draft.options.left():
        draft.notes.append(Note(option, value, "nothing here is like it"))


def _label(export: Export) -> str:
    """What stands above ads, where it is plain text."""
    label = export.settings.get("AD_LABEL", "").strip()
    return "" if "<" in label else label


def _settle_fallbacks(drafts: Sequence[Draft]) -> None:
    """A block that was inserted nowhere may stand in for another; one that is off for more may not."""
    known = {draft.id: draft for draft in drafts}
    for draft in drafts:
        other = known.get(str(draft.rule.get("fallback")))
        if other is None or draft.off:
            continue
        if other.off and all(each.option == "display_type" and each.value == "0" for each in other.off):
            other.off.clear()
        elif other.off:
            del draft.rule["fallback"]
            draft.note(
                "fallback", f"{other.id} is not carried over", "say fallback: with the id of another block"
            )


def _imported(export: Export, drafts: Sequence[Draft], empty: tuple[int, ...]) -> Imported:
    general = tuple(_general(export, drafts, empty))
    pages = [
        {"name": name, **asked, "blocks": those}
        for name, asked in LIST_PAGES.values()
        if (those := [draft.id for draft in drafts if name in draft.lists and not draft.off])
    ]
    text = written(_heading(export, drafts), general, _top(export, drafts), drafts, pages)
    return Imported(text, export.version, tuple(drafts), empty, general, _problems(text))


def _heading(export: Export, drafts: Sequence[Draft]) -> list[str]:
    version = f" {export.version}" if export.version else ""
    outcomes = [draft.outcome for draft in drafts]
    blocks = "1 block" if len(drafts) == 1 else f"{len(drafts)} blocks"
    counts = (
        f"{outcomes.count('whole')} carried over whole, {outcomes.count('partly')} in part, "
        f"{outcomes.count('off')} not"
    )
    return [
        f"Made by newshole {VERSION} of the settings of Ad Inserter{version}.",
        f"{blocks}: {counts}.",
        "Comments say block by block what is not as it was, why, and what to do.",
        "Blocks that were not carried over are comments: mend them and take the # away.",
        "",
        "Try them: newshole explain PAGE --rules FILE",
        "",
    ]


def _top(export: Export, drafts: Sequence[Draft]) -> dict[str, Any]:
    """What stands above the blocks."""
    on = [draft for draft in drafts if not draft.off]
    top: dict[str, Any] = {"timezone": "UTC"} if any("schedule" in str(draft.when) for draft in on) else {}
    if on and all(draft.options.is_on("max_page_blocks") for draft in on):
        top["layout"] = {"blocks": int(_most_page_blocks(export))}
    return top


def _most_page_blocks(export: Export) -> str:
    most = export.settings.get("MAX_PAGE_BLOCKS", "")
    return most if most.isdigit() and 0 < int(most) <= 1_000 else _MOST_PAGE_BLOCKS


def _general(export: Export, drafts: Sequence[Draft], empty: tuple[int, ...]) -> Iterable[Note]:
    """What is to be told of the whole."""
    on = [draft for draft in drafts if not draft.off]
    asked = " ".join(str(draft.when) for draft in on)
    if any(draft.options.is_on("display_on_posts") for draft in on):
        why = "blocks are on every page that has a story's text here, static pages among them"
        yield Note("display_on_posts", "", why, 'say under "articles" which addresses are posts')
    if "schedule" in asked:
        yield Note("scheduling", "", "the export does not say your time zone", 'write it as "timezone"')
    for fact in ("logged_in", "country"):
        if f"'{fact}'" in asked:
            yield Note(fact, "", "newshole is told it by a header", f'name that: "vary: {{{fact}: X-…}}"')
    some = [draft.number for draft in on if draft.options.is_on("max_page_blocks")]
    if 0 < len(some) < len(on):
        why = f"at most {_most_page_blocks(export)} of blocks {', '.join(some)} were on a page"
        yield Note("max_page_blocks", "", why, "say layout: {blocks: …}, which is for all blocks")
    if empty:
        yield Note("code", "", f"blocks without a code are left out: {', '.join(map(str, empty))}")
    yield from _of_settings(export)


def _of_settings(export: Export) -> Iterable[Note]:
    """The settings of the plugin that readers notice."""
    own = export.settings
    if export.was_slashed:
        yield Note(
            "export", "", "it is as the database has it: the backslashes before quotes were taken away"
        )
    if export.unread:
        yield Note("export", ", ".join(export.unread), "these parts mean nothing to newshole")
    if own.get("DISABLE_BLOCK_INSERTIONS") == "1":
        yield Note("DISABLE_BLOCK_INSERTIONS", "1", "the plugin inserted no block at all; here they are on")
    if body := own.get("MAIN_CONTENT_ELEMENT"):
        yield Note(
            "MAIN_CONTENT_ELEMENT",
            body,
            "the story's text is found by itself",
            "else say it as articles: body",
        )
    if own.get("NO_PARAGRAPH_COUNTING_INSIDE", _NO_COUNTING_INSIDE) != _NO_COUNTING_INSIDE:
        why = "paragraphs inside quotes, figures, lists and tables are never counted here"
        yield Note("NO_PARAGRAPH_COUNTING_INSIDE", own["NO_PARAGRAPH_COUNTING_INSIDE"], why)
    if "<" in own.get("AD_LABEL", ""):
        yield Note("AD_LABEL", own["AD_LABEL"], "a label is plain text", "say defaults: {ad: {label: …}}")
    for option in ("CLICK_FRAUD_PROTECTION", "TRACKING", "ADB_ACTION"):
        if own.get(option, "0") not in ("", "0"):
            yield Note(option, own[option], "newshole does nothing of the kind")


def _problems(text: str) -> tuple[Problem, ...]:
    """What `newshole check` says of rules."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(text, encoding="utf-8", newline="\n")
        try:
            load(file)
        except RulesError as error:
            return error.problems
    return ()


def _turned_off(problems: Iterable[Problem], drafts: Sequence[Draft]) -> bool:
    """Turn off the blocks that cannot be loaded; whether there were any."""
    known = {draft.id: draft for draft in drafts if not draft.off}
    found = False
    for problem in problems:
        named = _BLOCK_OF.match(problem.message)
        if named and (draft := known.get(named[1])):
            draft.off.append(Note("newshole check", "", problem.message))
            found = True
    return found
