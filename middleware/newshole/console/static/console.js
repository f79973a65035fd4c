// What every screen needs beside htmx: moments by the reader's own clock, and menus that send their form.
"use strict";

function tellMoments(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime()) && !time.title) {
      time.title = time.dateTime;
      time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    }
  }
}

document.addEventListener("DOMContentLoaded", () => tellMoments(document));
document.addEventListener("htmx:load", (event) => tellMoments(event.detail.elt));
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});
