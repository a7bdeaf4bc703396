// Markdown with formulas between dollar signs.

import { kindOf } from "./check.ts";
import type { MarkdownView } from "./view.ts";

/**
 * Markdown: markdown`The loss is **${loss}**`, or markdown(source). Backslashes stand for themselves, so formulas are written as
 * in LaTeX: markdown`$\frac{1}{2}$`. Lines may be indented as the code around them is. Throws TypeError for what is no text.
 */
export function markdown(source: string | TemplateStringsArray, ...values: readonly unknown[]): MarkdownView {
  if (typeof source === "string") return { kind: "markdown", source: flush(source) };
  if (!Array.isArray(source) || !("raw" in source))
    throw new TypeError(`markdown: got ${kindOf(source)} where text belongs; write markdown\`…\``);
  return { kind: "markdown", source: flush(String.raw(source, ...values)) };
}

/** Without the indentation that all lines but the first have in common. */
function flush(text: string): string {
  const lines = text.replace(/^\n/, "").trimEnd().split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)![0].length);
  const common = Math.min(...(indents.length > 1 && indents[0] === 0 ? indents.slice(1) : indents));
  return lines.map((line) => (/^ */.exec(line)![0].length >= common ? line.slice(common) : line)).join("\n");
}
