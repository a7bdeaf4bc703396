// Markdown by markdown-it, with formulas between dollar signs. HTML in it is text, and no picture is asked for from elsewhere.

import createMarkdown, { type MarkdownIt } from "markdown-it";
import { formula } from "./formula.ts";
import { type Markup, markup, trusted } from "./markup.ts";

/** Where headings stand in the page, so that no level is left out: the level of the first ones, and that of the last one written. */
export interface Headings {
  base: number;
  previous: number;
}

const isSpace = (character: string | undefined) => character === undefined || /\s/.test(character);

/** Where a formula that begins at `start` ends: before the next dollar signs that no backslash precedes; −1 where none is. */
function endOf(text: string, start: number, sign: string): number {
  for (let at = text.indexOf(sign, start); at >= 0; at = text.indexOf(sign, at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function withFormulas(md: MarkdownIt): void {
  md.inline.ruler.after("escape", "formula", (state, isSilent) => {
    const { src, pos } = state;
    if (src[pos] !== "$") return false;
    const sign = src.startsWith("$$", pos) ? "$$" : "$";
    const start = pos + sign.length;
    const end = endOf(src, start, sign);
    if (end < 0 || end === start) return false;
    // "$5 and $6" is money: a formula has no space inside its signs, and no digit follows it.
    if (sign === "$" && (isSpace(src[start]) || isSpace(src[end - 1]) || /\d/.test(src[end + 1] ?? "")))
      return false;
    // A backtick between them begins or ends code, to which the second sign belongs.
    if (src.slice(start, end).includes("`")) return false;
    if (!isSilent) {
      const token = state.push(sign === "$" ? "formula" : "formula_displayed", "", 0);
      token.content = src.slice(start, end);
    }
    state.pos = end + sign.length;
    return true;
  });
  md.block.ruler.before(
    "fence",
    "formula",
    (state, from, to, isSilent) => {
      const line = (i: number) => state.src.slice(state.bMarks[i]! + state.tShift[i]!, state.eMarks[i]);
      if (!line(from).startsWith("$$")) return false;
      let last = from;
      const lines: string[] = [];
      for (let text = line(from).slice(2); ; text = line(last)) {
        const end = endOf(text, 0, "$$");
        if (end >= 0) {
          if (text.slice(end + 2).trim() !== "") return false;
          lines.push(text.slice(0, end));
          break;
        }
        lines.push(text);
        if (++last >= to) return false;
      }
      if (isSilent) return true;
      const token = state.push("formula_displayed", "", 0);
      token.content = lines.join("\n").trim();
      token.block = true;
      state.line = last + 1;
      return true;
    },
    { alt: ["paragraph", "reference", "blockquote", "list"] },
  );
  md.renderer.rules.formula = (tokens, i) => formula(tokens[i]!.content, false).text;
  md.renderer.rules.formula_displayed = (tokens, i) => {
    // Wide formulas scroll, and whoever has no mouse must be able to.
    const tag = tokens[i]!.block ? "div" : "span";
    return `<${tag} class="adj-formula" tabindex="0" role="group" aria-label="Formula">${formula(tokens[i]!.content, true).text}</${tag}>`;
  };
}

const md: MarkdownIt = createMarkdown({ html: false, linkify: false, typographer: false });
md.use(withFormulas);

const rules = md.renderer.rules;
rules.image = (tokens, i) => {
  const token = tokens[i]!;
  const source = String(token.attrGet("src") ?? "");
  const alternative = token.content;
  // A page that asks for nothing shows where the picture is.
  if (!source.startsWith("data:image/"))
    return markup`<a href="${source}">${alternative === "" ? source : alternative}</a>`.text;
  return markup`<img src="${source}" alt="${alternative}">`.text;
};
rules.table_open = () => `<div class="adj-scroll" tabindex="0" role="group" aria-label="Table"><table>`;
rules.table_close = () => "</table></div>";
const codeBlock = (content: string) =>
  markup`<pre class="adj-text" tabindex="0" role="group" aria-label="Code">${content}</pre>`.text;
rules.fence = (tokens, i) => codeBlock(tokens[i]!.content);
rules.code_block = (tokens, i) => codeBlock(tokens[i]!.content);

/** Markdown as HTML. `headings` goes on through the page. */
export function drawMarkdown(source: string, headings: Headings): Markup {
  const tokens = md.parse(source, {});
  const levelOf = (tag: string) => Number(tag.slice(1));
  const opening = tokens.filter((token) => token.type === "heading_open");
  const used = [...new Set(opening.map((token) => levelOf(token.tag)))].sort((a, b) => a - b);
  let tag = "";
  for (const token of tokens) {
    if (token.type === "heading_open") {
      // The levels of the source are replaced by their places among those that it uses.
      const wanted = headings.base + used.indexOf(levelOf(token.tag));
      headings.previous = Math.min(wanted, headings.previous + 1, 6);
      tag = `h${headings.previous}`;
      token.tag = tag;
    } else if (token.type === "heading_close") token.tag = tag;
  }
  return trusted(md.renderer.render(tokens, md.options, {}));
}

/** The first heading of a Markdown text as plain text, and the text without it where it stands at the front; undefined where there is none. */
export function firstHeading(source: string): { text: string; rest: string | undefined } | undefined {
  const tokens = md.parse(source, {});
  const at = tokens.findIndex((token) => token.type === "heading_open");
  if (at < 0) return undefined;
  const lines = source.split("\n");
  const [, to] = tokens[at]!.map ?? [0, 0];
  return { text: tokens[at + 1]!.content.trim(), rest: at === 0 ? lines.slice(to).join("\n") : undefined };
}

/** A line of Markdown, such as a heading, without paragraphs around it. */
export function inlineMarkdown(source: string): Markup {
  return trusted(md.renderInline(source));
}
