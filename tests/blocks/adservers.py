"""Ad servers as a browser sees them: scripts that behave like the real ones, and note what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

GPT: Final = """
(() => {
  const told = (window.told = window.told || []);
  const slots = {};
  const listeners = [];
  const service = {
    setPrivacySettings: settings => told.push(["privacy", settings]),
    enableSingleRequest: () => told.push(["single"]),
    addEventListener: (name, listener) => listeners.push(listener),
  };
  const made = (unit, sizes, id) => {
    const slot = {unit, sizes, id, keys: {}, mapping: [], bids: 0};
    slots[id] = slot;
    return {
      defineSizeMapping: mapping => (slot.mapping = mapping),
      setTargeting: (key, value) => (slot.keys[key] = value),
      addService: () => {},
      getSlotElementId: () => id,
      slot,
    };
  };
  const queue = googletag.cmd;
  const handles = {};
  Object.assign(googletag, {
    cmd: {push: call => call()},
    pubads: () => service,
    enableServices: () => told.push(["services"]),
    sizeMapping: () => {
      const rows = [];
      return {addSize(...row) { rows.push(row); return this; }, build: () => rows};
    },
    defineSlot: (unit, sizes, id) => window.isRefused ? null : (handles[id] = made(unit, sizes, id)),
    bid: codes => codes.forEach(code => (slots[code].bids += 1)),
    display: id => {
      told.push(["display", slots[id]]);
      setTimeout(() => {
        const sizes = window.creatives || {};
        const size = sizes[id] || sizes[slots[id].unit] || [0, 0];
        const isEmpty = !size[1];
        if (!isEmpty) {
          const frame = document.createElement("iframe");
          Object.assign(frame, {width: size[0], height: size[1], title: "ad"});
          frame.style.border = 0;
          document.getElementById(id).append(frame);
        }
        listeners.forEach(listener => listener({slot: handles[id], isEmpty}));
      }, 50);
    },
  });
  queue.forEach(call => call());
})();
"""
"""Google Publisher Tag; `creatives` has the size of what fills a slot, by its element's id or by its unit."""

PREBID: Final = """
(() => {
  const told = (window.told = window.told || []);
  const queue = pbjs.que;
  Object.assign(pbjs, {
    que: {push: call => call()},
    setConfig: config => told.push(["config", config]),
    addAdUnits: units => told.push(["units", units]),
    requestBids: request => {
      told.push(["bids", request.adUnitCodes, request.timeout]);
      setTimeout(request.bidsBackHandler, 30);
    },
    setTargetingForGPTAsync: codes => googletag.bid(codes),
  });
  queue.forEach(call => call());
})();
"""

ADSENSE: Final = """
(() => {
  const told = (window.told = window.told || []);
  const fill = () => {
    const unit = document.querySelector("ins.adsbygoogle:not([data-ad-status])");
    told.push(["adsense", {...unit.dataset}, unit.offsetWidth, unit.offsetHeight]);
    unit.dataset.adStatus = window.isEmpty ? "unfilled" : "filled";
  };
  const queue = window.adsbygoogle || [];
  window.adsbygoogle = {push: fill};
  queue.forEach(fill);
})();
"""

REVIVE: Final = """
(() => {
  const told = (window.told = window.told || []);
  const fill = () => {
    for (const unit of document.querySelectorAll("ins[data-revive-zoneid]:not([data-revive-loaded])")) {
      unit.dataset.reviveLoaded = 1;
      told.push(["revive", {...unit.dataset}]);
      const filled = unit.cloneNode(false);
      if (!window.isEmpty) filled.innerHTML = "<a href='/ad'><img width=300 height=250 alt=x src=/x.svg></a>";
      setTimeout(() => unit.replaceWith(filled), 30);
    }
  };
  window.reviveAsync = {["0".repeat(32)]: {refresh: fill}};
  fill();
})();
"""

CMP: Final = """
window.cmp = {listeners: [], answer(told) {
  this.told = told;
  this.listeners.forEach(each => each(told, true));
}};
window.__tcfapi = (command, version, listener) => {
  cmp.listeners.push(listener);
  listener(cmp.told || {eventStatus: "cmpuishown", gdprApplies: true, purpose: {consents: {}}}, true);
};
"""
"""A consent platform whose answer comes when a test says `cmp.answer(…)`."""

YES: Final = """cmp.answer({
  eventStatus: "useractioncomplete", gdprApplies: true, purpose: {consents: {1: true, 3: true, 4: true}},
  vendor: {consents: {755: true}},
});"""
NO: Final = 'cmp.answer({eventStatus: "useractioncomplete", gdprApplies: true, purpose: {consents: {}}});'

SCRIPTS: Final = {
    "/tag/js/gpt.js": GPT,
    "/prebid.js": PREBID,
    "/pagead/js/adsbygoogle.js": ADSENSE,
    "/asyncjs.php": REVIVE,
}
"""The scripts by the path of their address."""


PICTURE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="250"><rect width="300" height="250"/></svg>'
)


def answer_for_others(route: Route) -> None:
    """Answers for an ad server, whose scripts are known by the end of their path, or with a picture."""
    path = urlsplit(route.request.url).path
    code = next((code for end, code in SCRIPTS.items() if path.endswith(end)), None)
    if code is None:
        route.fulfill(body=PICTURE, content_type="image/svg+xml")
    else:
        route.fulfill(body=code, content_type="text/javascript")


@dataclass
class AdPage:
    """A page with ads, and the addresses that it asked for beside its own."""

    page: Page
    asked: list[str] = field(default_factory=list)

    def told(self, name: str) -> list[Any]:
        """What the ad servers were told under a name, call by call."""
        return [each[1:] for each in self.page.evaluate("window.told || []") if each[0] == name]

    def wait_for(self, name: str, count: int = 1) -> list[Any]:
        """The same, once they were told it so often."""
        self.page.wait_for_function(
            "([name, count]) => (window.told || []).filter(each => each[0] === name).length >= count",
            arg=[name, count],
        )
        return self.told(name)
