// The script of a page that is served while its notebook is edited: it takes a new page in when the server says so, and keeps
// the place that is read, what is open, and what has the focus. A page that is a file has no script.

import { createHash } from "node:crypto";

/** Where the server sends its events, seen from the page; an event "page" says that there is a new one. */
const EVENTS = "events";

/** The script, without its element. */
export const liveScript: string = `
const events = new EventSource(${JSON.stringify(EVENTS)});
const status = document.getElementById("live");
const describe = () => {
  const all = [...document.querySelectorAll("[tabindex], a, summary")];
  return all.indexOf(document.activeElement);
};
async function refresh() {
  const response = await fetch(location.pathname + location.search, { cache: "no-store" });
  if (!response.ok) return;
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  const focus = describe();
  const [x, y] = [scrollX, scrollY];
  const open = [...document.querySelectorAll("details")].map((each) => each.open);
  document.title = next.title;
  for (const id of ["formulas", "page"]) {
    const [from, to] = [next.getElementById(id), document.getElementById(id)];
    if (from && to) to.replaceWith(document.adoptNode(from));
  }
  document.querySelectorAll("details").forEach((each, i) => { if (open[i]) each.open = true; });
  scrollTo(x, y);
  if (focus >= 0) document.querySelectorAll("[tabindex], a, summary")[focus]?.focus({ preventScroll: true });
  status.textContent = "Refreshed";
}
let last = Promise.resolve();
events.addEventListener("page", () => { last = last.then(refresh, refresh); });
events.addEventListener("error", () => { status.textContent = "Not connected"; });
events.addEventListener("open", () => { status.textContent = ""; });
`;

/** The script's hash, by which a content security policy names it. */
export function liveHash(): string {
  return `sha256-${createHash("sha256").update(liveScript).digest("base64")}`;
}
