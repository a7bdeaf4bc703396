// Looks at every link, anchor and picture of the built site, and fails where one leads nowhere or a page would load something
// from elsewhere.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const dist = join(import.meta.dirname, "../../dist");
const base = process.env.ADJOINT_SITE_BASE ?? "/";

/** The built file behind a path of the site. */
function fileOf(path) {
  const place = join(dist, decodeURIComponent(path));
  const candidates = [place, join(place, "index.html")];
  return candidates.find((file) => existsSync(file) && statSync(file).isFile());
}

const anchors = new Map();
function anchorsOf(file) {
  let found = anchors.get(file);
  if (found === undefined) {
    found = new Set([...readFileSync(file, "utf8").matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    anchors.set(file, found);
  }
  return found;
}

const unescaped = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");
const mistakes = [];
let count = 0;
const pages = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith(".html") && !file.startsWith("playground"))
  .map((file) => join(dist, file));
for (const page of pages) {
  const html = readFileSync(page, "utf8");
  const name = relative(dist, page);
  const at = (path) =>
    join("/", path.startsWith("/") ? path.slice(base.length - 1) : join(dirname(name), path));
  for (const [, tag, attribute, quoted] of html.matchAll(/<(\w+)\b[^>]*? (href|src)="([^"]*)"/g)) {
    const link = unescaped(quoted);
    count++;
    if (/^(https?:)?\/\//.test(link)) {
      if (tag !== "a") mistakes.push(`${name}: ${tag} loads ${link}`);
      continue;
    }
    if (/^(mailto|data):/.test(link)) continue;
    const [path, anchor] = link.split("#");
    const file = path === "" ? page : fileOf(at(path.split("?")[0]));
    if (file === undefined) mistakes.push(`${name}: ${attribute} ${link} leads nowhere`);
    else if (anchor && file.endsWith(".html") && !anchorsOf(file).has(decodeURIComponent(anchor)))
      mistakes.push(`${name}: there is no #${anchor} in ${relative(dist, file)}`);
  }
}
for (const mistake of mistakes) console.error(mistake);
console.log(`${count} links of ${pages.length} pages: ${mistakes.length} lead nowhere`);
process.exitCode = mistakes.length === 0 ? 0 : 1;
