// Builds the page.

import { fileURLToPath } from "node:url";
import { build } from "vite";
import config from "../../vite.config.ts";

/** Where the page is built to, unless the command is told another folder. */
export const DIST: string = fileURLToPath(new URL("../../dist", import.meta.url));

/** Builds into a folder, which is emptied first. */
export async function buildPage(folder: string): Promise<void> {
  await build({ ...config, configFile: false, build: { ...config.build, outDir: folder } });
}
