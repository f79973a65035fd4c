"""The newsletter sign-up."""

from __future__ import annotations

from newshole.rules.kinds.newsletter import Newsletter
from tests.blocks.newsroom import block, fragment, in_language, parsed, text, why_empty


def test_a_form_posts_an_address_to_the_sites_own_endpoint() -> None:
    aside = parsed(fragment(block(Newsletter(action="/sign-up", field="mail"))))
    [form] = aside.iter("form")
    assert (form.get("method"), form.get("action")) == ("post", "/sign-up")
    [field] = form.iter("input")
    assert (field.get("type"), field.get("name"), field.get("autocomplete")) == ("email", "mail", "email")
    [label] = form.iter("label")
    assert field in list(label)
    assert label.text == "Email address"


def test_without_an_endpoint_it_is_a_link() -> None:
    aside = parsed(fragment(block(Newsletter(url="/letters", title="Letters", text="Weekly."))))
    assert not list(aside.iter("form"))
    [link] = aside.iter("a")
    assert (link.get("href"), link.text) == ("/letters", "Sign up")
    assert [each.text for each in aside.iter("p")][:2] == ["Letters", "Weekly."]


def test_it_speaks_the_pages_language() -> None:
    markup = fragment(block(Newsletter(action="/x")), in_language("nl"))
    assert text(markup) == "Onze nieuwsbriefE-mailadresAanmelden"


def test_without_an_address_there_is_nothing_to_show() -> None:
    assert why_empty(block(Newsletter.model_construct())).startswith("no address to sign up at")
