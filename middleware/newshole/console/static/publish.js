// What belongs to a choice is shown with it alone.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[data-with]")) {
    const [name, value] = part.dataset.with.split("=");
    const form = part.closest("form");
    const follow = () => { part.hidden = new FormData(form).get(name) !== value; };
    form.addEventListener("change", follow);
    follow();
  }
});
