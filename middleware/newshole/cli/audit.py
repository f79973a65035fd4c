"""`newshole audit`: a site as it is, and what stands in newshole's way."""

from __future__ import annotations

from dataclasses import asdict

from newshole.cli.options.pages import (
    NEWSPAPER,
    DeviceOption,
    JsonOption,
    PagesArgument,
    RulesOption,
    ShowOption,
    UrlsOption,
)
from newshole.cli.pages import Pages
from newshole.explaining.untouched import is_fault
from newshole.site import Site


def audit(
    pages: PagesArgument = None,
    urls: UrlsOption = None,
    rules: RulesOption = NEWSPAPER,
    device: DeviceOption = "desktop",
    show: ShowOption = 10,
    is_json_asked: JsonOption = False,
) -> None:
    """Show pages as they are, and what stands in newshole's way.

    Nothing is put into them and nothing need be installed on the site. PAGES are HTML files, folders of them,
    patterns such as "saved/*.html", or http(s) addresses. One page is shown whole; of several a table, the
    pages with most in the way first. The slots are those that RULES would add.

    \b
      newshole audit https://news.example/world/story
      newshole audit --urls urls.txt --json

    Exit codes: 0 when it is told; 1 when the rules are wrong, or newshole failed on a page; 2 when a page or
    rules cannot be had.
    """
    site = Site.load(rules)
    asked = Pages.of(pages or (), urls or ())
    from newshole.review.audit import audit as audit_page

    found = [
        audit_page(
            page.source,
            page.body,
            page.url,
            page.content_type,
            site=site,
            device=device,
            policies=page.policies,
        )
        for page in asked.read()
    ]
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json({"rules": rules, "device": device, "pages": [asdict(each) for each in found]})
    elif found:
        from newshole.cli.audits import show_audits

        show_audits(found, rules, show)
    is_wrong = any(is_fault(hindrance.code) for each in found for hindrance in each.hindrances)
    asked.end(1 if is_wrong else 0)
