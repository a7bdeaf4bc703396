// Views as pieces of a page. A kind of view that is no picture is a line here; pictures are in figures.ts.

import type { GraphView, GroupView, View } from "../views/view.ts";
import { fieldOf } from "./chart.ts";
import { details, figureOnPage } from "./figure.ts";
import { figureOf } from "./figures.ts";
import { drawFinding } from "./finding.ts";
import { drawMarkdown, type Headings } from "./markdown.ts";
import { type Markup, markup } from "./markup.ts";
import { pagePalette } from "./palette.ts";
import { drawSvg } from "./svg.ts";
import { drawTable } from "./table.ts";

/** What the parts of a page share. */
export interface Page {
  readonly headings: Headings;
}

/** A block of text of a fixed width, which scrolls. */
export function textBlock(text: string, label: string): Markup {
  return markup`<pre class="adj-text" tabindex="0" role="group" aria-label="${label}">${text}</pre>`;
}

const tooLarge = ({ title, nodes, edges, note, text }: GraphView) =>
  markup`<div class="adj-figure">${title === "" ? "" : markup`<p class="adj-title"><b>${title}</b></p>`}<p class="adj-note">A graph of ${nodes.length.toLocaleString("en-GB")} nodes and ${edges.length.toLocaleString("en-GB")} edges, too large to be drawn so that it can be read. ${note}</p>${details("As text", text)}</div>`;

/** Charts, groups and text take the room there is; charts with a field, which are about square, stand in their narrow form. Grids become smaller to stand side by side, unless numbers in their cells must be read. Other pictures have their own size. */
function behaviourOf(part: View): string {
  if (part.kind === "grid") return part.isNumbered ? "" : " adj-yields";
  if (part.kind === "chart" && fieldOf(part) !== undefined) return " adj-plane";
  return part.kind === "svg" || part.kind === "finding" ? "" : " adj-fills";
}

async function grouped(view: GroupView, page: Page): Promise<Markup> {
  const parts: Markup[] = [];
  for (const part of view.parts) {
    parts.push(markup`<div class="adj-part${behaviourOf(part)}">${await fragmentOf(part, page)}</div>`);
  }
  const title = view.title === "" ? "" : markup`<p class="adj-title">${view.title}</p>`;
  const empty = parts.length === 0 ? markup`<p class="adj-note">An empty group.</p>` : "";
  return markup`<div class="adj-group adj-${view.arrangement}">${title}<div class="adj-parts">${parts}</div>${empty}</div>`;
}

async function drawn(view: View, page: Page): Promise<Markup> {
  switch (view.kind) {
    case "text":
      return textBlock(view.text, "Text");
    case "markdown":
      return markup`<div class="adj-markdown">${drawMarkdown(view.source, page.headings)}</div>`;
    case "table":
      return drawTable(view);
    case "finding":
      return drawFinding(view);
    case "svg":
      return drawSvg(view);
    case "group":
      return grouped(view, page);
    case "graph":
    case "chart":
    case "grid":
    case "network": {
      const figure = await figureOf(view, { palette: pagePalette, theme: "page" });
      return figure === undefined ? tooLarge(view as GraphView) : figureOnPage(figure);
    }
  }
}

/** A view as a piece of a page. One that can't be drawn says so in its place, so that the rest of the page stands. */
export async function fragmentOf(view: View, page: Page): Promise<Markup> {
  let inside: Markup;
  try {
    inside = await drawn(view, page);
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    inside = markup`<div class="adj-failed" role="note">A ${view.kind} that can't be drawn. ${what}</div>`;
  }
  return markup`<div class="adj-view adj-kind-${view.kind}">${inside}</div>`;
}
