// The preview: frames as wide as devices, scaled to the room there is; what is pointed at in the list lights up
// in them, and what is pointed at in one of them lights up in the list.
"use strict";

(() => {
  const preview = document.querySelector(".preview");
  if (!preview) return;
  const form = document.querySelector(".asking");
  const panes = [...preview.querySelectorAll(".pane")].map((box) => ({ box, frame: box.querySelector("iframe") }));
  const places = [...preview.querySelectorAll("a.place")];
  const links = [...preview.querySelectorAll("a[data-width]")];
  let pinned = places.find((each) => each.getAttribute("aria-current") === "true") ?? asked();
  let lit = pinned;

  // A place that Why points at, where no block of the list stands or came close.
  function asked() {
    return preview.dataset.gap ? preview : null;
  }

  function fit() {
    for (const { box, frame } of panes) {
      const scale = Math.min(1, box.clientWidth / frame.width);
      frame.style.transform = `scale(${scale})`;
      frame.style.height = `${box.clientHeight / scale}px`;
    }
  }

  const has = (place, pane) => place.dataset.devices.split(" ").includes(pane.frame.dataset.device);

  function send(pane, place, scrolls) {
    const isHere = place && has(place, pane);
    const told = isHere ? { gap: Number(place.dataset.gap), block: place.dataset.block, words: place.dataset.words } : {};
    // The frame's origin is opaque: no other target can be named. Nothing in it is secret.
    pane.frame.contentWindow?.postMessage({ newshole: "light", scrolls, ...told }, "*");
  }

  function light(place, { from = null } = {}) {
    lit = place;
    for (const each of places) each.classList.toggle("lit", each === place);
    for (const pane of panes) send(pane, place, pane !== from);
  }

  function pin(place) {
    pinned = pinned === place ? null : place;
    for (const each of places) each.setAttribute("aria-current", String(each === pinned));
    const url = new URL(pinned?.href ?? location.href);
    if (!pinned) for (const name of ["gap", "block"]) url.searchParams.delete(name);
    const width = preview.dataset.width;
    if (width) url.searchParams.set("width", width);
    history.replaceState(null, "", url);
    light(pinned);
  }

  function toldPlace(pane, { block, gaps }) {
    if (!Array.isArray(gaps)) return null;
    const found = places.filter((each) => each.dataset.block === block && has(each, pane));
    return found.find((each) => gaps.includes(Number(each.dataset.gap))) ?? null;
  }

  for (const place of places) {
    place.addEventListener("mouseenter", () => light(place));
    place.addEventListener("mouseleave", () => light(pinned));
    place.addEventListener("focus", () => light(place));
    place.addEventListener("blur", () => light(pinned));
    place.addEventListener("click", (event) => {
      event.preventDefault();
      pin(place);
    });
  }

  addEventListener("message", (event) => {
    const pane = panes.find((each) => each.frame.contentWindow === event.source);
    const told = event.data;
    if (!pane || event.origin !== "null" || told?.newshole !== "place") return;
    if (told.word === "ready") {
      send(pane, lit, true);
    } else if (told.word === "over") {
      const place = toldPlace(pane, told);
      light(place ?? pinned, { from: pane });
      place?.scrollIntoView({ block: "nearest" });
    } else if (told.word === "pick") {
      const place = toldPlace(pane, told);
      if (place) pin(place);
    } else if (told.word === "go" && /^https?:/.test(told.url)) {
      form.elements.url.value = told.url;
      form.requestSubmit();
    }
  });

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      preview.dataset.width = link.dataset.width;
      for (const each of links) each.toggleAttribute("aria-current", each === link);
      link.setAttribute("aria-current", "true");
      const url = new URL(location.href);
      url.searchParams.set("width", link.dataset.width);
      history.replaceState(null, "", url);
      fit();
    });
  }

  new ResizeObserver(fit).observe(preview);
  fit();
})();
