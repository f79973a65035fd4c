// What all ad servers share: which slots are due, libraries once a page, and slots that stay unfilled.
(() => {
  const nh = (window.newshole = window.newshole || {});
  if (nh.fill) return nh.fill();
  const {nonce = ""} = document.currentScript || {};
  const wide = matchMedia("(min-width: 768px)");
  const servers = [];
  const watches = {};
  const asked = new WeakSet();
  let state;
  let doubles = 0;
  const read = (box, key) => JSON.parse(box.dataset[key] || "{}")[wide.matches ? "desktop" : "mobile"];
  nh.sizes = box => read(box, "nhSizes");
  nh.tell = (box, isFilled, detail) =>
    box.dispatchEvent(new CustomEvent(`newshole:${isFilled ? "" : "un"}filled`, {bubbles: true, detail}));
  // Where a library does not come, the boxes that wait for it stay unfilled, and the next ones ask for it again.
  nh.load = (src, boxes, mark = src, more = {}) => {
    const found = document.querySelector(`script[src*="${mark}"]`);
    const library = found || Object.assign(document.createElement("script"), {async: true, src, nonce}, more);
    library.addEventListener("error", () => {
      library.remove();
      boxes.forEach(box => nh.tell(box, false));
    });
    if (!found) document.head.append(library);
    return !found;
  };
  const show = (box, isFilled) => {
    const ad = box.closest("[data-newshole]");
    const own = ad.querySelector(".nh-own");
    if (own) own.hidden = !(box.hidden = !isFilled);
    else if (!isFilled && box.dataset.nhUnfilled && ad.getBoundingClientRect().top >= innerHeight) ad.hidden = true;
  };
  // A creative that is larger than its room is scrolled, until it may grow where that moves nothing in sight.
  const growth = new IntersectionObserver(seen => {
    for (const {target, boundingClientRect: at} of seen) {
      if (at.top < innerHeight) continue;
      target.classList.add("nh-grown");
      growth.unobserve(target);
    }
  });
  document.addEventListener("newshole:unfilled", event => show(event.target, false));
  document.addEventListener("newshole:filled", ({target}) => {
    show(target, true);
    growth.observe(target);
  });
  const ask = (server, boxes) => {
    for (const box of boxes) {
      asked.add(box);
      show(box, true);
    }
    if (boxes.length) server.ask(boxes, state);
  };
  const watch = (server, box, margin) => {
    const key = server.name + margin;
    watches[key] = watches[key] || new IntersectionObserver((seen, own) => {
      const near = seen.filter(each => each.isIntersecting).map(each => each.target);
      for (const each of near) own.unobserve(each);
      ask(server, near.filter(each => !asked.has(each)));
    }, {rootMargin: `${margin}px 0px`});
    watches[key].observe(box);
  };
  const fill = server => {
    const fresh = [...document.querySelectorAll(`[data-nh-${server.name}]`)].filter(
      box => !asked.has(box) && box.closest("[data-newshole]").getClientRects().length);
    if (server.isPersonal && state !== "personal") {
      return fresh.forEach(box => nh.tell(box, false, "unasked"));
    }
    for (const box of fresh) {
      // A part of a page that a script fetched counts its copies from one again.
      while (document.getElementById(box.id) !== box) box.id += `-${++doubles}`;
      const margin = read(box, "nhLazy");
      if (margin) watch(server, box, margin);
    }
    ask(server, fresh.filter(box => !read(box, "nhLazy")));
  };
  nh.fill = () => {
    if (state && document.readyState !== "loading") servers.forEach(fill);
  };
  nh.serve = (name, ask, isPersonal) => {
    servers.push({name, ask, isPersonal});
    nh.fill();
  };
  nh.consent(now => {
    state = now;
    nh.fill();
  });
  document.addEventListener("DOMContentLoaded", nh.fill);
  wide.addEventListener("change", nh.fill);
})();
