"""The newspaper's stories, sections and editions, read from the files beside this module.

A story is one file of HTML under `stories/`, its path the story's path on the site, with a front matter
in YAML between two lines of `---`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Edition:
    """The newspaper in one language: its name, the fixed words of its pages, and how it writes a date."""

    language: str
    locale: str
    name: str
    direction: str
    skip: str
    updated: str
    tags: str
    elsewhere: str
    moment: str
    """How a date and time of day are written, as a CLDR pattern."""

    @property
    def tag(self) -> str:
        """The BCP 47 tag of its pages, so that blocks write dates as the newspaper does."""
        return self.locale.replace("_", "-")


EDITIONS: Final = {
    edition.language: edition
    for edition in (
        Edition(
            "en", "en_GB", "The Osterhaven Courier", "ltr",
            "Skip to the text", "Updated", "Topics", "Elsewhere in the Courier", "d MMMM y, HH:mm",
        ),
        Edition(
            "de", "de", "Osterhavener Kurier", "ltr",
            "Zum Text springen", "Aktualisiert", "Themen", "Sonst noch im Kurier", "d. MMMM y, HH:mm",
        ),
        Edition(
            "ar", "ar", "بريد أوسترهافن", "rtl",
            "انتقل إلى النص", "حُدّث", "مواضيع", "في أقسام أخرى", "d MMMM y، HH:mm",
        ),
        Edition(
            "ja", "ja", "オスターハーフェン新報", "ltr",
            "本文へ移動", "更新", "話題", "ほかの記事", "y年M月d日 HH:mm",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the newspaper with a page of its own, at `/slug`."""

    slug: str
    name: str
    language: str = "en"

    @property
    def edition(self) -> Edition:
        return EDITIONS[self.language]


SECTIONS: Final = {
    section.slug: section
    for section in (
        Section("city", "City"),
        Section("world", "World"),
        Section("business", "Business"),
        Section("sport", "Sport"),
        Section("culture", "Culture"),
        Section("magazine", "Magazine"),
        Section("obituaries", "Obituaries"),
        Section("de", "Deutsch", "de"),
        Section("ar", "العربية", "ar"),
        Section("ja", "日本語", "ja"),
    )
}


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Picture(_Written):
    """A drawing of `static/pictures`, 1200 by 675 CSS pixels."""

    file: str
    alt: str
    caption: str

    @property
    def path(self) -> str:
        return f"/static/pictures/{self.file}"


class Update(_Written):
    """One entry of a live blog; `text` is HTML."""

    at: dt.datetime
    headline: str
    text: str


class Article(_Written):
    """One story; `path` is its path on the site, `body` its text as HTML.

    `label` is the section's name where it differs from that of the page that lists the story;
    `based_on` the URL that a syndicated story came from, `sponsor` who paid for it.
    """

    path: str
    body: str
    headline: str
    standfirst: str
    authors: tuple[str, ...]
    published: dt.datetime
    picture: Picture
    modified: dt.datetime | None = None
    label: str | None = None
    tags: tuple[str, ...] = ()
    based_on: str | None = None
    sponsor: str | None = None
    updates: tuple[Update, ...] = ()

    @property
    def section(self) -> Section:
        return SECTIONS[self.path.split("/")[1]]

    @property
    def section_name(self) -> str:
        return self.label or self.section.name

    @property
    def language(self) -> str:
        return self.section.language

    @property
    def is_live(self) -> bool:
        return bool(self.updates)


@cache
def articles() -> dict[str, Article]:
    """Every story by its path, newest first."""
    folder = HERE / "stories"
    found = [_read(file, file.relative_to(folder)) for file in folder.rglob("*.html")]
    found.sort(key=lambda article: article.published, reverse=True)
    return {article.path: article for article in found}


def _read(file: Path, name: Path) -> Article:
    _, front_matter, body = file.read_text(encoding="utf-8").split("---\n", 2)
    written = YAML(typ="safe").load(front_matter)
    return Article(path=f"/{name.with_suffix('').as_posix()}", body=body.strip(), **written)
