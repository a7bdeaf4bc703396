// What the site does to the checkout's Markdown: links between files become links between pages, and the public names in
// guides lead to their entries.

import { existsSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { addressOf } from "./pages.mjs";

const root = join(import.meta.dirname, "../..");

/** The entry of each public name that is not also an ordinary word of the guides. */
function entries(): ReadonlyMap<string, string> {
  const file = join(root, "docs/api/names.json");
  return new Map(existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, "utf8"))) : []);
}

interface Surroundings {
  readonly path: string;
  readonly realPath?: string;
  readonly relativePath: string;
}

const isElsewhere = (link: string) => /^([a-z]+:|#|\/)/.test(link);

/** The site's link for a link in a file of the checkout. */
function linkFrom(file: string, link: string): string {
  if (isElsewhere(link)) return link;
  const [path = "", anchor] = link.split("#");
  const target = posix.normalize(posix.join(posix.dirname(file), path));
  const address = target.endsWith(".md") ? addressOf(target) : undefined;
  const place =
    address ?? (existsSync(join(root, target)) ? `source/${target.replace(/^packages\//, "")}.txt` : target);
  return `/${place}${anchor === undefined ? "" : `#${anchor}`}`;
}

export function links(md: MarkdownRenderer): void {
  const known = entries();
  md.core.ruler.push("links of the checkout", (state) => {
    const { realPath, path } = state.env as Surroundings;
    const file = relative(root, realPath ?? path)
      .replaceAll("\\", "/")
      .replace("docs/copied/", "");
    if (file.startsWith("docs/api/")) return;
    const isGuide = !/^(CHANGELOG|ARCHITECTURE|CONTRIBUTING)/.test(file);
    const linked = new Set<string>();
    for (const [i, block] of state.tokens.entries()) {
      const isHeading = state.tokens[i - 1]?.type === "heading_open";
      let inLink = false;
      const children = block.children ?? [];
      for (let j = 0; j < children.length; j++) {
        const token = children[j]!;
        if (token.type === "link_open") {
          inLink = true;
          token.attrSet("href", linkFrom(file, token.attrGet("href") ?? ""));
        } else if (token.type === "link_close") inLink = false;
        else if (token.type === "code_inline" && isGuide && !isHeading && !inLink) {
          // The first time in a page is enough, but in tables, where each row is read by itself.
          const name = token.content.replace(/\((…)?\)$/, "");
          const entry = known.get(name);
          if (entry === undefined || (linked.has(name) && state.tokens[i - 1]?.type !== "td_open")) continue;
          linked.add(name);
          const open = new state.Token("link_open", "a", 1);
          open.attrSet("href", `/api/${entry}`);
          children.splice(j, 1, open, token, new state.Token("link_close", "a", -1));
          j += 2;
        }
      }
    }
  });
}
