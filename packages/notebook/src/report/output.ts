// What stands below code.

import { fragmentOf, type Page } from "../html/fragment.ts";
import { type Markup, markup } from "../html/markup.ts";
import { readable } from "./console.ts";
import type { Output } from "./place.ts";

function printed({ stream, text }: Extract<Output, { kind: "printed" }>): Markup {
  const content = readable(text);
  if (content.trim() === "") return markup``;
  const label = stream === "out" ? "Printed text" : "Printed to standard error";
  const mark = stream === "out" ? "" : markup`<span class="stream">standard error</span>`;
  return markup`<div class="printed ${stream}">${mark}<pre class="adj-text" tabindex="0" role="group" aria-label="${label}">${content}</pre></div>`;
}

function progress({ label, done, total, isOver }: Extract<Output, { kind: "progress" }>): Markup {
  const count = (value: number) => value.toLocaleString("en-GB");
  const state = total === null ? count(done) : `${count(done)} of ${count(total)}`;
  const name = label === "" ? "Progress" : label;
  if (isOver) return markup`<p class="progress">${name}: ${state}</p>`;
  const bar =
    total === null
      ? markup`<progress aria-label="${name}"></progress>`
      : markup`<progress aria-label="${name}" max="${Math.max(total, 1)}" value="${Math.min(done, total)}"></progress>`;
  return markup`<p class="progress"><span>${name}</span>${bar}<span>${state}</span></p>`;
}

function failed({ name, message, line, stack }: Extract<Output, { kind: "failed" }>): Markup {
  const where = line === null ? "" : ` at line ${line}`;
  const more =
    stack === ""
      ? ""
      : markup`<details class="adj-details"><summary>Where it came from</summary><pre class="adj-text" tabindex="0" role="group" aria-label="Where the error came from">${readable(stack)}</pre></details>`;
  return markup`<div class="error"><p><strong>${name}${where}</strong></p><pre class="adj-text message" tabindex="0" role="group" aria-label="The error's message">${readable(message)}</pre>${more}</div>`;
}

/** An output as a piece of the page. */
export async function drawOutput(output: Output, page: Page): Promise<Markup> {
  switch (output.kind) {
    case "shown":
      return fragmentOf(output.view, page);
    case "printed":
      return markup`<div class="adj-view">${printed(output)}</div>`;
    case "progress":
      return markup`<div class="adj-view">${progress(output)}</div>`;
    case "failed":
      return markup`<div class="adj-view">${failed(output)}</div>`;
  }
}
