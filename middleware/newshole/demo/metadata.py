"""What a story page says of itself to machines: schema.org JSON-LD, in `<head>`."""

from __future__ import annotations

from typing import Any

from newshole.demo.newsroom import Article, Update


def linked_data(article: Article, base: str) -> dict[str, Any]:
    """The JSON-LD of a story page; `base` is the site's URL without a slash at its end."""
    described = _about(article, base)
    if article.is_live:
        described |= _coverage(article, base)
    if article.based_on:
        described["isBasedOn"] = article.based_on
    return described


def _about(article: Article, base: str) -> dict[str, Any]:
    url = base + article.path
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": url,
        "mainEntityOfPage": url,
        "url": url,
        "headline": article.headline,
        "description": article.standfirst,
        "image": [base + article.picture.path],
        "datePublished": article.published.isoformat(),
        "dateModified": (article.modified or article.published).isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": article.section.edition.name, "url": base},
        "articleSection": article.section_name,
        "keywords": list(article.tags),
        "inLanguage": article.section.edition.tag,
        "isAccessibleForFree": True,
    }


def _coverage(article: Article, base: str) -> dict[str, Any]:
    return {
        "@type": "LiveBlogPosting",
        "coverageStartTime": article.published.isoformat(),
        "coverageEndTime": (article.modified or article.published).isoformat(),
        "liveBlogUpdate": [_update(update, base + article.path) for update in article.updates],
    }


def _update(update: Update, url: str) -> dict[str, Any]:
    return {
        "@type": "BlogPosting",
        "headline": update.headline,
        "datePublished": update.at.isoformat(),
        "url": f"{url}#at-{update.at:%d-%H%M}",
    }
