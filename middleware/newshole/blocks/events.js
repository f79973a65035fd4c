// Measures one showing of a page for the site itself: which ads were filled, which were viewable (half of one, for
// a second), what was clicked, how far a story was read and for how long. It keeps nothing in the browser, and
// where the page asks for consent it sends nothing before that is given.
(set => {
  if (!set) return;
  const own = document.currentScript, slots = new Set();
  const places = new Map(), timers = new Map(), answers = new Map();
  let queue = [["view"]], view, word, box, need = 1, seconds = 0, deepest = 0, told = -1, isRead;
  const isShown = () => document.visibilityState === "visible";
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), byte =>
    byte.toString(16).padStart(2, 0)).join("");
  const send = () => {
    if ("nhWait" in set && !/^(personal|restricted)$/.test(word)) return;
    // A page that comes from the browser's own cache is another view than the one it was made for.
    view ||= performance.getEntriesByType("navigation")[0]?.deliveryType != "cache" && set.nhView || random();
    while (queue.length) navigator.sendBeacon(set.nhTo || "/_newshole/events", new Blob(
      [JSON.stringify({t: set.nhToken, v: view, e: queue.splice(0, 60)})], {type: "application/json"}));
  };
  const measure = () => {
    const {top, height} = box.getBoundingClientRect();
    deepest = Math.max(deepest, Math.min(1, height && (innerHeight - top) / height));
    if (!isRead && deepest > .95 && seconds >= need) isRead = queue.push(["read"]);
  };
  const leave = () => {
    timers.forEach(clearTimeout);
    measure();
    if (seconds > told) queue.push(["depth", "", 0, +deepest.toFixed(2)], ["dwell", "", 0, told = seconds]);
    send();
  };
  const note = (kind, target, ...value) => {
    const place = places.get(target?.closest?.("[data-newshole]"));
    if (place) queue.push([kind, ...place, ...value]);
  };
  const answer = ({type, target, detail}) => {
    // What fills a slot later is another ad, and where nobody may be asked nobody was.
    if (detail === "unasked" || answers.has(target)) return;
    answers.set(target, +(type === "newshole:filled"));
    note("fill", target, answers.get(target));
  };
  const count = slot => timers.set(slot, setTimeout(() => {
    // A slot may be in view for a while before anything is in it.
    if (!slot.childElementCount) return count(slot);
    slots.delete(slot);
    eye.unobserve(slot);
    note("viewable", slot);
  }, 1e3));
  const eye = new IntersectionObserver(seen => {
    for (const {target, intersectionRatio} of seen) {
      clearTimeout(timers.get(target));
      if (intersectionRatio >= .5 && isShown()) count(target);
    }
  }, {threshold: .5});
  const begin = () => {
    if (!isShown() || document.prerendering || box) return;
    const ordinals = {};
    for (const each of document.querySelectorAll("[data-newshole]")) {
      const id = each.dataset.newshole;
      places.set(each, [id, ordinals[id] = (ordinals[id] || 0) + 1]);
    }
    answers.forEach((value, slot) => note("fill", slot, value));
    box = own.closest("article") || document.querySelector("article") || own.parentElement;
    // A quarter of the time that reading takes at 24 characters a second.
    need = Math.min(60, box.textContent.length / 96);
    document.querySelectorAll(".nh-ad .nh-slot").forEach(each => slots.add(each));
    watch();
    setInterval(() => {
      if (isShown()) seconds++, measure();
    }, 1e3);
    window.newshole?.consent?.(now => {
      word = now;
      send();
    });
    send();
  };
  const watch = () => {
    for (const slot of slots) {
      eye.unobserve(slot);
      eye.observe(slot);
    }
  };
  const change = () => {
    if (!isShown()) return box && leave();
    box ? watch() : begin();
  };
  addEventListener("newshole:filled", answer);
  addEventListener("newshole:unfilled", answer);
  addEventListener("click", ({target}) => note("click", target), true);
  addEventListener("blur", () => {
    // A click into a frame of another site is known by where the focus went.
    if (document.activeElement?.matches("iframe")) note("click", document.activeElement);
  });
  document.addEventListener("visibilitychange", change);
  document.addEventListener("prerenderingchange", change);
  addEventListener("pagehide", () => box && leave());
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();
})(document.currentScript?.dataset);
