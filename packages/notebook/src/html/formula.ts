// Formulas, by KaTeX: HTML for the eye and MathML for screen readers. A page carries the fonts that its formulas need, as
// data, since it may ask nobody for them. (MathML alone needs none, but without a mathematical font on the reader's machine
// Chromium draws roots, brackets and matrices at wrong sizes.)

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import katex from "katex";
import { type Markup, markup, trusted } from "./markup.ts";

/** A formula in TeX's language. One that is wrong shows as it was written, with what is wrong. */
export function formula(tex: string, isDisplayed: boolean): Markup {
  try {
    return trusted(
      katex.renderToString(tex, {
        displayMode: isDisplayed,
        throwOnError: true,
        strict: "ignore",
        trust: false,
        maxExpand: 1000,
        maxSize: 40,
      }),
    );
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return markup`<code class="adj-wrong">${tex}</code> <span class="adj-wrong-why">(${what})</span>`;
  }
}

/** Which fonts draw elements of which classes, as in katex.css. Main-Regular draws all others. */
export const FONTS: readonly { readonly file: string; readonly classes: RegExp }[] = [
  { file: "Math-Italic", classes: /\bmathnormal\b/ },
  { file: "Math-BoldItalic", classes: /\bboldsymbol\b/ },
  { file: "Main-Bold", classes: /\b(mathbf|textbf)\b/ },
  { file: "Main-Italic", classes: /\b(mathit|textit)\b/ },
  { file: "Main-BoldItalic", classes: /\b(textbf textit|textit textbf)\b/ },
  { file: "AMS-Regular", classes: /\b(amsrm|mathbb|textbb)\b/ },
  { file: "Caligraphic-Regular", classes: /\bmathcal\b/ },
  { file: "Caligraphic-Bold", classes: /\b(textbf|mathbf|boldsymbol) mathcal\b|\bmathcal (textbf|mathbf)\b/ },
  { file: "Fraktur-Regular", classes: /\b(mathfrak|textfrak)\b/ },
  { file: "Fraktur-Bold", classes: /\b(mathboldfrak|textboldfrak)\b/ },
  { file: "SansSerif-Regular", classes: /\b(mathsf|textsf)\b/ },
  { file: "SansSerif-Bold", classes: /\b(mathboldsf|textboldsf)\b/ },
  { file: "SansSerif-Italic", classes: /\b(mathsfit|mathitsf|textitsf)\b/ },
  { file: "Script-Regular", classes: /\b(mathscr|textscr)\b/ },
  { file: "Typewriter-Regular", classes: /\b(mathtt|texttt)\b/ },
  { file: "Size1-Regular", classes: /\bdelimsizing(?: mult)? size1\b|\bsmall-op\b|\bdelim-size1\b/ },
  { file: "Size2-Regular", classes: /\bdelimsizing(?: mult)? size2\b|\blarge-op\b/ },
  { file: "Size3-Regular", classes: /\bdelimsizing(?: mult)? size3\b/ },
  { file: "Size4-Regular", classes: /\bdelimsizing(?: mult)? size4\b|\bdelim-size4\b/ },
];

let sheet: { rules: string; faces: Map<string, string> } | undefined;

/** KaTeX's style sheet: its rules, and its fonts by name as rules without their data. */
function styleSheet() {
  if (sheet !== undefined) return sheet;
  const path = createRequire(import.meta.url).resolve("katex/dist/katex.min.css");
  const text = readFileSync(path, "utf8");
  const faces = new Map<string, string>();
  const rules = text.replace(/@font-face\{([^}]*)\}/g, (_, face: string) => {
    const file = /KaTeX_([\w-]+)\.woff2/.exec(face)?.[1];
    if (file === undefined)
      throw new Error(`formula: a font of KaTeX has no woff2 file: ${face.slice(0, 200)}`);
    const data = readFileSync(join(dirname(path), "fonts", `KaTeX_${file}.woff2`)).toString("base64");
    const others = face
      .split(";")
      .filter((each) => !each.trim().startsWith("src:"))
      .join(";");
    faces.set(file, `@font-face{${others};src:url(data:font/woff2;base64,${data}) format("woff2")}`);
    return "";
  });
  sheet = { rules, faces };
  return sheet;
}

/** The style that the formulas in a piece of HTML need, with their fonts; empty where it has none. */
export function formulaStyle(html: string): string {
  if (!html.includes('class="katex"')) return "";
  const { rules, faces } = styleSheet();
  const classes = new Set(Array.from(html.matchAll(/class="([^"]*)"/g), (match) => match[1]!));
  const needed = ["Main-Regular"];
  for (const font of FONTS) if ([...classes].some((each) => font.classes.test(each))) needed.push(font.file);
  return needed.map((file) => faces.get(file)!).join("") + rules;
}
