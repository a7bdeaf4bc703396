// The playground's page in a real browser, against the real laboratory. Without a browser these tests are skipped;
// `npm run test:playground` fails there.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Download, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import type { Settings } from "../../../packages/playground/src/lab/lab.ts";
import { linkOf } from "../../../packages/playground/src/lab/link.ts";
import { shortText } from "../../../packages/playground/src/page/draw/numbers.ts";
import { policy } from "../../../packages/playground/src/serve/server.ts";
import { axeFaults } from "../../notebook/report/browser.ts";
import { overlaps } from "../../notebook/report/overlaps.ts";
import { runs } from "../../support/runs.ts";
import {
  hasBrowser,
  inChart,
  lessonNumbers,
  type Playground,
  startPlayground,
  stepShown,
  until,
} from "./support.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const text = async (download: Promise<Download>): Promise<string> =>
  readFileSync((await (await download).path())!, "utf8");

/** Clicks an entry of the menu of files, and reads the file. */
async function exported(page: Page, entry: string): Promise<string> {
  await page.click(".export summary");
  const download = page.waitForEvent("download");
  await page.click(`.export button:has-text("${entry}")`);
  await page.click(".export summary");
  return text(download);
}

const press = (page: Page, name: string) => page.click(`button:text-is("${name}")`);

/** Opens one's own network; `net` is the link of its settings. */
const built = async (playground: Playground, fields = "") => {
  const opened = await playground.open(`mode=build${fields}`);
  await opened.page.waitForSelector(".views canvas, .views .images");
  return opened;
};

/** Settings that suit the data but for what is told, as the part of an address. */
const link = (name: string, part: Partial<Settings> = {}): string =>
  `&net=${linkOf({ ...startingWith(name), ...part })}`;

/** Steps of training in a frame of the page. Other work of the machine takes time from both threads: the best half second of eight counts. */
const stepsInFrame = (page: Page): Promise<number> =>
  page.evaluate<number>(`new Promise((done) => {
    const shown = () => Number(document.querySelector(".status dd").textContent.replace(/\\D/g, ""));
    const end = performance.now() + 8000;
    let [begin, first, frames, most] = [performance.now(), shown(), 0, 0];
    const next = () => {
      frames++;
      const now = performance.now();
      if (now - begin > 500) {
        most = Math.max(most, (shown() - first) / frames);
        [begin, first, frames] = [now, shown(), 0];
      }
      if (most > 200 || now > end) done(most);
      else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })`);

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * The longest task of the page's own thread, in milliseconds of the processor: what other processes of a busy machine take is
 * none of the page's. Of the browser's pages it is the one that does the most tasks: others start, or end.
 */
