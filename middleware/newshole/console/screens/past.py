"""Why was this there? What readers of an address got at a moment in the past, and why."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from newshole.console.preview.recent import picks
from newshole.console.visit import Visit, Way, get
from newshole.console.zone import zone_of
from newshole.errors import NewsholeError, UsageError
from newshole.explaining.fates import fates
from newshole.explaining.picture import Row, rows_of
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import Places, Verdict
from newshole.explaining.words import in_words as reason_in_words
from newshole.live.board import in_words
from newshole.live.past.account import Account, Archives, Past, look_back_by
from newshole.live.past.words import (
    DIFFERS,
    got,
    machines_in_words,
    reach,
    staged_in_words,
    whose,
)
from newshole.rules.moments import read_moment
from newshole.types import DEVICES


@dataclass(frozen=True, slots=True)
class Sought:
    """What the form asks for: a page, a moment by the clock of the rules' `zone`, a device, and of what is
    found the account with a number and a block; "" and 0 for those not chosen."""

    zone: str
    url: str = ""
    at: str = ""
    device: str = ""
    block: str = ""
    number: int = 0

    @classmethod
    def of(cls, visit: Visit) -> Sought:
        """What the address of the screen asks for."""
        query = visit.query
        number = query.get("account", "")
        return cls(
            zone_of(visit.site).key,
            query.get("url", "").strip(),
            query.get("at", "").strip(),
            query.get("device", ""),
            query.get("block", ""),
            int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0,
        )

    def moment(self, now: float) -> float:
        """The moment in seconds since 1970, `now` where none is given. Raises UsageError."""
        return read_moment(self.at, ZoneInfo(self.zone)).timestamp() if self.at else now


async def show(visit: Visit) -> Response:
    """The form, and what is known."""
    sought = Sought.of(visit)
    wrong, past = "", None
    try:
        past = await _past(visit, sought) if sought.url else None
    except (NewsholeError, sqlite3.Error, OSError) as error:
        wrong = str(error) if isinstance(error, NewsholeError) else f"The journal cannot be read: {error}"
    accounts = () if past is None else past.accounts
    account = accounts[min(sought.number, len(accounts) - 1)] if accounts else None
    verdicts = _verdicts(account)
    is_known = any(each.fate.block == sought.block for each in verdicts)
    return visit.page(
        "past.html.j2",
        400 if wrong else 200,
        sought=sought,
        wrong=wrong,
        past=past,
        account=account,
        verdicts=verdicts,
        chosen=sought.block if is_known else "",
        rows=_rows(account, sought.block if is_known else None),
        untouched=_untouched(account),
        words=_WORDS,
        picks=() if sought.url else await picks(visit.site),
    )


async def _past(visit: Visit, sought: Sought) -> Past:
    """What is known. Raises UsageError for what is no page here, StoreError, and as `look_back` does."""
    site = visit.site
    if sought.device not in ("", *DEVICES):
        raise UsageError(f'"{sought.device}" is no device: choose {" or ".join(DEVICES)}')
    url, at = site.pages.address(sought.url), sought.moment(site.clock())
    archives = Archives(
        journal=site.journal,
        shared=site.shared,
        here=site.newshole.site,
        secret=site.ledger.secret,
        facts=site.newshole.site.facts,
    )
    return await look_back_by(site.ledger, archives, url, at, sought.device or None)


def _verdicts(account: Account | None) -> list[Verdict]:
    composition = None if account is None else account.composition
    if composition is None:
        return []
    return [*Places(composition.outline).verdicts(fates(composition))]


def _rows(account: Account | None, block: str | None) -> list[Row]:
    """The story down the page of then."""
    if account is None or account.page is None or account.composition is None:
        return []
    return [*rows_of(account.page, account.composition, block)]


def _untouched(account: Account | None) -> str:
    composition = None if account is None else account.composition
    reason = None if composition is None else composition.untouched
    return left_untouched(reason, "") if reason else ""


_WORDS: Final = {
    "whose": whose,
    "got": got,
    "differs": DIFFERS,
    "machines": machines_in_words,
    "reach": reach,
    "switch": in_words,
    "staged": staged_in_words,
    "reason": reason_in_words,
}
"""How the template says it."""

WAYS: Final[tuple[Way, ...]] = (get("audit/past", show),)
"""It is reached from the audit, and part of that screen."""
