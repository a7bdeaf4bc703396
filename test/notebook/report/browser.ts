// A report in a real browser: Debian's Chromium, where it is found.

import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Whether there is a browser. Says so, once for each file of tests, where there is none. */
export const hasBrowser: boolean = existsSync(CHROMIUM);
if (!hasBrowser) console.warn(`Skipped: there is no browser at ${CHROMIUM}, so no report is opened in one.`);

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });

/** Opens a file. `said` gets what the page says on the console, its errors, and whatever it asks for beside itself. */
export async function opened(browser: Browser, url: string): Promise<{ page: Page; said: string[] }> {
  const said: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1_400, height: 1_000 } });
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) said.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, said };
}

/** What axe finds fault with, in a theme. */
export async function axeFaults(page: Page, colorScheme: "light" | "dark"): Promise<string[]> {
  await page.setViewportSize({ width: 1_400, height: 1_000 });
  await page.emulateMedia({ colorScheme });
  // Half a megabyte, so once for each page.
  if (await page.evaluate<boolean>('typeof axe === "undefined"')) await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ": " + node.html.slice(0, 160) + " " + (node.failureSummary ?? "").slice(0, 200))))`,
  );
}
