// Scripts for tests, in a folder from which the packages are found as an example finds them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const home = join(import.meta.dirname, "../../../packages/examples/.scratch");

/** A folder with these files. */
export function makeScratch(files: Record<string, string>): { folder: string; remove: () => void } {
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "run-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A folder with these files, which is removed when the test has finished. */
export function scratch(files: Record<string, string>): string {
  const { folder, remove } = makeScratch(files);
  onTestFinished(remove);
  return folder;
}

/** The packages' sources, for the processes that tests start. */
export const conditions = ["@adjoint/source"];
