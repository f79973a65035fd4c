"""What `newshole price` prints: a table of bounds, the dearest first, and those that never bind."""

from __future__ import annotations

from newshole.cli.tables import Screen
from newshole.explaining.untouched import UNTOUCHED
from newshole.plan.survey import counted
from newshole.review.price import Cost, Prices
from newshole.review.spread import Mean
from newshole.review.values import Values


def show_prices(rules: str, device: str, prices: Prices, values: Values | None, *, has_several: bool) -> None:
    """Print what each bound costs; the names of rules stand before bounds where there are several."""
    screen = Screen()
    screen.say(f"{rules}, {device}: {counted(prices.pages, 'page')}", style="bold")
    for reason, count in sorted(prices.untouched.items()):
        words = UNTOUCHED.get(reason, "newshole itself failed on it")
        screen.say(f"{counted(count, 'page')} not counted ({reason}): {words}", indent=2)
    if not prices.pages:
        return
    screen.say(f"{prices.slots.value:.2f} slots a page {_interval(prices.slots, 2)}", indent=2)
    if prices.value is not None:
        money = f"{_money(prices.value.value, values)} per 1,000 page views {_interval(prices.value, 2)}"
        screen.say(money, indent=2)
    dear = [cost for cost in prices.costs if cost.slots.value or (cost.value and cost.value.value)]
    if dear:
        screen.say()
        _show_table(screen, dear, values, has_several=has_several)
    _show_rest(screen, prices, dear, has_several=has_several)
    if cut := sum(cost.cut > 0 for cost in prices.costs):
        screen.say()
        screen.say(f"{counted(cut, 'bound')} with pages where the search for the best plan was cut short")


def _show_table(screen: Screen, costs: list[Cost], values: Values | None, *, has_several: bool) -> None:
    heads = ["bound", "slots a page>", "95 %>"]
    if values is not None:
        heads += [f"{values.currency or 'value'}>", "95 %>"]
    rows = []
    for cost in costs:
        row = [_name(cost, has_several=has_several), f"{cost.slots.value:.2f}", _interval(cost.slots, 2)]
        if cost.value is not None:
            row += [f"{cost.value.value:.2f}", _interval(cost.value, 2)]
        rows.append(row)
    screen.table(heads, rows)


def _show_rest(screen: Screen, prices: Prices, dear: list[Cost], *, has_several: bool) -> None:
    """The bounds that cost no slot: those that move blocks, and those that do nothing at all."""
    rest = [cost for cost in prices.costs if cost not in dear]
    for title, costs in (
        ("Cost no slot, but move blocks", [cost for cost in rest if cost.binds]),
        ("Never bind", [cost for cost in rest if not cost.binds]),
    ):
        if costs:
            screen.say()
            screen.say(title, style="bold")
        for cost in costs:
            moved = f", on {counted(cost.binds, 'page')}" if cost.binds else ""
            screen.say(_name(cost, has_several=has_several) + moved, indent=2)


def _name(cost: Cost, *, has_several: bool) -> str:
    prefix = f"{cost.rules}: " if has_several else ""
    return f"{prefix}{cost.bound}: {cost.required}"


def _interval(mean: Mean, digits: int) -> str:
    return f"{mean.low:.{digits}f}–{mean.high:.{digits}f}"


def _money(value: float, values: Values | None) -> str:
    currency = values.currency if values else ""
    return f"{value:.2f} {currency}".rstrip()
