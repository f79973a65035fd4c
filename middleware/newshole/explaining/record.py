"""`newshole explain --json`: everything that is known of one composed page, as plain values.

The keys are documented in `docs/cli.md` and stay as they are.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from newshole.explaining.fates import Fate, fates
from newshole.explaining.page import Page
from newshole.page.outline import Outline
from newshole.plan.naming import where
from newshole.plan.spots import spots_of
from newshole.site import Composition
from newshole.types import Decision, Reason


def record(page: Page, device: str, composition: Composition) -> dict[str, Any]:
    """One JSON document; offsets are bytes of the page as it came, moments ISO 8601."""
    outline = composition.outline
    return {
        "page": {
            "source": page.source,
            "url": page.url,
            "content_type": page.content_type,
            "bytes": len(page.body),
        },
        "device": device,
        "untouched": composition.untouched,
        "overrides": list(composition.overrides),
        "arms": dict(composition.arms),
        "exposures": dict(composition.exposures),
        "story": {key: _plain(value) for key, value in asdict(composition.story).items()},
        "outline": None if outline is None else _outline(outline),
        "blocks": [_fate(each) for each in fates(composition)],
        "insertions": [
            {"block": each.block, "offset": each.offset, "bytes": len(each.html)}
            for each in composition.insertions
        ],
        "decisions": [_decision(each) for each in composition.decisions],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _outline(outline: Outline) -> dict[str, Any]:
    return {
        "body": outline.body,
        "words": outline.words,
        "paragraphs": outline.paragraphs,
        "units": [
            {"kind": each.kind, "start": each.start, "end": each.end, "words": each.words}
            for each in outline.units
        ],
        "gaps": [
            {
                "gap": spot.index,
                "offset": spot.offset,
                "stack": spot.stack,
                "where": where(spot, outline),
                "units_before": spot.position and spot.position.units,
                "paragraphs_before": spot.position and spot.position.paragraphs,
                "words_before": spot.position and spot.position.words,
            }
            for spot in spots_of(outline)
        ],
    }


def _fate(fate: Fate) -> dict[str, Any]:
    return {
        "block": fate.block,
        "kind": fate.kind,
        "asked": fate.asked,
        "placed": [each.gap for each in fate.placed],
        "nearest_miss": None if fate.miss is None else _decision(fate.miss),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    # `asdict` copies every word of every reason, which takes longer than to decide.
    return {
        "block": decision.block,
        "gap": decision.gap,
        "offset": decision.offset,
        "placed": decision.placed,
        "reasons": [_reason(each) for each in decision.reasons],
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {
        "code": reason.code,
        "bound": reason.bound,
        "required": reason.required,
        "found": reason.found,
    }
