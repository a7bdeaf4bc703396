import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { FONTS, formula, formulaStyle } from "../../../packages/notebook/src/html/formula.ts";
import { drawMarkdown, firstHeading } from "../../../packages/notebook/src/html/markdown.ts";
import { all, intruders, parsed } from "./elements.ts";

const htmlOf = (source: string, headings = { base: 2, previous: 1 }) => drawMarkdown(source, headings).text;
const texOf = (html: string) => all(parsed(html), "annotation").map((each) => each.textContent);

describe("Markdown", () => {
  it("has formulas between dollar signs, in the line and displayed", () => {
    const html = htmlOf("with $a_i b_i$ and\n\n$$\n\\frac{1}{2} * x * y\n$$\n\nand $$z$$ within.");
    expect(texOf(html)).toEqual(["a_i b_i", "\\frac{1}{2} * x * y", "z"]);
    expect(html).not.toContain("<em>");
    expect(all(parsed(html), ".katex-display")).toHaveLength(2);
  });

  it.each(["$5 and $6", "\\$x\\$", "`$x$`", "$ x $", "costs $5", "$6, `$x` and `$`", "$$never closed"])(
    "has none in %s",
    (source) => {
      expect(texOf(htmlOf(source))).toEqual([]);
      expect(htmlOf(source)).toContain("$");
    },
  );

  it("shows a formula that is wrong as it is written, with what is wrong", () => {
    const html = htmlOf("$\\frac{1$");
    expect(html).toContain('<code class="adj-wrong">\\frac{1</code>');
    expect(html).toContain("KaTeX parse error");
  });

  it("takes HTML for text, and asks for no picture", () => {
    const html = htmlOf(
      "<b onclick=x>bold</b> ![a plot](https://example.org/p.png) [x](javascript:alert(1))",
    );
    expect(intruders(html)).toEqual([]);
    expect(all(parsed(html), "img, b")).toEqual([]);
    expect(all(parsed(html), "a").map((each) => [each.getAttribute("href"), each.textContent])).toEqual([
      ["https://example.org/p.png", "a plot"],
    ]);
  });

  it("lets formulas run no commands of links and classes", () => {
    expect(
      intruders(
        htmlOf(
          "$\\href{javascript:alert(1)}{x}$ $\\htmlClass{adj-x}{y}$ $\\includegraphics{https://example.org/a}$",
        ),
      ),
    ).toEqual([]);
  });

  it("leaves out no level of headings", () => {
    const headings = { base: 3, previous: 2 };
    const tags = (html: string) => all(parsed(html), "h1, h2, h3, h4, h5, h6").map((each) => each.localName);
    expect(tags(htmlOf("# a\n\n### b\n\n# c", headings))).toEqual(["h3", "h4", "h3"]);
    expect(tags(htmlOf("#### d\n\n## e", { base: 2, previous: 1 }))).toEqual(["h2", "h2"]);
  });

  it("knows the first heading, and the text without it where it comes first", () => {
    expect(firstHeading("# One\n\ntext\n\n# Two")).toEqual({ text: "One", rest: "\ntext\n\n# Two" });
    expect(firstHeading("text\n\n## Later")).toEqual({ text: "Later", rest: undefined });
    expect(firstHeading("text")).toBeUndefined();
  });
});

describe("formulas", () => {
  it("bring the fonts that they need and no others", () => {
    const files = (tex: string) =>
      Array.from(
        formulaStyle(formula(tex, true).text).matchAll(
          /@font-face\{[^}]*?font-family:KaTeX_([\w-]+);font-style:(\w+);font-weight:(\w+)/g,
        ),
        (match) => match.slice(1).join(" "),
      ).filter((each, i, list) => list.indexOf(each) === i);
    expect(files("x")).toEqual(["Main normal 400", "Math italic 400"]);
    expect(files("\\mathbb{R}")).toEqual(["Main normal 400", "AMS normal 400"]);
    expect(files("\\sum_i")).toEqual(["Main normal 400", "Math italic 400", "Size2 normal 400"]);
    expect(formulaStyle("<p>no formula</p>")).toBe("");
  });

  it("know every class to which KaTeX's style sheet gives a font", () => {
    const css = readFileSync(
      createRequire(import.meta.resolve("../../../packages/notebook/src/html/formula.ts")).resolve(
        "katex/dist/katex.css",
      ),
      "utf8",
    );
    const rules = [
      ...css
        .replace(/@font-face\s*\{[^}]*\}/g, "")
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .matchAll(/([^{}]+)\{([^}]*)\}/g),
    ];
    const unknown = rules
      .filter(([, , declarations]) => /font-family:\s*KaTeX_(?!Main\b)/.test(declarations!))
      .flatMap(([, selectors]) => selectors!.split(","))
      .map((selector) =>
        selector
          .trim()
          .split(/\s|>/)
          .filter((part) => part.includes("."))
          .map((part) => part.replaceAll(".", " ").trim()),
      )
      .filter(
        (parts) =>
          !FONTS.some(
            (font) => parts.some((part) => font.classes.test(part)) || font.classes.test(parts.join(" ")),
          ),
      );
    expect(unknown).toEqual([]);
    expect(rules.length).toBeGreaterThan(100);
  });

  it("ask for nothing: each font is data", () => {
    const css = formulaStyle(
      formula("x^2 + \\mathcal{L} + \\left(\\frac{\\frac12}{\\frac12}\\right)", true).text,
    );
    expect(
      [...css.matchAll(/url\(([^)]{0,20})/g)]
        .map((match) => match[1])
        .every((url) => url!.startsWith("data:font/woff2")),
    ).toBe(true);
  });
});