function longestTask(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: readonly TraceEvent[] };
  const threads = traceEvents.filter(
    ({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain",
  );
  const tasks = threads.map((thread) =>
    traceEvents.filter(
      ({ name, ph, pid, tid }) =>
        ph === "X" && /RunTask/.test(name) && thread.pid === pid && thread.tid === tid,
    ),
  );
  const own = tasks.reduce((most, each) => (each.length > most.length ? each : most));
  expect(own.length).toBeGreaterThan(10);
  return Math.max(...own.map(({ tdur }) => (tdur ?? 0) / 1000));
}

describe.skipIf(!hasBrowser)("the playground", () => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await startPlayground();
  }, 120_000);
  afterAll(() => playground?.close());

  test("shows the lecture's numbers to 3 digits after each step, all their digits on demand, and where the slides err", async () => {
    const { page, said } = await playground.open();
    await page.waitForSelector(".numbers-table");
    const next = async (title: string) => {
      const before = await page.textContent(".count");
      await press(page, "Next step");
      await until(page, `document.querySelector(".count").textContent !== ${JSON.stringify(before)}`);
      expect(await page.textContent(".phases [aria-current]")).toBe(title);
    };
    const start = await lessonNumbers(page);
    expect(start["input to hidden 1"]!.map(([, w]) => w)).toEqual([
      "0.4",
      "0.6",
      "0.7",
      "−0.4",
      "−0.2",
      "0.3",
    ]);
    await next("Feedforward");
    expect((await lessonNumbers(page))["hidden 1"]!.map(([, x]) => x)).toEqual(["1", "0.550", "0.711"]);
    await next("Feedforward");
    expect((await lessonNumbers(page)).output![0]![1]).toBe("0.512");
    await next("Loss");
    await next("Backpropagation");
    expect((await lessonNumbers(page)).output![0]![2]).toBe("−0.488");
    await next("Backpropagation");
    expect((await lessonNumbers(page))["hidden 1"]!.map(([, , d]) => d)).toEqual(["0", "−0.060", "−0.010"]);
    await next("Gradient");
    expect((await lessonNumbers(page))["hidden 1 to output"]!.map(([, , g]) => g)).toEqual([
      "−0.488",
      "−0.269",
      "−0.347",
    ]);
    await next("Gradient");
    expect((await lessonNumbers(page))["input to hidden 1"]!.map(([, , g]) => g)).toEqual([
      "−0.060",
      "−0.010",
      "0",
      "0",
      "−0.060",
      "−0.010",
    ]);
    await page.click('label:has-text("full precision")');
    await until(page, `document.querySelector(".exact") !== null`);
    const exact = await lessonNumbers(page);
    expect(exact["hidden 1"]!.slice(1)).toEqual([
      ["1", "0.549833997312478", "−0.06045580429408154"],
      ["2", "0.7109495026250039", "−0.010038670321700199"],
    ]);
    expect(exact.output![0]!.slice(1)).toEqual(["0.5115009582452517", "−0.48849904175474834"]);
    expect(exact["hidden 1 to output"]!.map(([, , g]) => g)).toEqual([
      "−0.48849904175474834",
      "−0.26859338081132833",
      "−0.3472981507683293",
    ]);
    expect(await page.textContent(".equation >> nth=1")).toContain("0.06045580429408154");
    await page.click('label:has-text("3 digits")');
    await next("Update");
    const updated = await lessonNumbers(page);
    expect(updated["hidden 1 to output"]!.map(([, w]) => w)).toEqual(["0.188", "0.769", "0.447"]);
    expect(updated["input to hidden 1"]!.slice(4).map(([, w]) => w)).toEqual(["−0.140", "0.310"]);
    expect(await page.textContent(".errata")).toMatch(/−0\.447[\s\S]*\[0\.460, 0\.610\]/);
    // The next pass begins, by keyboard.
    await page.locator("h2").click();
    for (let i = 0; i < 2; i++) {
      const before = await page.textContent(".count");
      await page.keyboard.press("ArrowRight");
      await until(page, `document.querySelector(".count").textContent !== ${JSON.stringify(before)}`);
    }
    expect((await lessonNumbers(page)).output![0]![1]).toBe("0.722");
    await page.keyboard.press("Home");
    await until(page, `document.querySelector(".count").textContent === "Step 1"`);
    expect(await lessonNumbers(page)).toEqual(start);
    expect(said).toEqual([]);
    await page.close();
  });

  test("marks what is new in a step, in the drawing and in the table, and nothing else", async () => {
    const { page } = await playground.open("mode=lesson&stage=5");
    await page.waitForSelector(".drawn");
    expect(await page.$$eval(".drawn text.new", (all) => all.map(({ textContent }) => textContent))).toEqual([
      "δ 0",
      "δ −0.060",
      "δ −0.010",
    ]);
    expect(
      await page.$$eval("th .new", (all) => all.map(({ parentElement }) => parentElement!.textContent)),
    ).toEqual(["δ⁽¹⁾ new"]);
    await page.close();
  });

  test("trains XOR until every sample is right", async () => {
    const { page, said } = await built(playground, link("xor"));
    await press(page, "Train");
    await until(
      page,
      `/accuracy at step \\d+: training 100.0 %, test 100.0 %/.test(document.querySelector('svg[aria-label^="accuracy at"]').ariaLabel)`,
    );
    await press(page, "Pause");
    expect(said).toEqual([]);
    await page.close();
  });

  test("trains the moons that it starts with to 97 % of the test samples", async () => {
    const { page } = await built(playground);
    for (let i = 0; i < 5; i++) {
      const before = await stepShown(page);
      await press(page, "100 steps");
      await until(
        page,
        `Number(document.querySelector(".status dd").textContent.replace(/\\D/g, "")) === ${before + 100}`,
      );
    }
    expect(await inChart(page, "accuracy", "test")).toBeGreaterThanOrEqual(97);
    await page.close();
  });

  test("takes an activation that is typed: shows its facts and verdict, and trains with it", async () => {
    const { page, said } = await built(
      playground,
      link("moons", { hidden: [{ units: 6, activation: "tanh" }] }),
    );
    await page.selectOption("#hidden-0-activation", { label: "your own formula" });
    await page.fill(".formula input", "x * logistic(1.5 * x)");
    await page.waitForSelector(".formula .verdict.right");
    expect(await page.textContent(".formula .facts")).toMatch(/ψ\(y\)none: /);
    await until(page, `document.querySelector(".status dd").textContent === "0"`);
    const before = await inChart(page, "loss", "training");
    await press(page, "100 steps");
    await until(page, `document.querySelector(".status dd").textContent === "100"`);
    expect(await inChart(page, "loss", "training")).toBeLessThan(before / 2);
    expect(said).toEqual([]);
    await page.close();
  });

  test("says at its place what is wrong with a formula, and trains on when it is right again", async () => {
    const { page, said } = await built(
      playground,
      link("moons", { hidden: [{ units: 6, activation: "x * logistic(x)" }] }),
    );
    await page.fill(".formula input", "x * logistik(x)");
    const field = page.locator('.formula input[aria-invalid="true"]');
    await field.waitFor();
    expect(await page.textContent(".formula mark")).toBe("logistik");
    const described = (await field.getAttribute("aria-describedby"))!.split(" ")[0]!;
    expect(await page.textContent(`[id="${described}"]`)).toMatch(/logistik/);
    await until(
      page,
      `[...document.querySelectorAll(".controls button")].find((b) => b.textContent === "Train").disabled`,
    );
    await page.fill(".formula input", "x * logistic(x)");
    await until(
      page,
      `![...document.querySelectorAll(".controls button")].find((b) => b.textContent === "Train").disabled`,
    );
    expect(await page.locator(".formula mark").count()).toBe(0);
    expect(said).toEqual([]);
    await page.close();
  });

  test("names the line of a damaged table, finds it in the field, and learns from a sound one", async () => {
    const { page, said } = await built(playground);
    await page.click('.thumbnails label:has-text("your own table")');
    await page.waitForSelector("#csv");
    const lines = Array.from(
      { length: 40 },
      (_, i) => `${(i % 7) / 7},${(i % 5) / 5},${(i % 7) / 7 > (i % 5) / 5 ? "over" : "under"}`,
    );
    await page.fill(
      "#csv",
      ["a,b,side", ...lines.slice(0, 5), "0.3,much,over", ...lines.slice(5)].join("\n"),
    );
    await page.waitForSelector('#csv[aria-invalid="true"]');
    expect(await page.textContent("#csv-mistake")).toMatch(/^Line 7: .*much/);
    await page.click('button:text-is("Show line 7")');
    const chosen = await page.$eval("#csv", (area) => {
      const { value, selectionStart, selectionEnd } = area as unknown as {
        value: string;
        selectionStart: number;
        selectionEnd: number;
      };
      return value.slice(selectionStart, selectionEnd);
    });
    expect(chosen).toBe("0.3,much,over");
    await page.fill("#csv", ["a,b,side", ...lines].join("\n"));
    await until(page, `document.querySelector("#csv").getAttribute("aria-invalid") === "false"`);
    await until(page, `/over/.test(document.querySelector(".plot .key")?.textContent)`);
    await press(page, "100 steps");
    await until(page, `document.querySelector(".status dd").textContent === "100"`);
    expect(said).toEqual([]);
    await page.close();
  });

  test("opens from its link the same network, trained as far, at the same zoom, and leaves one entry in the history", async () => {
    const { page } = await built(
      playground,
      link("rings", {
        hidden: [
          { units: 5, activation: "relu" },
          { units: 4, activation: "tanh" },
        ],
      }),
    );
    const entries = await page.evaluate<number>("history.length");
    await press(page, "100 steps");
    await until(page, `document.querySelector(".status dd").textContent === "100"`);
    await press(page, "hidden 2");
    await page.waitForSelector(".heats");
    await press(page, "Share");
    await until(page, `location.hash.includes("steps=100") && location.hash.includes("layer=2")`);
    expect(await page.evaluate<number>("history.length")).toBe(entries);
    const facts = (each: Page) =>
      Promise.all([
        each.$$eval(".heat .hint", (all) => all.map(({ textContent }) => textContent)),
        each.getAttribute('svg[aria-label^="loss at"]', "aria-label"),
      ]);
    const here = await facts(page);
    const { page: again } = await playground.open(await page.evaluate<string>("location.hash.slice(1)"));
    await again.waitForSelector(".heats");
    await until(again, `document.querySelector(".status dd").textContent === "100"`);
    expect(await facts(again)).toEqual(here);
    await Promise.all([page.close(), again.close()]);
  });

  test("says why a damaged link can't be opened, and starts with something else", async () => {
    const { page, said } = await playground.open("mode=build&net=1~moons~0.1");
    await page.waitForSelector(".views");
    expect(await page.textContent(".failure")).toMatch(/link/);
    expect(said).toEqual([]);
    await page.close();
  });

  test("exports code that predicts what the page shows, and curves as a table and a drawing", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i % 4, (i * 7) % 5, (i * 3) % 11]);
    const csv = ["a,b,c,sum", ...rows.map(([a, b, c]) => [a, b, c, a! + 2 * b! - c! / 3].join())].join("\n");
    const { page } = await built(playground);
    await page.click('.thumbnails label:has-text("your own table")');
    await page.waitForSelector("#csv");
    await page.fill("#csv", csv);
    await page.waitForSelector(".prediction table");
    await press(page, "100 steps");
    await until(page, `document.querySelector(".status dd").textContent === "100"`);
    const shown = await page.$$eval(".prediction tbody td:last-child", (all) =>
      all.slice(0, 3).map(({ textContent }) => textContent),
    );
    // The code's imports are found from a folder within the repository.
    mkdirSync(join(root, ".cache"), { recursive: true });
    const file = join(root, ".cache", `exported-${process.pid}.ts`);
    writeFileSync(file, await exported(page, "Code for"));
    try {
      const how = ["--import", "tsx", "--conditions=@adjoint/source", file];
      const { stdout } = await promisify(execFile)(process.execPath, how, { cwd: root });
      const printed = [...stdout.matchAll(/-?\d+(\.\d+)?(e[+-]\d+)?/g)].map(([number]) =>
        shortText(Number(number)),
      );
      expect(printed).toEqual(shown);
    } finally {
      rmSync(file);
    }
    const curves = (await exported(page, "Curves (CSV)")).trim().split("\n");
    expect(curves[0]).toMatch(/^step,/);
    expect(curves.at(-1)).toMatch(/^100,/);
    const svg = await exported(page, "Curves (SVG)");
    expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toMatch(/stroke="rgb/);
    expect(svg).not.toMatch(/class=|style=/);
    await page.close();
  });

  test("arranges the tape of a step, with the gradients that come back, and says the same as a table", async () => {
    const { page, said } = await built(
      playground,
      `&zoom=tape${link("xor", { hidden: [{ units: 3, activation: "tanh" }] })}`,
    );
    await page.waitForSelector(".tape svg .node");
    const nodes = await page.locator(".tape .node").count();
    await page.click(".tape summary");
    expect(await page.locator(".tape tbody tr").count()).toBe(nodes);
    expect(await page.$$eval(".tape svg text.g", (all) => all.length)).toBeGreaterThan(3);
    expect(said).toEqual([]);
    await page.close();
  });

  test("has no fault that axe finds, scrolls nowhere sideways, and lets nothing lie over anything, in either theme, wide or narrow", async () => {
    // The views of one page share their styles: all of them are looked at in deep runs.
    const states = [
      ["mode=lesson&stage=8", "light", "dark"],
      ["mode=build", "light", "dark"],
      ["mode=build&layer=1", "light", "dark"],
      ["mode=build&zoom=tape", "light", "dark"],
    ]
      .slice(0, runs(2, 4))
      .map(([hash, ...themes], i) => [hash!, ...themes.slice(runs(i, 0), runs(i + 1, 2))] as const);
    const look = async ([hash, ...themes]: readonly [string, ...string[]]) => {
      const { page, said } = await playground.open(hash);
      await page.waitForSelector(".drawn, .network svg, .layer-view .heats, .tape svg");
      for (const width of [1_400, 360]) {
        await page.setViewportSize({ width, height: 900 });
        // The drawings follow the window in the next frame.
        await page.evaluate(
          "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
        expect(await overlaps(page), `${hash} at ${width}`).toEqual([]);
      }
      for (const theme of themes as ("light" | "dark")[])
        expect(await axeFaults(page, theme), `${hash} ${theme}`).toEqual([]);
      expect(said).toEqual([]);
      await page.close();
    };
    await Promise.all(states.map(look));
  });

  test("works from a plain server under another path, without any policy", async () => {
    const serving = await playground.serve({ base: "/some/where/" });
    const { page, said } = await playground.open("mode=build&zoom=tape", serving);
    await page.waitForSelector(".tape svg");
    expect(said).toEqual([]);
    await page.close();
  });

  test("works where WebAssembly is forbidden, and says that it is slower", async () => {
    const serving = await playground.serve({ policy: policy(false) });
    const { page, said } = await playground.open("mode=build", serving);
    await page.waitForSelector(".views");
    expect(await page.textContent(".status")).toMatch(/JavaScript.*slower/);
    await press(page, "100 steps");
    await until(page, `document.querySelector(".status dd").textContent === "100"`);
    // Browsers report what the policy refused when the page asks whether it may.
    expect(said.filter((each) => !/Content Security Policy|WebAssembly/.test(each))).toEqual([]);
    await page.close();
  });

  test("makes 200 steps of 2-8-8-1 a frame, and keeps the page's own thread free for the next frame", async () => {
    const { page } = await built(playground);
    // What loading left to do is not training.
    await page.evaluate("new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))");
    // A machine that is busy for seconds slows any of three tries down; that all are slow is the page's doing.
    let [longest, most] = [Infinity, 0];
    for (let tries = 0; tries < 3 && !(longest < 50 && most > 200); tries++) {
      await playground.browser.startTracing(page, {
        categories: ["toplevel", "disabled-by-default-devtools.timeline"],
      });
      await press(page, "Train");
      most = Math.max(most, await stepsInFrame(page));
      longest = Math.min(longest, longestTask((await playground.browser.stopTracing()).toString()));
      await press(page, "Pause");
    }
    expect(longest).toBeLessThan(50);
    expect(most).toBeGreaterThan(200);
    await page.close();
  });

  test("is painted within a second, and is at most 250 kB gzipped, with all that is loaded later", async () => {
    // In a context of its own, which has fetched nothing before. The best of three tries: the machine has other work.
    const { url } = await playground.serve({ policy: policy(true) });
    let paint = Infinity;
    for (let tries = 0; tries < 3 && paint >= 1_000; tries++) {
      const page = await playground.browser.newPage();
      await page.goto(url);
      await page.waitForSelector(".drawn");
      const entry = `performance.getEntriesByName("first-contentful-paint")[0].startTime`;
      paint = Math.min(paint, await page.evaluate<number>(entry));
      await page.close();
    }
    expect(paint).toBeLessThan(1_000);
    const files = readdirSync(playground.folder, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const size = files.reduce(
      (sum, { parentPath, name }) =>
        sum + gzipSync(readFileSync(join(parentPath, name)), { level: 9 }).length,
      0,
    );
    expect(size).toBeLessThan(250_000);
  });
});
