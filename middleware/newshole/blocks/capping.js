(() => {
  const now = Date.now(), {sheet} = document.currentScript.previousSibling;
  const add = rule => sheet?.insertRule(rule, sheet.cssRules.length);
  const hide = name => {
    const quoted = JSON.stringify(name);
    add(`[data-nh-cap=${quoted}],[data-nh-close=${quoted}]{display:none!important}`);
  };
  const read = () => {
    try {
      const known = Object.entries(JSON.parse(localStorage.newshole)).filter(([, each]) => Array.isArray(each));
      return Object.fromEntries(known);
    } catch { return {}; }
  };
  const count = name => {
    const all = read(), [, most, hours] = name.split(" ");
    for (const each in all) if (all[each][1] < now) delete all[each];
    const [left, end, page] = all[name] || [most, now + hours * 36e5];
    if (page != now) all[name] = [left - 1, end, now];
    try { localStorage.newshole = JSON.stringify(all); } catch {}
  };
  for (const [name, [left, end]] of Object.entries(read())) if (left < 1 && end > now) hide(name);
  add(".nh-dismiss:not(#n#n){display:grid}");
  addEventListener("click", ({target}) => {
    const name = target.closest?.(".nh-dismiss")?.closest("[data-nh-close]").dataset.nhClose;
    if (name) hide(name), count(name);
  });
  addEventListener("DOMContentLoaded", () => {
    const eye = new IntersectionObserver(seen => {
      for (const {intersectionRatio, intersectionRect, target} of seen) {
        if (intersectionRatio > .3 || intersectionRect.height > innerHeight / 2) count(target.dataset.nhCap);
      }
    }, {threshold: [.1, .2, .31]});
    for (const each of document.querySelectorAll("[data-nh-cap]")) eye.observe(each);
  });
})();
