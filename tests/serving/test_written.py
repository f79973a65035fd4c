"""Settings as they are written, and every mistake in them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.errors import RulesError, UsageError
from newshole.serving.settings import Limits, Settings, SiteSettings
from newshole.serving.validation import SettingsError, validate
from newshole.serving.written import ServeWritten, over, processors, read_file, settings_of

WHOLE = """
sites:
  - hosts: [news.example, "*.news.example"]
    upstream: http://127.0.0.1:8080
    rules: news/
  - upstream: unix:/run/other.sock
    rules: quiet
    name: other
    own_host: true
    ca: origin.pem
    shadow: false
host: "::"
port: 80
admin_host: 10.0.0.1
admin_port: 8001
workers: auto
trusted: [10.0.0.0/8, unix]
redis: redis://localhost:6379/0
switches: off.yaml
state: /var/lib/newshole
answer_timeout: 90
max_body: 1048576
max_page: 2097152
uncompressed: true
page_cache: true
journal: journal.db
shadow: true
login_cookies: subscriber
ignored_parameters: [utm_*, fbclid]
surrogate: [Surrogate-Key, Cache-Tag]
log: json
log_ip: true
prefix: ""
grace: 5
head_timeout: 6
idle_timeout: 7
silence_timeout: 11
head_bytes: 8192
connections: 9
requests: 10
"""


def written(folder: Path, text: str) -> Path:
    """A file of settings."""
    file = folder / "serve.yaml"
    file.write_text(text, "utf-8")
    return file


def read(folder: Path, text: str) -> Settings:
    """The settings that such a file comes to."""
    return settings_of(read_file(written(folder, text)))


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with such a file."""
    with pytest.raises(RulesError) as raised:
        read(folder, text)
    return [f"{each.line}:{each.column}: {each.message}" for each in raised.value.problems]


