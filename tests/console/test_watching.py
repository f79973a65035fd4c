"""What the Publish screen tells of a staged version beside the one in service."""

from __future__ import annotations

from newshole.console.publishing.watching import watch
from newshole.live.entries import Staged
from newshole.live.ledger import Beat
from newshole.live.staging.figures import Figures

STAGED = Staged("bb", 100.0, "anna", "less", 10.0, "url", "aa")
OLD = Figures(pages=900, composed=900, shown=800, viewable=600, asked=700, unfilled=70)
NEW = Figures(pages=100, composed=100, asked=80, unfilled=60)


def beat(worker: str) -> Beat:
    return Beat(worker, "host", 1, serves="aa", staged="bb", share=10.0, figures=(OLD, NEW))


def test_viewability_and_fill_of_both_versions_are_those_of_all_workers() -> None:
    told = {name: (ours, theirs) for name, ours, theirs in watch(STAGED, [beat("one"), beat("two")]).rows}
    assert told["Ads that readers were shown"] == ("0", "1,600")
    assert told["Of these became viewable"] == ("–", "75.0%")
    assert told["Ads that a server was asked for"] == ("160", "1,400")
    assert told["Of these were filled"] == ("25.0%", "90.0%")
