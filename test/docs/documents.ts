// The documents of the project: what a reader may be shown, and the blocks of code in it.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Folders of docs/ that are made or installed when the site is built. */
const made = /^docs\/(api|copied|dist|node_modules|\.cache|\.vitepress)\//;

/** The Markdown files for readers, by their paths in the checkout. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`),
  ...pagesIn("docs"),
].filter((file) => {
  try {
    readFileSync(root + file);
    return true;
  } catch {
    return false;
  }
});

function pagesIn(folder: string): string[] {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (made.test(`${path}/`)) return [];
    if (entry.isDirectory()) return pagesIn(path);
    return path.endsWith(".md") ? [path] : [];
  });
}

export const textOf = (document: string): string => readFileSync(root + document, "utf8");

export interface Fence {
  /** What stands behind the opening marks: the language, and perhaps a word for a test. */
  readonly info: string;
  readonly code: string;
}

export function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info, code]) => ({
    info: info!,
    code: code!,
  }));
}

/** A text without its blocks of code. */
export const proseOf = (text: string): string => text.replaceAll(/^```.*\n[\s\S]*?^```$/gm, "");
