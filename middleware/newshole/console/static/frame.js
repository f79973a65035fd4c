// In a frame of the preview: lights up a place that the console points at, and tells it what is pointed at here.
// The frame has an origin of its own, so messages are checked by who sends them, on both sides.
(() => {
  "use strict";
  const key = document.currentScript.nonce;
  const home = location.origin;
  const marks = new Map();
  let lit = null;

  const say = (message) => parent.postMessage({ newshole: "place", ...message }, home);
  const isMark = (node) => node.nodeType === Node.COMMENT_NODE && node.data.startsWith(`${key} `);
  const gapOf = (mark) => Number(mark.data.slice(key.length + 1));
  const isOurs = (node) =>
    node.nodeType !== Node.ELEMENT_NODE || node.matches("[data-newshole], [data-newshole-runtime]");

  function readMarks() {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
    while (walker.nextNode()) if (isMark(walker.currentNode)) marks.set(gapOf(walker.currentNode), walker.currentNode);
  }

  // Blocks stand right behind the marks of their place.
  function blockAt(mark, block) {
    for (let node = mark.nextSibling; node && isOurs(node); node = node.nextSibling)
      if (node.dataset?.newshole === block) return node;
    return null;
  }

  function gapsBefore(block) {
    const gaps = [];
    for (let node = block.previousSibling; node && isOurs(node); node = node.previousSibling)
      if (isMark(node)) gaps.push(gapOf(node));
    return gaps;
  }

  function seenBeside(mark, step) {
    for (let node = mark[step]; node; node = node[step]) {
      const rect = node.getBoundingClientRect?.();
      if (rect && rect.width && rect.height) return rect;
    }
    return null;
  }

  function roomOf({ gap, block }) {
    const mark = marks.get(gap);
    if (!mark) return null;
    const element = block && blockAt(mark, block);
    if (element) return { rect: element.getBoundingClientRect(), isGap: false };
    const above = seenBeside(mark, "previousSibling");
    const below = seenBeside(mark, "nextSibling");
    const beside = above || below || mark.parentElement.getBoundingClientRect();
    const top = above && below ? (above.bottom + below.top) / 2 : above ? above.bottom : beside.top;
    return { rect: new DOMRect(beside.left, top, beside.width, 0), isGap: true };
  }

  function draw(isScrolled) {
    document.querySelector("newshole-lit")?.remove();
    const room = lit && roomOf(lit);
    if (!room) return;
    const { rect, isGap } = room;
    const box = document.createElement("newshole-lit");
    box.dataset.words = lit.words;
    if (isGap) box.dataset.gap = lit.gap;
    Object.assign(box.style, {
      left: `${rect.left + scrollX}px`, top: `${rect.top + scrollY}px`,
      width: `${rect.width}px`, height: `${Math.max(rect.height, 4)}px`,
    });
    document.documentElement.append(box);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isScrolled)
      scrollTo({ top: Math.max(0, rect.top + scrollY - innerHeight / 3), behavior: isCalm ? "instant" : "smooth" });
  }

  function point(event, word) {
    const block = event.target.closest?.("[data-newshole]");
    if (block) say({ word, block: block.dataset.newshole, gaps: gapsBefore(block) });
    return block;
  }

  addEventListener("message", (event) => {
    const told = event.data;
    if (event.source !== parent || event.origin !== home || told?.newshole !== "light") return;
    lit = Number.isInteger(told.gap) ? { gap: told.gap, block: String(told.block), words: String(told.words) } : null;
    draw(told.scrolls);
  });
  addEventListener("mouseover", (event) => point(event, "over") || say({ word: "over", gaps: [] }));
  addEventListener("click", (event) => {
    event.preventDefault();
    const link = event.target.closest?.("a[href]");
    if (!point(event, "pick") && link) say({ word: "go", url: String(link.href) });
  }, true);
  addEventListener("DOMContentLoaded", () => {
    readMarks();
    // One stop for the keyboard, which scrolls; links do not lead anywhere from here.
    for (const each of document.querySelectorAll("a, button, input, select, textarea, summary, iframe, [tabindex], [contenteditable]"))
      each.tabIndex = -1;
    document.body.tabIndex = 0;
    // What comes late moves what is below it.
    new ResizeObserver(() => draw(false)).observe(document.body);
    say({ word: "ready" });
    const isWide = matchMedia("(min-width: 768px)").matches;
    for (const slot of document.querySelectorAll("[data-newshole] .nh-fit")) {
      const sizes = JSON.parse(slot.dataset.nhSizes || "{}")[isWide ? "desktop" : "mobile"] || [];
      slot.setAttribute("data-newshole-room", `Ad ${sizes.map((size) => size.join(" \u00d7 ")).join(", ")}`);
    }
  });
  addEventListener("load", () => draw(true));
})();
