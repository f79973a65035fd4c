"""The page about the rules says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newshole.page.outline import STACKS
from newshole.page.screen import Metrics
from newshole.page.selected import MOST
from newshole.rules.block_model import BLOCKS, AvoidWritten, BlockWritten
from newshole.rules.capping import FrequencyWritten
from newshole.rules.compile import load
from newshole.rules.conditions import When
from newshole.rules.consent_model import ConsentWritten
from newshole.rules.experiment_model import (
    ArmWritten,
    ExperimentWritten,
    HoldoutWritten,
    LayerWritten,
    MetricsWritten,
    PlanWritten,
)
from newshole.rules.facts import LATE_FACTS
from newshole.rules.layout_model import ClearWritten, LayoutWritten, Sides, StoryBounds
from newshole.rules.library_model import StoryEntry
from newshole.rules.model import (
    ArticleWritten,
    ElsewhereWritten,
    ExistingWritten,
    Library,
    OverrideWritten,
    PageWritten,
    ParagraphWritten,
    RulesWritten,
)
from newshole.rules.overrides import FIXED, FIXED_OF_BLOCKS
from newshole.rules.packs import packs
from newshole.rules.places import PointPlace, RepeatWritten
from newshole.rules.quantities import Schedule
from newshole.rules.screens import ScreensWritten, ScreenWritten
from newshole.rules.signals import EffectWritten, SensitivityWritten, SignalWritten, VerdictWritten
from newshole.rules.snippets import VARIABLES
from newshole.rules.source import MOST_BYTES, MOST_DEPTH, MOST_NODES
from newshole.rules.telling import VaryWritten
from newshole.rules.written import Written
from tests.rules.files import problems, write

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SECTIONS: list[tuple[str, tuple[type[Written], ...]]] = [
    ("The whole file", (RulesWritten, ParagraphWritten)),
    ("articles", (ArticleWritten,)),
    ("layout", (LayoutWritten, StoryBounds, ClearWritten, Sides)),
    ("screen", (ScreenWritten,)),
    ("blocks", (BlockWritten,)),
    ("Bounds of a block", (AvoidWritten,)),
    ("Often seen, and closed", (FrequencyWritten,)),
    ("existing", (ExistingWritten,)),
    ("elsewhere", (ElsewhereWritten,)),
    ("place", (PointPlace,)),
    ("repeat", (RepeatWritten,)),
    ("when", (When, Schedule)),
    ("vary", (VaryWritten,)),
    ("consent", (ConsentWritten,)),
    ("sensitivity", (SensitivityWritten, VerdictWritten, SignalWritten, EffectWritten)),
    ("library", (Library, StoryEntry)),
    ("pages", (PageWritten,)),
    ("overrides", (OverrideWritten,)),
    (
        "experiments",
        (ExperimentWritten, ArmWritten, LayerWritten, MetricsWritten, PlanWritten, HoldoutWritten),
    ),
]


def section(name: str) -> str:
    [found] = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    write(tmp_path, house=EXAMPLES[0], site=example)
    assert load(tmp_path / "site.yaml")


@pytest.mark.parametrize(("name", "models"), SECTIONS)
def test_every_key_has_a_row_and_an_example(name: str, models: tuple[type[Written], ...]) -> None:
    rows = " ".join(re.findall(r"^\| (`.*?) \|", section(name), re.MULTILINE))
    described = set(re.findall(r"\w+", rows))
    used = set(re.findall(r"[{,\[]?\b(\w+):(?=[ \n])", "".join(EXAMPLES)))
    keys = {key for model in models for key in model.key_names()}
    if name == "blocks":
        described |= set(re.findall(r"`(\w+)", section("Bounds of a block")))
        described |= set(re.findall(r"`(\w+)", section("Often seen, and closed")))
    if name == "articles":
        keys -= LATE_FACTS
    if name == "pages":
        keys -= {*When.key_names()}
    if name == "layout":
        described |= set(re.findall(r"`(before|after)`", section(name)))
    assert keys - described == set()
    assert keys - used == set()


def test_the_defaults_of_screens_are_those_of_the_metrics() -> None:
    usual = Metrics()
    assert set(ScreensWritten.key_names()) == {"mobile", "desktop"}
    for key, unit in {"column": "px", "font": "px", "line": "px", "letter": "em", "margin": "px"}.items():
        said = [f"`{getattr(screen, key):g} {unit}`" for screen in (usual.mobile, usual.desktop)]
        assert re.search(rf"^\| `{key}` \|[^|]*\| {', '.join(said)} \|", PAGE, re.MULTILINE)
    for screen in (usual.mobile, usual.desktop):
        assert f"`{screen.width}x{screen.height}`" in PAGE


@pytest.mark.parametrize("word", [*STACKS, *packs()])
def test_every_stack_and_every_pack_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_kind_leads_to_its_own_section(kind: str) -> None:
    assert f"[`{kind}`](blocks.md#{kind})" in section("blocks")
    blocks = (Path(__file__).parents[2] / "docs" / "blocks.md").read_text(encoding="utf-8")
    assert f"\n## {kind}\n" in blocks


def test_links_within_the_page_lead_somewhere() -> None:
    found = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    headings = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= headings


def test_the_mistakes_shown_are_told_so(tmp_path: Path) -> None:
    rules = (
        "blocks:\n  inline-ad:\n    kind: source\n    place: {after: paragraph}\n    repeat: {every: often}\n"
    )
    write(tmp_path, site=f"{rules}    plcae: body-end\n")
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert problems(tmp_path / "site.yaml") == shown.splitlines()


def test_the_limits_are_those_of_the_reader() -> None:
    assert (
        f"{MOST_BYTES:,} bytes, {MOST_NODES:,} values (aliases written out) and {MOST_DEPTH} levels" in PAGE
    )


@pytest.mark.parametrize(("key", "default"), [("timezone", "UTC"), ("language", "auto")])
def test_defaults_are_those_of_the_rules(key: str, default: str) -> None:
    assert RulesWritten.model_fields[key].default == default
    assert re.search(rf"^\| `{key}` \|[^|]*\| `{default}` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_has_a_row(name: str) -> None:
    assert f"| `{{{name}}}` |" in section("Variables")


@pytest.mark.parametrize("key", [*FIXED, *FIXED_OF_BLOCKS])
def test_what_cannot_be_overridden_is_named(key: str) -> None:
    assert f"`{key}`" in section("overrides")


def test_the_most_copies_at_selected_elements_are_those_of_the_page() -> None:
    assert f"the first {MOST}." in section("Selected elements")
