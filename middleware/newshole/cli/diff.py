"""`newshole diff`: what new rules would change on pages, before anybody sees them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newshole.cli.options.pages import DeviceOption, JsonOption, PagesArgument, ShowOption, UrlsOption
from newshole.cli.pages import Pages
from newshole.errors import Problem, RulesError, UsageError
from newshole.explaining.untouched import is_fault
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.review.changes import PageChange


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", hidden=True)],
    new: Annotated[str, typer.Argument(metavar="NEW", hidden=True)],
    pages: PagesArgument = None,
    urls: UrlsOption = None,
    device: DeviceOption = "desktop",
    show: ShowOption = 10,
    is_json_asked: JsonOption = False,
    is_exit_code_asked: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where a page changes.")
    ] = False,
) -> None:
    """Show what new rules would change on pages.

    OLD and NEW are rules files, folders of them, or packs' names. PAGES are HTML files, folders of them,
    patterns such as "saved/*.html", or http(s) addresses. For each page it says which slots are gained, lost
    and moved, from where to where; the pages that lose most come first.

    \b
      newshole diff newspaper quiet saved/
      newshole diff live.yaml new.yaml --urls urls.txt --exit-code

    Exit codes: 0 when it is told, or with --exit-code, when no page changes; 1 when the rules are wrong,
    newshole failed on a page, or with --exit-code, when a page changes; 2 when a page or rules cannot be had.
    """
    before, after = _sites(old, new)
    asked = Pages.of(pages or (), urls or ())
    from newshole.review.changes import page_change, totals, worst_first

    found = [
        page_change(page.source, page.body, page.url, page.content_type, device, before, after)
        for page in asked.read()
    ]
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(_record(old, new, device, found))
    elif found:
        from newshole.cli.differences import show_differences

        show_differences(old, new, device, totals(found), worst_first(found), show)
    failed = any(is_fault(side.untouched) for page in found for side in (page.before, page.after))
    has_changed = is_exit_code_asked and any(page.has_changed for page in found)
    asked.end(1 if failed or has_changed else 0)


def _sites(old: str, new: str) -> tuple[Site, Site]:
    """Both sites. Raises RulesError with the problems of both, UsageError for what is not there."""
    found: list[Site] = []
    problems: dict[Problem, None] = {}
    missing: list[str] = []
    for rules in (old, new):
        try:
            found.append(Site.load(rules))
        except RulesError as error:
            problems |= dict.fromkeys(error.problems)
        except UsageError as error:
            missing.append(str(error))
    if problems:
        raise RulesError(problems)
    if missing:
        raise UsageError("; ".join(dict.fromkeys(missing)))
    return found[0], found[1]


def _record(old: str, new: str, device: str, pages: list[PageChange]) -> dict[str, Any]:
    """The document of `--json`: totals, and every page, those that lose most first."""
    from newshole.review.changes import totals, worst_first

    changed = worst_first(pages)
    same = [page for page in pages if not page.has_changed]
    return {
        "old": old,
        "new": new,
        "device": device,
        "totals": asdict(totals(pages)),
        "pages": [asdict(page) | {"changed": page.has_changed} for page in (*changed, *same)],
    }
