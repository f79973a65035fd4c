"""The peer that related stories are held against: BM25 over all that is known of a story."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s

from newshole.library import Entry


def text(entry: Entry) -> str:
    """All words of a story: title, tags, section and text."""
    return " ".join((entry.title, *entry.tags, entry.section, *entry.terms))


def related_by_bm25(entries: Sequence[Entry], asked: Sequence[Entry], count: int) -> list[list[str]]:
    """For each story that is asked about the URLs of those nearest to it, best first, without itself."""
    retriever = bm25s.BM25()
    corpus = bm25s.tokenize([text(each) for each in entries], show_progress=False)
    retriever.index(corpus, show_progress=False)
    queries = bm25s.tokenize([text(each) for each in asked], show_progress=False)
    found, _ = retriever.retrieve(queries, k=count + 1, show_progress=False)
    urls = [[entries[n].url for n in row] for row in found.tolist()]
    return [[url for url in row if url != each.url][:count] for row, each in zip(urls, asked, strict=True)]
