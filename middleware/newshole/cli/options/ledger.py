"""The options of the commands that change a running site, or tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias

import typer

from newshole.cli.options.records import setting
from newshole.live.ledger import NAME

RedisOption: TypeAlias = Annotated[str | None, setting("redis", "URL", "The workers' Redis.")]
NameOption: TypeAlias = Annotated[
    str, setting("name", "NAME", f"What the workers know the site by.  [default: {NAME}]")
]
AuthorOption: TypeAlias = Annotated[
    str | None, setting("author", "WHO", "Who does it.  [default: who is logged in]")
]
NoteOption: TypeAlias = Annotated[str, typer.Option("--note", metavar="TEXT", help="What it is about.")]
AtOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--at", metavar="MOMENT", help="Do it then: 2026-12-01T06:00.", show_default=False),
]
ZoneOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--zone",
        metavar="ZONE",
        help="Whose clocks MOMENT is of: Europe/Berlin.  [default: the timezone of the rules]",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class LedgerOptions:
    """Where a site's log is, which all its workers follow."""

    PANEL: ClassVar[str] = "The site"

    redis: RedisOption = None
    archive: Annotated[
        str | None,
        setting("archive", "FILE", "The workers' file, where they are started with --archive."),
    ] = None
    name: NameOption = NAME

    @property
    def address(self) -> str | None:
        """Where the log is; None where nobody says it."""
        return self.archive or self.redis


@dataclass(frozen=True, slots=True)
class FollowingOptions:
    """How long workers are waited for, and which caches in front are purged then."""

    PANEL: ClassVar[str] = "Workers, and the caches in front"

    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", min=0, max=600, help="How long to wait for workers."),
    ] = 5.0
    caches: Annotated[
        list[str] | None,
        typer.Option(
            "--cdn",
            metavar="CACHE",
            help="A cache in front to purge, repeatable.  [default: those in NEWSHOLE_CDN]",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class RolloutOptions:
    """How rules go into service, where that is not everywhere at once."""

    PANEL: ClassVar[str] = "By and by, later, or once somebody agrees"

    share: Annotated[
        float | None,
        typer.Option("--share", metavar="PERCENT", help="Stage it for so many percent.", show_default=False),
    ] = None
    unit: Annotated[str, typer.Option("--by", metavar="url|reader", help="What the share is a share of.")] = (
        "url"
    )
    ramp: Annotated[
        str | None,
        typer.Option("--ramp", metavar="PERCENTS", help="Raise it by itself: 10,50,100.", show_default=False),
    ] = None
    every: Annotated[
        str, typer.Option("--every", metavar="LENGTH", help="How long each step of the ramp lasts.")
    ] = "30m"
    at: AtOption = None
    zone: ZoneOption = None
    is_proposed: Annotated[bool, typer.Option("--propose", help="Ask somebody else to approve it first.")] = (
        False
    )
