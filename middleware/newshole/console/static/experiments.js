// Pages in arms: frames as wide as the device, scaled to the room there is, at the first change.
"use strict";

(() => {
  const panes = [...document.querySelectorAll(".arms .pane")];
  const fit = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const frame = target.querySelector("iframe");
      const scale = Math.min(1, target.clientWidth / frame.width);
      frame.style.transform = `scale(${scale})`;
      frame.style.height = `${target.clientHeight / scale}px`;
    }
  });
  for (const pane of panes) fit.observe(pane);

  // Each frame shows the place of the first change, once it says that it is there.
  addEventListener("message", (event) => {
    const frame = panes.map((pane) => pane.querySelector("iframe")).find((each) => each.contentWindow === event.source);
    if (!frame?.dataset.gap || event.origin !== "null" || event.data?.word !== "ready") return;
    const { gap, block } = frame.dataset;
    // The frame's origin is opaque: no other target can be named. Nothing in it is secret.
    frame.contentWindow.postMessage({ newshole: "light", scrolls: true, gap: Number(gap), block, words: block }, "*");
  });
})();
