// A report of all kinds of views in a real browser. Without one at /usr/bin/chromium these tests are skipped.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportOf } from "../../../packages/notebook/src/report/index.ts";
import { ODD, ORDINARY } from "../html/samples.ts";
import { axeFaults, hasBrowser, opened, startBrowser } from "./browser.ts";
import { overlaps } from "./overlaps.ts";
import { reportInput } from "./sample.ts";

/** Odd views that look different from the ordinary ones; large ones are left to other tests. */
const odd = [
  "wrong formula",
  "table of 40 columns",
  "chart without points",
  "twenty layers",
  "grid not finite",
  "row of 5,000",
  "graph of 10,000 steps",
  "layer without units",
  "bars and a line",
  "empty group",
];

describe.skipIf(!hasBrowser)("a report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const url = pathToFileURL(join(folder, "report.html")).href;
  let browser: Browser;
  let page: Page;
  let said: string[];

  beforeAll(async () => {
    const views = [...Object.values(ORDINARY), ...odd.map((name) => ODD[name]!)];
    writeFileSync(join(folder, "report.html"), await reportOf(reportInput(views)));
    browser = await startBrowser();
    ({ page, said } = await opened(browser, url));
    // A browser that starts beside other tests takes its time.
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says nothing on the console and asks for nothing", async () => {
    expect(await page.title()).toContain("Does width help");
    expect(said).toEqual([]);
  });

  it.each([1_400, 360])("has nothing that lies over something else at %i pixels", async (width) => {
    await page.setViewportSize({ width, height: 1_000 });
    expect(await overlaps(page)).toEqual([]);
  });

  it("finds what lies over something else, where there is such a thing", async () => {
    await page.setViewportSize({ width: 360, height: 1_000 });
    const style = await page.addStyleTag({ content: ".facts{width:500px}.timing{margin-top:-3rem}" });
    const found = await overlaps(page);
    expect(found.some((each) => each.includes("the page is"))).toBe(true);
    expect(found.some((each) => each.includes('class="timing"') && each.includes("lies over"))).toBe(true);
    await style.evaluate((element) => (element as unknown as { remove(): void }).remove());
  });

  it.each(["light", "dark"] as const)("has no fault that axe finds, in %s", async (colorScheme) => {
    expect(await axeFaults(page, colorScheme)).toEqual([]);
  });

  it("draws all formulas in the fonts that it brings", async () => {
    const state = await page.evaluate<string[]>(
      `document.fonts.ready.then(() => [...document.fonts].map((font) => font.family + " " + font.status))`,
    );
    expect(state.length).toBeGreaterThan(2);
    expect(state.filter((each) => !each.endsWith(" loaded"))).toEqual([]);
  });

  it("begins with a link over the head, for those who go by keyboard", async () => {
    await page.keyboard.press("Tab");
    expect(await page.evaluate<string>("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    expect(await page.evaluate<string>("document.activeElement.id")).toBe("main");
  });

  it("is printed on white paper, with everything open", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor")).toBe(
      "rgb(255, 255, 255)",
    );
    // How much higher than its summary each is.
    const heights = (selector: string) =>
      page.evaluate<number[]>(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].map((each) => each.getBoundingClientRect().height - each.querySelector("summary").getBoundingClientRect().height)`,
      );
    const short = await heights("details:not(.adj-long)");
    expect(short.length).toBeGreaterThan(3);
    expect(Math.min(...short)).toBeGreaterThan(10);
    // A tape of 10,000 steps as text would be 200 pages.
    const long = await heights("details.adj-long");
    expect(long.length).toBeGreaterThan(0);
    expect(Math.max(...long)).toBeLessThan(1);
    await page.emulateMedia({ media: null, colorScheme: null });
  });

  it("that is served takes in a new version and keeps the place, the focus and what is open", async () => {
    const input = reportInput([ORDINARY.text!, ORDINARY["two curves"]!, ORDINARY.graph!, ORDINARY.bars!]);
    let html = await reportOf({ ...input, live: true });
    const listeners: ServerResponse[] = [];
    const server = createServer((request, response) => {
      if (request.url === "/events") {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("\n");
        listeners.push(response);
      } else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const live = await browser.newPage({ viewport: { width: 800, height: 400 } });
    const faults: string[] = [];
    live.on("console", (message) => faults.push(message.text()));
    live.on("pageerror", (error) => faults.push(error.message));
    try {
      await live.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await live.click("#cell-3 details summary");
      await live.evaluate("scrollTo({ top: 600, behavior: 'instant' })");
      const before = await live.evaluate<string>("document.activeElement.outerHTML");
      expect(before).toContain("summary");
      html = html.replace("What comes between", "What is new");
      await expect.poll(() => listeners.length).toBe(1);
      listeners[0]!.write("event: page\ndata: 1\n\n");
      // Asked from outside: the page's own policy forbids a function that waits in it.
      const textOf = (selector: string) => () =>
        live.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
      await expect.poll(textOf("#cell-2 h3"), { timeout: 10_000 }).toBe("What is new");
      await expect.poll(textOf("#live"), { timeout: 10_000 }).toBe("Refreshed");
      expect(await live.evaluate<string>("document.activeElement.outerHTML")).toBe(before);
      expect(await live.evaluate<number>("Math.round(scrollY)")).toBe(600);
      expect(await live.evaluate<boolean>("document.querySelector('#cell-3 details').open")).toBe(true);
      expect(faults.filter((each) => !each.includes("favicon"))).toEqual([]);
    } finally {
      await live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
