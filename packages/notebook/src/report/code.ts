// Code with its words coloured, by shiki, which knows TypeScript here and nothing else. Colours are variables of the page.

import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { type Markup, markup, trusted } from "../html/markup.ts";

const PREFIX = "--adj-code-";
/** More lines than this are folded, so that what was found isn't lost between screens of code. */
const MOST_LINES = 60;

/** The colours of code, each with a contrast of 4.5:1 on the ground of code (WCAG 2.2, 1.4.3). */
export const CODE_COLOURS: Readonly<Record<string, { readonly light: string; readonly dark: string }>> = {
  background: { light: "#f6f7f8", dark: "#1d2127" },
  foreground: { light: "#24292f", dark: "#d8dce2" },
  "token-constant": { light: "#0b57a0", dark: "#8cc4f5" },
  "token-string": { light: "#1c6b40", dark: "#9ad1a8" },
  "token-string-expression": { light: "#1c6b40", dark: "#9ad1a8" },
  "token-comment": { light: "#646b74", dark: "#98a0ab" },
  "token-keyword": { light: "#8a3073", dark: "#dba3cf" },
  "token-parameter": { light: "#24292f", dark: "#d8dce2" },
  "token-function": { light: "#7a4300", dark: "#e6bf85" },
  "token-punctuation": { light: "#57606a", dark: "#a3abb6" },
  "token-link": { light: "#0b57a0", dark: "#8cc4f5" },
};

/** The CSS that sets the colours of code for a theme. */
export function codeVariables(theme: "light" | "dark"): string {
  return Object.entries(CODE_COLOURS)
    .map(([name, colour]) => `${PREFIX}${name}:${colour[theme]};`)
    .join("");
}

let highlighter: Promise<HighlighterCore> | undefined;

function started(): Promise<HighlighterCore> {
  highlighter ??= (async () => {
    const { default: typescript } = await import("shiki/langs/typescript.mjs");
    const theme = createCssVariablesTheme({ name: "adjoint", variablePrefix: PREFIX });
    return createHighlighterCore({
      themes: [theme],
      langs: [typescript],
      engine: createJavaScriptRegexEngine(),
    });
  })();
  return highlighter;
}

/**
 * Lines of TypeScript as HTML. `from` is the number of the first line in the file; lines whose numbers are in `failed` are
 * marked.
 */
export async function drawCode(code: string, from: number, failed: ReadonlySet<number>): Promise<Markup> {
  const text = code.replace(/\n+$/, "");
  const count = text.split("\n").length;
  const lines = count === 1 ? `line ${from}` : `lines ${from} to ${from + count - 1}`;
  const isFolded = count > MOST_LINES && ![...failed].some((line) => line >= from && line < from + count);
  const html = (await started()).codeToHtml(text, {
    lang: "typescript",
    theme: "adjoint",
    // On a busy machine the first line may take long; without a limit it is coloured all the same.
    tokenizeTimeLimit: 0,
    transformers: [
      {
        pre(node) {
          node.properties = {
            class: "code",
            tabindex: "0",
            role: "group",
            "aria-label": `Code, ${lines}`,
            style: `counter-reset:line ${from - 1}`,
          };
        },
        line(node, number) {
          if (failed.has(from + number - 1)) node.properties.class = "line failed-line";
        },
      },
    ],
  });
  return isFolded
    ? markup`<details class="long"><summary>Code, ${lines}</summary>${trusted(html)}</details>`
    : trusted(html);
}
