import { describe, expect, it } from "vitest";
import { htmlOf, pngOf, svgOf } from "../../../packages/notebook/src/html/index.ts";
import { all, intruders, parsed } from "./elements.ts";
import { HOSTILE, HOSTILE_VIEWS, ODD, ORDINARY } from "./samples.ts";

const body = async (view: (typeof ORDINARY)[string]) =>
  (await htmlOf(view)).replace(/^<style>[\s\S]*?<\/style>/, "");

describe("views", () => {
  it.each(Object.entries(ORDINARY))("draws %s", async (_, view) => {
    const html = await body(view);
    expect(html).not.toContain("adj-failed");
    expect(intruders(html)).toEqual([]);
  });

  it.each(Object.entries(ODD))("draws what is odd: %s", async (_, view) => {
    await htmlOf(ORDINARY.graph!); // Graphviz starts once.
    const start = process.cpuUsage();
    const html = await body(view);
    // Microseconds that this process was busy, whatever else the machine does: below two seconds, twice the second that a
    // reader may wait, since the tests' engine optimises less.
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
    expect(html).not.toMatch(/ (?!aria-)[\w-]+="[^"]*\b(undefined|Infinity|NaN)\b/);
    expect(intruders(html)).toEqual([]);
  });

  it("says in its place why bars and numbers can't share an axis, and draws the rest of the group", async () => {
    const html = await body({
      kind: "group",
      title: "",
      arrangement: "row",
      parts: [ODD["bars and a line"]!, { kind: "text", text: "the rest" }],
    });
    expect(html).toContain("bars have names along their axis and line have numbers; draw two charts");
    expect(html).toContain("the rest");
  });

  it.each(Object.entries(HOSTILE_VIEWS))("makes no element of hostile text in %s", async (_, view) => {
    const html = await body(view);
    expect(intruders(html)).toEqual([]);
    expect(html).not.toContain("adj-failed");
    const document = parsed(html);
    // The text is there as text, or its beginning where room is short.
    const texts = [
      document.textContent,
      ...all(document, "[alt]").map((each) => each.getAttribute("alt")),
    ].join("");
    expect(texts).toContain(HOSTILE.slice(0, 2));
  });

  it.each(
    Object.entries({ ...ORDINARY, ...HOSTILE_VIEWS }).filter(
      ([, view]) => !["text", "markdown", "table", "finding"].includes(view.kind),
    ),
  )("writes well-formed XML for %s, which another parser draws", async (name, view) => {
    const isPicture = name !== "group in a column";
    const svg = await svgOf(view, { theme: "dark" });
    expect(svg !== undefined).toBe(isPicture);
    if (svg === undefined) return;
    expect(svg).not.toContain("var(--");
    expect(intruders(svg)).toEqual([]);
    const png = await pngOf(view, { theme: "dark", scale: 1 });
    expect([...png!.subarray(1, 4)]).toEqual([..."PNG"].map((each) => each.charCodeAt(0)));
  });

  it("has no picture of text, tables, findings and graphs that are too large", async () => {
    for (const view of [
      ORDINARY.text!,
      ORDINARY.table!,
      ORDINARY["finding that agrees"]!,
      ODD["graph of 10,000 steps"]!,
    ]) {
      expect(await svgOf(view, { theme: "light" })).toBeUndefined();
      expect(await pngOf(view, { theme: "light" })).toBeUndefined();
    }
  });

  it("says what a finding is in words and not by colour alone", async () => {
    const words = await Promise.all(
      ["finding that agrees", "finding that differs", "finding of a quick run"].map(async (name) => {
        const document = parsed(await body(ORDINARY[name]!));
        return [".adj-sign", ".adj-verdict"].map((each) => document.querySelector(each)!.textContent);
      }),
    );
    expect(words).toEqual([
      ["✓", "as written"],
      ["✗", "differs from what is written"],
      ["○", "not compared"],
    ]);
    expect(await body(ODD["finding of NaN"]!)).toContain("differs from what is written");
  });

  it("names a table's columns and rows for screen readers, and says what it leaves out", async () => {
    const table = parsed(await body(ORDINARY.table!));
    expect(all(table, "th[scope=col]").map((each) => each.textContent)).toEqual(["run", "loss", "time, s"]);
    expect(all(table, "tbody th[scope=row]")).toHaveLength(5);
    const long = parsed(await body(ODD["table of 3,000 rows"]!));
    expect(all(long, "tbody tr")).toHaveLength(500);
    expect(long.textContent).toContain("The first 500 of 3,000 rows.");
  });

  it("shows pictures made elsewhere as images, without their scripts and what they ask for", async () => {
    const image = parsed(await body(HOSTILE_VIEWS.svg!)).querySelector("img")!;
    const svg = Buffer.from(
      image.getAttribute("src")!.replace("data:image/svg+xml;base64,", ""),
      "base64",
    ).toString();
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/script|foreignObject|onload|onclick|example\.org/);
  });
});