def test_everything_may_be_written(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    assert settings.sites == (
        SiteSettings(
            "http://127.0.0.1:8080",
            str(tmp_path / "news"),
            ("news.example", "*.news.example"),
            shadow=True,
        ),
        SiteSettings(
            "unix:/run/other.sock", "quiet", name="other", own_host=True, ca=str(tmp_path / "origin.pem")
        ),
    )
    assert settings.switches == str(tmp_path / "off.yaml")
    assert settings.surrogate == ("Surrogate-Key", "Cache-Tag")
    assert (settings.answer_timeout, settings.max_body, settings.max_page) == (90, 1 << 20, 2 << 20)
    assert settings.uncompressed
    assert settings.journal == str(tmp_path / "journal.db")
    assert settings.login_cookies == ("subscriber",)
    assert settings.ignored_parameters == ("utm_*", "fbclid")
    assert (settings.log, settings.log_ip) == ("json", True)
    assert (settings.state, settings.page_cache) == ("/var/lib/newshole", True)
    assert (settings.listening.host, settings.listening.port) == ("::", 80)
    assert (settings.listening.admin_host, settings.listening.admin_port) == ("10.0.0.1", 8001)
    assert settings.workers == processors()
    assert settings.trusted == ("10.0.0.0/8", "unix")
    assert settings.redis == "redis://localhost:6379/0"
    assert settings.prefix is None
    assert settings.limits == Limits(5, 6, 7, 8192, 9, 10, 11)
    assert set(ServeWritten.key_names()) - set(ServeWritten.model_fields) == set()


def test_all_but_the_upstream_has_a_default(tmp_path: Path) -> None:
    settings = read(tmp_path, "upstream: http://site")
    assert settings == Settings((SiteSettings("http://site", "newspaper"),))


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    text = "prot: 80\nworkers: many\ngrace: 0\nhead_bytes: 1\nprefix: x\nsites:\n  - {rules: quiet}\n"
    assert problems(tmp_path, text) == [
        '1:1: prot: unknown key; did you mean "port"?',
        '2:10: workers: expected a whole number from 1 to 256, or "auto", found "many"',
        "3:8: grace: expected a number of seconds from 1 to 86400, found 0",
        "4:13: head_bytes: expected a number of bytes from 1024 to 1048576, found 1",
        '5:9: prefix: expected a path such as "/_newshole", or "" for none, found "x"',
        '7:5: sites[0]: needs "upstream"',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "upstream: http://a\nsites: [{upstream: http://b}]",
            '1:1: upstream: "upstream" and "sites" do not go together; say it of each site',
        ),
        (
            "upstream: http://a\nunix: /run/x\nport: 80",
            '2:1: unix: "unix" goes with neither "host" nor "port"',
        ),
        (
            "sites:\n- {upstream: http://a, hosts: a.example}\n- {upstream: http://b, hosts: [a.example]}",
            '3:3: sites[1]: "a.example" is claimed by sites[0] already',
        ),
        (
            "sites:\n- {upstream: http://a}\n- {upstream: http://b}",
            '3:3: sites[1]: needs "hosts": every other host goes to sites[0] already',
        ),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert problems(tmp_path, text) == [told]


def test_what_is_given_goes_over_the_file(tmp_path: Path) -> None:
    file = read_file(written(tmp_path, "upstream: http://a\nport: 80\ngrace: 5"))
    settings = settings_of(over(file, {"port": 81, "rules": "quiet"}))
    assert (settings.listening.port, settings.limits.grace) == (81, 5)
    assert settings.sites == (SiteSettings("http://a", "quiet"),)


def test_what_is_given_may_be_what_the_file_may_say() -> None:
    settings = settings_of(
        over(ServeWritten(), {"upstream": "http://a", "workers": "auto", "trusted": ["unix", "10.0.0.0/8"]})
    )
    assert (settings.workers, settings.trusted) == (processors(), ("unix", "10.0.0.0/8"))


def test_everything_that_is_wrong_in_what_is_given_is_told_at_once() -> None:
    given = {
        "port": 99999,
        "workers": "many",
        "grace": 0,
        "flush_after": "soon",
        "prefix": "x",
        "max_hold": 0,
    }
    with pytest.raises(SettingsError) as raised:
        over(ServeWritten(), given)
    assert raised.value.mistakes == (
        "--port: expected a port from 0 to 65535, found 99999",
        '--workers: expected a whole number from 1 to 256, or "auto", found "many"',
        "--grace: expected a number of seconds from 1 to 86400, found 0",
        '--flush-after: expected a number of seconds over 0, 3600 at most, or "never", found "soon"',
        '--prefix: expected a path such as "/_newshole", or "" for none, found "x"',
        "--max-hold: expected a number of seconds over 0, 3600 at most, found 0",
    )


def test_one_site_s_options_are_refused_where_there_are_several(tmp_path: Path) -> None:
    file = read_file(written(tmp_path, "sites: [{upstream: http://a}]"))
    for key, value in (("rules", "quiet"), ("own_host", True), ("ca", "origin.pem")):
        with pytest.raises(SettingsError, match="--own-host, --ca are for one site"):
            over(file, {key: value})


def test_a_page_may_be_held_and_planned_without_bounds(tmp_path: Path) -> None:
    bound = read(tmp_path, "upstream: http://a\nflush_after: 0.5\nplan_budget: 2\nplan_queue: 4\nmax_hold: 7")
    assert (bound.flush_after, bound.plan_budget, bound.plan_queue, bound.max_hold) == (0.5, 2, 4, 7)
    free = read(tmp_path, "upstream: http://a\nflush_after: never\nplan_budget: any")
    assert (free.flush_after, free.plan_budget) == (None, None)


def test_without_an_upstream_there_is_nothing_to_serve() -> None:
    with pytest.raises(UsageError, match="no upstream: say with --upstream"):
        settings_of(ServeWritten())


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the settings"):
        read_file(tmp_path / "nothing.yaml")


def test_all_that_is_wrong_is_found_before_anything_listens(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("blox: {}\nlayout: {gap: often}\n", "utf-8")
    sites = (SiteSettings("ftp://site", str(wrong)), SiteSettings("gopher://site", "nothing", ("a.example",)))
    with pytest.raises(SettingsError) as raised:
        validate(Settings(sites, redis="http://redis", trusted=("all",)))
    assert [each.line for each in raised.value.problems] == [1, 2]
    told = "\n".join(raised.value.mistakes)
    for word in ("ftp://site", "gopher://site", "no rules at nothing", "the address of Redis", "trusted: "):
        assert word in told
