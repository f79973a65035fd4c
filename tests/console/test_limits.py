"""Too many who sign in, whoever they say they are: limits, and what is written of failures."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import extract_parameters

from newshole.console.access.limits import AGAIN, FROM_ONE_PLACE, TOLD, WITH_ONE_NAME
from newshole.console.access.passwords import NOBODY, Passwords
from newshole.serving.console.passwords import hash_of
from tests.console.entering import PASSWORD, Door, acts, door, user


def test_from_one_place_only_so_many_try(open_door: Door) -> None:
    with open_door.client() as client:
        for number in range(int(FROM_ONE_PLACE.burst)):
            assert open_door.sign_in(client, f"name-{number}", "wrong").status_code == 403
        answer = open_door.sign_in(client)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(AGAIN))
        assert "try again in a minute" in answer.text
        open_door.clock.now += AGAIN
        assert open_door.sign_in(client).status_code == 303


def test_with_one_name_only_so_many_try_from_wherever(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), trusted=["127.0.0.1"]) as found, found.client() as client:
        for number in range(int(WITH_ONE_NAME.burst)):
            place = {"x-forwarded-for": f"192.0.2.{number}"}
            assert found.sign_in(client, "anna", "wrong", headers=place).status_code == 403
        last = {"x-forwarded-for": "198.51.100.1"}
        assert found.sign_in(client, "anna", headers=last).status_code == 429
        assert found.sign_in(client, "vi", "wrong", headers=last).status_code == 403


def test_addresses_of_one_network_are_one_place(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), trusted=["127.0.0.1"]) as found, found.client() as client:
        codes = [
            found.sign_in(client, f"n{number}", "x", headers={"x-forwarded-for": f"2001:db8::{number:x}"})
            for number in range(int(FROM_ONE_PLACE.burst) + 1)
        ]
        assert codes[-1].status_code == 429


def test_what_an_unlisted_peer_says_of_its_address_changes_nothing(open_door: Door, tmp_path: Path) -> None:
    with open_door.client() as client:
        for number in range(int(FROM_ONE_PLACE.burst)):
            open_door.sign_in(client, "anna", "x", headers={"x-forwarded-for": f"192.0.2.{number}"})
        answer = open_door.sign_in(client, headers={"x-forwarded-for": "198.51.100.1"})
        assert answer.status_code == 429
    assert {act.peer for act in acts(tmp_path)} == {"127.0.0.1"}


def test_a_sign_in_that_goes_right_forgives_those_before(open_door: Door) -> None:
    with open_door.client() as client:
        for _ in range(3):
            for _ in range(int(FROM_ONE_PLACE.burst) - 1):
                open_door.sign_in(client, "anna", "wrong")
            assert open_door.sign_in(client).status_code == 303


def test_nobody_fills_the_audit_with_failures(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), trusted=["127.0.0.1"]) as found, found.client() as client:
        for number in range(20):
            found.sign_in(client, "anna", "x", headers={"x-forwarded-for": f"192.0.2.{number}"})
    assert len(acts(tmp_path)) == TOLD.burst


def test_a_name_that_nobody_has_takes_as_much_work_as_any() -> None:
    assert extract_parameters(NOBODY) == extract_parameters(hash_of(PASSWORD))
    assert not asyncio.run(Passwords([]).is_right("nobody", PASSWORD))


def test_many_who_sign_in_at_once_do_not_wait_for_ever(open_door: Door) -> None:
    with ThreadPoolExecutor(40) as pool, open_door.client() as client:
        answers = list(pool.map(lambda _: open_door.sign_in(client, "nobody", "x").status_code, range(40)))
    assert set(answers) == {403, 429}
