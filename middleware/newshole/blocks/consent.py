"""What the script that asks for the reader's consent is told, in attributes of its element.

So its text is the same on every page, and a policy that lets it in by its hash knows one.
"""

from __future__ import annotations

from typing import Final

from newshole.rules.consent import IN_BROWSER, NONE, STATES, Consent

SCRIPT: Final = "consent.js"


def attributes(consent: Consent, word: str = NONE) -> str:
    """What is otherwise than the script takes it, and the reader's `word` where the server knows it."""
    told, usual = _told(consent), _told(IN_BROWSER)
    if consent.is_served and word in STATES:
        told["consent"] = word
    return "".join(f' data-nh-{name}="{value}"' for name, value in told.items() if value != usual.get(name))


def _told(consent: Consent) -> dict[str, str]:
    return {
        "vendors": " ".join(map(str, consent.vendors)),
        "without": consent.without,
        "grace": str(consent.grace),
    }
