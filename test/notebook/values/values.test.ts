// Every kind of value is shown, whatever it is like.

import { textOf, type View, view } from "@adjoint/notebook";
import { expect, test } from "vitest";
import { htmlOf } from "../../../packages/notebook/src/html/index.ts";
import { widthOf } from "../../../packages/notebook/src/text/style.ts";
import { isView } from "../../../packages/notebook/src/views/is-view.ts";
import { cases } from "./cases.ts";

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Whether a view is laid out for a width: texts, graphs and pictures of others keep the lines that they have. */
const isLaidOut = (shown: View): boolean =>
  shown.kind === "group"
    ? shown.parts.every(isLaidOut)
    : ["chart", "grid", "table", "finding"].includes(shown.kind);

test.each(cases)("$name is shown in well under a second, as plain data", ({ make, kind, says }) => {
  const value = make();
  const start = process.cpuUsage();
  const shown = view(value);
  const text = textOf(shown, { width: 80, colour: false });
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1000;
  expect(shown.kind).toBe(kind);
  expect(text).toMatch(says);
  // The bound that people were promised, on the processor's time: what a machine that is busy with other things adds to the
  // clock is not what showing costs. Plot's first picture is the dearest, 0.3 to 0.5 s, nearly all of it to load linkedom.
  expect(milliseconds).toBeLessThan(1000);
  // Another process, and whoever looks later, gets it as it is.
  expect(isView(shown)).toBe(true);
  expect(structuredClone(shown)).toEqual(shown);
  for (const width of [40, 120]) {
    const narrow = textOf(shown, { width, colour: false });
    expect(narrow).not.toMatch(escapes);
    const coloured = textOf(shown, { width, colour: true }).replace(escapes, "");
    expect(coloured.trim()).not.toBe("");
    if (isLaidOut(shown))
      for (const line of [...narrow.split("\n"), ...coloured.split("\n")])
        expect(widthOf(line), line).toBeLessThanOrEqual(width);
  }
});

test.each(cases)("$name is drawn as HTML in well under a second", async ({ make }) => {
  const shown = view(make());
  const start = process.cpuUsage();
  const html = await htmlOf(shown);
  const { user, system } = process.cpuUsage(start);
  // As above; the dearest is a heat map with 65,536 places, which takes a fifth of it.
  expect((user + system) / 1000).toBeLessThan(1000);
  // Something stands there beside the style.
  expect(html.replace(/<style>[\s\S]*?<\/style>/g, "")).toMatch(/<\w+[^>]*>/);
});
