// Pages in arms: frames as wide as the device, scaled to the room there is.
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
})();
