"""`newshole price`: what each bound of the rules costs, in slots and in money."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newshole.cli.options.pages import DeviceOption, JsonOption, PagesArgument, UrlsOption
from newshole.cli.pages import Pages
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.explaining.untouched import is_fault
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.review.price import Prices
    from newshole.review.values import Values


def price(
    rules: Annotated[str, typer.Argument(metavar="RULES", hidden=True)],
    pages: PagesArgument = None,
    urls: UrlsOption = None,
    device: DeviceOption = "desktop",
    values: Annotated[
        str | None,
        typer.Option(
            metavar="CSV",
            help="What slots are worth per 1,000 views: columns block, position, value, currency.",
            show_default=False,
        ),
    ] = None,
    conditions: Annotated[
        bool, typer.Option("--conditions", help='Price the conditions of each "when" too.')
    ] = False,
    is_json_asked: JsonOption = False,
) -> None:
    """Show what each bound of the rules costs.

    Every page is planned again without the bound: the slots that would come are its price. RULES are a rules
    file, a folder of them, or a pack's name; PAGES are HTML files, folders of them, patterns such as
    "saved/*.html", or http(s) addresses. With --values the price is in money per 1,000 page views too. The
    interval says where 95 of 100 samples of such pages would have it.

    \b
      newshole price newspaper saved/
      newshole price live.yaml --urls urls.txt --values cpm.csv

    Exit codes: 0 when it is told; 1 when the rules or the values are wrong, or newshole failed on a page; 2
    when a page, rules or values cannot be had.
    """
    site = Site.load(rules)
    worth = None if values is None else _values(values, site)
    asked = Pages.of(pages or (), urls or ())
    from newshole.review.price import Pricing

    pricing = Pricing(site, device, worth, conditions=conditions)
    for page in asked.read():
        pricing.add(page.body, page.url, page.content_type)
    prices = pricing.prices()
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(_record(rules, device, prices, worth))
    elif prices.pages or prices.untouched:
        from newshole.cli.prices import show_prices

        show_prices(rules, device, prices, worth, has_several=len(site.rules) > 1)
    if worth is not None and (silent := _without_value(site, worth)):
        tell(f"no value for {', '.join(silent)}: counted as worth nothing")
    asked.end(1 if any(map(is_fault, prices.untouched)) else 0)


def _values(file: str, site: Site) -> Values:
    from newshole.review.values import read_values

    try:
        text = Path(file).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"cannot read the values in {file}: {why}; give a CSV file") from error
    return read_values(text, Path(file), [block.id for rules in site.rules for block in rules.blocks])


def _without_value(site: Site, values: Values) -> list[str]:
    """The ads that the table says nothing of."""
    ads = [block.id for rules in site.rules for block in rules.blocks if block.kind == "ad"]
    return [block for block in dict.fromkeys(ads) if block not in values.blocks]


def _record(rules: str, device: str, prices: Prices, values: Values | None) -> dict[str, Any]:
    return {
        "rules": rules,
        "device": device,
        "currency": None if values is None else values.currency,
        **asdict(prices),
    }
