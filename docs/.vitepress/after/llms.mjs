// Writes llms.txt, a list of the pages for language models, and llms-full.txt, all pages in one text (llmstxt.org).

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chapters, elsewhere } from "../pages.mjs";

const root = join(import.meta.dirname, "../../..");
const dist = join(import.meta.dirname, "../../dist");
const sourceOf = Object.fromEntries(Object.entries(elsewhere).map(([file, address]) => [address, file]));

/** The file of a page in the checkout. */
const fileOf = (page) => join(root, sourceOf[page] ?? `docs/${page}`);
const textOf = (page) => readFileSync(fileOf(page), "utf8").replace(/^---\n[\s\S]*?\n---\n/, "");

/** The first sentence of a page's text, to say what it is about. */
function sentenceOf(text) {
  const paragraph = text.split(/\n\n+/).find((part) => /^[\p{L}`_@[]/u.test(part)) ?? "";
  const plain = paragraph.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("\n", " ");
  return /^.*?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, ".") ?? plain;
}

const listed = [];
const full = [];
for (const { title, pages } of chapters) {
  const there = pages.filter(([, page]) => existsSync(fileOf(page)));
  listed.push(`## ${title}`, "");
  for (const [name, page] of there) {
    const address = `/${page.replace(/\.md$/, ".html")}`;
    const isMade = page.startsWith("api/");
    const about = isMade
      ? "Every public name, by package and by theme, with shapes, errors and sources."
      : sentenceOf(textOf(page));
    listed.push(`- [${name}](${address}): ${about}`);
    // The reference and what is for those who change the project would make most of the text.
    if (!isMade && !/^(architecture|contributing|changelog)\.md$/.test(page))
      full.push(`<!-- ${address} -->\n\n${textOf(page).trim()}`);
  }
  listed.push("");
}
const head =
  "# Adjoint\n\n> Automatic differentiation in TypeScript, with neural networks on top: state a function once and get its derivatives of every order, checked. ES modules for Node 20.19 or newer, Deno, Bun and browsers; tensors are immutable, randomness comes from keys, nothing is evaluated from strings where a page forbids it.\n";
writeFileSync(`${dist}/llms.txt`, `${head}\n${listed.join("\n").trim()}\n`);
writeFileSync(`${dist}/llms-full.txt`, `${head}\n${full.join("\n\n")}\n`);
