// The reports of experiments, as the command writes them, opened in a real browser: in deep runs only, since each starts a
// process and a full run of its own. A report of every kind of view is opened in test/notebook/report. Without a browser
// these tests are skipped.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFaults, hasBrowser, opened, startBrowser } from "../notebook/report/browser.ts";
import { overlaps } from "../notebook/report/overlaps.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isDeep = process.env["ADJOINT_DEEP"] === "1";
const names = readdirSync(join(root, "packages/examples/src"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => file.slice(0, -3));

describe.skipIf(!hasBrowser || !isDeep)("the report of an experiment (in deep runs, with a browser)", () => {
  const folder = mkdtempSync(join(tmpdir(), "reports-"));
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // A full run takes up to two minutes on a core of its own.
  test.each(names)(
    "%s: says nothing on the console, asks for nothing, has no fault that axe finds, and nothing lies over anything else",
    async (name) => {
      const file = join(folder, `${name}.html`);
      const how = ["scripts/experiment.mjs", name, "--out", file];
      await promisify(execFile)(process.execPath, how, { cwd: root, maxBuffer: 2 ** 26 });
      const { page, said } = await opened(browser, pathToFileURL(file).href);
      for (const width of [1_400, 360]) {
        await page.setViewportSize({ width, height: 1_000 });
        expect(await overlaps(page), `at ${width} pixels`).toEqual([]);
      }
      for (const theme of ["light", "dark"] as const) expect(await axeFaults(page, theme), theme).toEqual([]);
      expect(said).toEqual([]);
      await page.close();
    },
    600_000,
  );
});
