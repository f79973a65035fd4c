// Health changes quietly: only another state is read out, not every figure that moves.
"use strict";

let said = "";

function sayState(part) {
  const state = part.dataset.state;
  if (said && state !== said) document.getElementById("health-said").textContent = state;
  said = state;
}

document.addEventListener("DOMContentLoaded", () => sayState(document.getElementById("health")));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.id === "health") sayState(event.detail.elt);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.id === "health") event.preventDefault();
});
