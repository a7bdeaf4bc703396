// The built page in a real browser, for the tests of it. Built once, into a folder of its own.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import {
  policy,
  type ServeOptions,
  type Serving,
  serve,
} from "../../../packages/playground/src/serve/server.ts";
import { hasBrowser, startBrowser } from "../../notebook/report/browser.ts";

// The command of these tests alone must not pass where nothing could be tested.
if (!hasBrowser && process.env["ADJOINT_PLAYGROUND"] === "1")
  throw new Error("npm run test:playground: there is no browser at /usr/bin/chromium to open the page in");

export { hasBrowser };

const root = fileURLToPath(new URL("../../..", import.meta.url));
const START = "packages/playground/src/serve/start.ts";

export interface Playground {
  readonly folder: string;
  readonly browser: Browser;
  /** Opens the page at what stands behind "#". `said` gets what is said on the console, errors, and requests to elsewhere. */
  open(hash?: string, serving?: Serving): Promise<{ page: Page; said: string[] }>;
  /** Another server of the built page. */
  serve(options: Omit<ServeOptions, "folder">): Promise<Serving>;
  close(): Promise<void>;
}

/** Builds the page, serves it under the policy that allows WebAssembly, and starts a browser. */
export async function startPlayground(): Promise<Playground> {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  // As the command builds it: within a test's process, libraries would take their variants for development.
  const build = ["--import", "tsx", "--conditions=@adjoint/source", START, "--build", "--out", folder];
  const env = { ...process.env, NODE_ENV: "production" };
  const [browser] = await Promise.all([
    startBrowser(),
    promisify(execFile)(process.execPath, build, { cwd: root, env }),
  ]);
  const servings: Serving[] = [];
  const another = async (options: Omit<ServeOptions, "folder">) => {
    const serving = await serve({ ...options, folder });
    servings.push(serving);
    return serving;
  };
  const usual = await another({ policy: policy(true) });
  // One context, so that what a page has fetched and compiled serves the next.
  const context = await browser.newContext({ viewport: { width: 1_400, height: 900 } });
  return {
    folder,
    browser,
    serve: another,
    async open(hash = "", { url } = usual) {
      const said: string[] = [];
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => said.push(`error: ${error.message}`));
      page.on("request", (request) => {
        const isOwn = [url, "data:", `blob:${new URL(url).origin}`].some((start) =>
          request.url().startsWith(start),
        );
        if (!isOwn) said.push(`request: ${request.url()}`);
      });
      await page.goto(url + (hash === "" ? "" : `#${hash}`));
      return { page, said };
    },
    async close() {
      await browser.close();
      await Promise.all(servings.map((serving) => serving.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The cells of the lesson's tables, by the tables' captions; a row is its cells from the left. */
export const lessonNumbers = (page: Page): Promise<Record<string, string[][]>> =>
  page.evaluate<Record<string, string[][]>>(`Object.fromEntries(
    [...document.querySelectorAll(".numbers-table table")].map((table) => [
      table.caption.textContent.trim(),
      [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
    ]),
  )`);

/** How many steps of training the page says were made. */
export const stepShown = async (page: Page): Promise<number> =>
  Number((await page.textContent(".status dd"))!.replace(/\D/g, ""));

/**
 * Looks after each frame of the page whether something that is computed there is true, until it is. Rejects after 20
 * seconds. (Playwright's own `waitForFunction` evaluates text within the page, which the policy forbids.)
 */
export const until = (page: Page, expression: string): Promise<void> =>
  page.evaluate<void>(`new Promise((done, fail) => {
    const begin = performance.now();
    const look = () => {
      let isTrue = false;
      try { isTrue = ${expression}; } catch {}
      if (isTrue) done();
      else if (performance.now() - begin > 20_000) fail(new Error(${JSON.stringify(`never became true: ${expression}`)}));
      else requestAnimationFrame(look);
    };
    look();
  })`);

/** The number behind a name in a chart's own words, as "test" in "accuracy at step 200: training 99.0 %, test 98.0 %.". */
export async function inChart(page: Page, title: string, name: string): Promise<number> {
  const words = (await page.getAttribute(`.chart-panel svg[aria-label^="${title} at"]`, "aria-label"))!;
  return Number(new RegExp(`${name} ([\\d.]+)`).exec(words.slice(words.indexOf(":")))![1]);
}
