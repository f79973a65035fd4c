"""Several expositions as one: sums that never go back, and states that tell whose they are."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from newshole.serving.totals import Labels, Part, total, total_of_workers

COUNTS = """# HELP newshole_responses_total Responses.
# TYPE newshole_responses_total counter
newshole_responses_total{outcome="composed"} %d
"""
SECONDS = """# HELP newshole_planning_seconds Time.
# TYPE newshole_planning_seconds histogram
newshole_planning_seconds_bucket{le="0.1"} 1
newshole_planning_seconds_bucket{le="+Inf"} 2
newshole_planning_seconds_count 2
newshole_planning_seconds_sum 0.5
"""
STATE = """# HELP newshole_store_state State.
# TYPE newshole_store_state gauge
newshole_store_state{state="open"} %d
"""
KEPT = """# HELP newshole_pages_kept Kept.
# TYPE newshole_pages_kept gauge
newshole_pages_kept %d
"""
INFO = """# HELP newshole_info In service.
# TYPE newshole_info gauge
newshole_info{rules="%s"} 1
"""


def part(exposition: str, worker: str | None = None, labels: Labels = ()) -> Part:
    return Part(text_string_to_metric_families(exposition), worker, labels)


def samples(*parts: Part) -> dict[tuple[str, ...], float]:
    """Every sample of the whole, by its name and its labels' values."""
    return samples_of(total(parts))


def samples_of(exposition: str) -> dict[tuple[str, ...], float]:
    """The same of an exposition."""
    families = text_string_to_metric_families(exposition)
    return {
        (sample.name, *sample.labels.values()): sample.value for each in families for sample in each.samples
    }


def test_counters_are_added() -> None:
    found = samples(part(COUNTS % 2, "1"), part(COUNTS % 3, "2"), part(COUNTS % 4))
    assert found == {("newshole_responses_total", "composed"): 9}


def test_histograms_are_added_bucket_by_bucket() -> None:
    found = samples(part(SECONDS, "1"), part(SECONDS, "2"))
    assert found == {
        ("newshole_planning_seconds_bucket", "0.1"): 2,
        ("newshole_planning_seconds_bucket", "+Inf"): 4,
        ("newshole_planning_seconds_count",): 4,
        ("newshole_planning_seconds_sum",): 1,
    }


def test_a_state_tells_its_worker() -> None:
    found = samples(part(STATE % 1, "1"), part(STATE % 0, "2"))
    assert found == {("newshole_store_state", "open", "1"): 1, ("newshole_store_state", "open", "2"): 0}


def test_what_workers_have_together_is_added() -> None:
    assert samples(part(KEPT % 5, "1"), part(KEPT % 6, "2")) == {("newshole_pages_kept",): 11}


def test_what_is_the_same_in_all_is_told_once() -> None:
    found = samples(part(INFO % "a", "1"), part(INFO % "a", "2"), part(INFO % "b", "3"))
    assert found == {("newshole_info", "a"): 1, ("newshole_info", "b"): 1}


def test_the_states_of_one_that_has_ended_are_over() -> None:
    assert samples(part(STATE % 1 + KEPT % 5 + COUNTS % 1)) == {("newshole_responses_total", "composed"): 1}


def test_sites_are_told_apart() -> None:
    found = samples(
        part(COUNTS % 1, "1", (("site", "a.example"),)), part(COUNTS % 2, "1", (("site", "b.example"),))
    )
    assert found == {
        ("newshole_responses_total", "composed", "a.example"): 1,
        ("newshole_responses_total", "composed", "b.example"): 2,
    }


def test_counts_of_workers_that_have_ended_stay_in_the_whole() -> None:
    once = total([part(COUNTS % 2, "1"), part(STATE % 1, "1")])
    found = samples_of(total_of_workers({"2": COUNTS % 1 + STATE % 0}, [once]))
    assert found == {
        ("newshole_responses_total", "composed"): 3,
        ("newshole_store_state", "open", "2"): 0,
    }


def test_the_exposition_of_one_worker_is_that_of_all() -> None:
    told = total([part(COUNTS % 2, "1"), part(STATE % 1, "1"), part(SECONDS, "1")])
    assert total_of_workers({"1": told}, [""]) == told
    assert samples_of(total_of_workers({"1": told}, [COUNTS % 0])) == samples_of(told)
