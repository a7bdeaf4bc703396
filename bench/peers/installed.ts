// The peers' packages, by name at run time: they lie outside the workspace, and the checks run without them.

import { readFileSync } from "node:fs";

/** A package of bench/peers/node_modules, of which the caller knows what it uses. */
export const installed = (name: string): Promise<unknown> => import(name);

/** The version that bench/peers/package.json pins. */
export function versionOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return dependencies[name] ?? "?";
}
