((told, style) => {
  const field = "newshole-overlay", elsewhere = "not one of its places";
  document.currentScript.remove();

  const made = (tag, name = "", text = "") => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  };

  // A gap is a comment in the page; those with nothing between them share one line.
  const linesOf = () => {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
    const lines = [];
    let before = null;
    while (walker.nextNode()) {
      const node = walker.currentNode, found = /^newshole-gap (\d+)$/.exec(node.data);
      if (!found) continue;
      let next = before?.nextSibling;
      while (next && next !== node && next.nodeType === Node.TEXT_NODE && !next.data.trim()) next = next.nextSibling;
      if (before && next === node) lines.at(-1).gaps.push(+found[1]);
      else lines.push({node, gaps: [+found[1]]});
      before = node;
    }
    return lines;
  };

  const boxOf = (node, way) => {
    for (let next = node[way]; next; next = next[way]) {
      const box = next.getBoundingClientRect?.();
      if (box && box.width && box.height) return box;
    }
    return null;
  };

  // Where a gap is now: between what stands above and below, or at the edge of what holds it.
  const placeOf = node => {
    const holder = node.parentElement || document.body;
    const above = boxOf(node, "previousSibling"), below = boxOf(node, "nextSibling");
    const around = holder.getBoundingClientRect();
    const top = below ? (above && above.bottom <= below.top ? (above.bottom + below.top) / 2 : below.top)
      : above ? above.bottom : around.top;
    return {top, left: around.left, width: around.width};
  };

  const start = () => {
    const host = made(field);
    const held = {position: "absolute", top: "0", left: "0", width: "0", height: "0", "z-index": "2147483647"};
    host.style.setProperty("all", "initial", "important");
    for (const key in held) host.style.setProperty(key, held[key], "important");
    const root = host.attachShadow({mode: "open"}), sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    const marks = made("div", "marks"), panel = made("section");
    panel.setAttribute("aria-label", "newshole overlay");
    root.append(panel, marks);

    const gaps = Object.fromEntries(told.gaps.map(each => [each.gap, each]));
    const buttons = new Map();
    const lines = linesOf().map(line => ({...line, element: made("div", "gap")}));
    let chosen = "", opened = null;

    const close = () => {
      if (!opened) return;
      opened.detail.hidden = true;
      opened.button.setAttribute("aria-expanded", "false");
      opened = null;
    };
    const fill = (detail, gap) => {
      const list = made("ul");
      const own = gap.decisions.filter(each => !chosen || each.block === chosen);
      for (const each of own.length ? own : [{block: chosen, words: [elsewhere]}]) {
        const item = made("li", each.placed ? "yes" : "no");
        item.append(made("span", "name", each.block));
        for (const words of each.placed ? ["stands here", ...each.words] : each.words) item.append(made("span", "why", words));
        list.append(item);
      }
      detail.replaceChildren(made("strong", "", `Gap ${gap.gap}, ${gap.where}`), list);
    };
    const label = (button, gap) => {
      const placed = gap.decisions.filter(each => each.placed).map(each => each.block);
      const own = gap.decisions.find(each => each.block === chosen);
      const stands = chosen ? own?.placed : placed.length > 0;
      const why = !chosen ? placed.join(", ") : !own ? elsewhere : own.placed ? "stands here" : own.words[0];
      button.className = stands ? "yes" : "no";
      button.textContent = `gap ${gap.gap}${why ? `: ${why}` : ""}`;
    };
    for (const {gaps: numbers, element} of lines) {
      const row = made("div");
      element.append(row);
      for (const gap of numbers.map(each => gaps[each]).filter(Boolean)) {
        const button = made("button"), detail = made("div", "detail");
        button.type = "button";
        detail.id = `gap-${gap.gap}`;
        detail.hidden = true;
        detail.tabIndex = 0;
        detail.setAttribute("role", "group");
        detail.setAttribute("aria-label", `Gap ${gap.gap}`);
        button.setAttribute("aria-expanded", "false");
        button.setAttribute("aria-controls", detail.id);
        button.addEventListener("click", () => {
          const is_open = opened?.button === button;
          close();
          if (is_open) return;
          fill(detail, gap);
          detail.hidden = false;
          button.setAttribute("aria-expanded", "true");
          opened = {button, detail};
        });
        label(button, gap);
        buttons.set(gap.gap, button);
        row.append(button);
        element.append(detail);
      }
      if (row.childElementCount) marks.append(element);
    }

    const blocks = [...document.querySelectorAll("[data-newshole]")].filter(each => !each.parentElement.closest("[data-newshole]"));
    const kinds = Object.fromEntries(told.blocks.map(each => [each.block, each.kind]));
    const boxes = blocks.map(block => {
      const box = made("div", "box"), id = block.dataset.newshole;
      box.append(made("span", "", kinds[id] ? `${id}, ${kinds[id]}` : id));
      marks.append(box);
      return {block, box};
    });

    const head = made("header"), title = made("h2", "", "newshole"), fold = made("button", "", "\u2013");
    title.tabIndex = -1;
    fold.type = "button";
    fold.setAttribute("aria-label", "Fold the overlay");
    fold.setAttribute("aria-expanded", "true");
    fold.addEventListener("click", () => {
      const is_small = panel.classList.toggle("small");
      fold.textContent = is_small ? "+" : "\u2013";
      fold.setAttribute("aria-expanded", String(!is_small));
      fold.setAttribute("aria-label", is_small ? "Unfold the overlay" : "Fold the overlay");
    });
    head.append(title, fold);
    const about = made("div", "told");
    const arms = Object.entries(told.arms).map(([name, arm]) => `${name}: ${arm}`).join(", ");
    for (const line of [
      told.untouched,
      `${told.placed.length} placed, ${told.gaps.length} gaps, as on a ${told.device === "mobile" ? "phone" : "desktop"}`,
      told.overrides.length ? `Overrides: ${told.overrides.join(", ")}` : "",
      arms ? `Experiments: ${arms}` : "",
    ]) if (line) about.append(made("p", "", line));
    const list = made("ul", "list");
    list.setAttribute("aria-label", "Blocks");
    for (const each of told.blocks) {
      const item = made("li"), button = made("button", each.placed ? "yes" : "no");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      button.append(made("span", "name", each.block), made("span", "kind", ` ${each.kind}`), made("span", "why", each.line));
      for (const reason of each.reasons) button.append(made("span", "why", reason));
      button.addEventListener("click", () => {
        close();
        chosen = chosen === each.block ? "" : each.block;
        for (const other of list.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button && !!chosen));
        for (const [number, of] of buttons) label(of, gaps[number]);
        const block = chosen && blocks.find(one => one.dataset.newshole === chosen && one.getBoundingClientRect().height);
        if (block) block.scrollIntoView({block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
        draw();
      });
      item.append(button);
      list.append(item);
    }
    panel.append(head, about, list);
    root.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !opened) return;
      const {button} = opened;
      close();
      button.focus();
    });

    const put = (element, {top, left, width}, height) => {
      element.style.setProperty("top", `${top}px`);
      element.style.setProperty("left", `${left}px`);
      element.style.setProperty("width", `${width}px`);
      if (height !== undefined) element.style.setProperty("height", `${height}px`);
    };
    const draw = () => {
      const origin = host.getBoundingClientRect();
      const from = box => ({top: box.top - origin.top, left: box.left - origin.left, width: box.width});
      for (const {block, box} of boxes) {
        const around = block.getBoundingClientRect();
        box.hidden = !(around.width && around.height);
        box.style.setProperty("display", box.hidden ? "none" : "block");
        put(box, from(around), around.height);
      }
      for (const {node, element} of lines) {
        const place = from(placeOf(node));
        put(element, {...place, top: Math.max(place.top, 13)});
      }
    };
    let asked = 0;
    const later = () => { asked ||= requestAnimationFrame(() => { asked = 0; draw(); }); };
    document.documentElement.append(host);
    draw();
    addEventListener("resize", later);
    addEventListener("load", later);
    addEventListener("scroll", later, {capture: true, passive: true});
    new ResizeObserver(later).observe(document.body);
    title.focus({preventScroll: true});

    // Links within the site keep the overlay.
    const token = new URLSearchParams(location.search).get(field);
    addEventListener("click", event => {
      const link = event.target.closest?.("a[href]");
      if (!link || !token || link.origin !== location.origin || !/^https?:$/.test(link.protocol)) return;
      const to = new URL(link.href);
      if (to.pathname === location.pathname && to.search === location.search) return;
      to.searchParams.set(field, token);
      link.href = to.href;
    }, true);
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})
