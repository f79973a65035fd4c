// What every screen needs beside htmx: moments by the reader's own clock, menus that send their form, and
// notices of what htmx could not do, which pass.
"use strict";

const NOTICE = 6000;
// As the console itself writes moments: its words are English, and its hours those of a newsroom's clocks.
const LOCALE = "en-GB";
const FORM = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
const SECOND = { second: "2-digit" };
const ZONE = { timeZoneName: "short" };

function tellMoments(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime()) && !time.title) {
      time.title = at.toLocaleString(LOCALE, { dateStyle: "full", timeStyle: "long" });
      time.textContent = at.toLocaleString(LOCALE, { ...FORM, ...(time.matches(".exact") && SECOND), ...(time.matches(".zoned") && ZONE) });
    }
  }
}

function notice(words) {
  const told = document.createElement("p");
  told.className = "wrong";
  told.textContent = words;
  document.querySelector(".toasts")?.append(told);
  setTimeout(() => told.remove(), NOTICE);
}

document.addEventListener("DOMContentLoaded", () => tellMoments(document));
document.addEventListener("htmx:load", (event) => tellMoments(event.detail.elt));
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:sendError", () => notice("The console cannot be reached. Try again."));
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const isPlain = xhr.getResponseHeader("content-type")?.startsWith("text/plain");
  const part = new DOMParser().parseFromString(isPlain ? "" : xhr.responseText, "text/html");
  const said = isPlain ? xhr.responseText : part.querySelector("[role=alert]")?.textContent;
  notice(said || "That did not work. Load the screen again.");
});
