// The files beside a script that it imports, and those that these import.

import { resolve } from "node:path";
import { build } from "esbuild";

/** The absolute paths of the script and of all local files that it loads, packages aside; undefined where one of them can't be read. */
export async function localImports(file: string): Promise<string[] | undefined> {
  try {
    const { metafile } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      metafile: true,
      packages: "external",
      platform: "node",
      format: "esm",
      logLevel: "silent",
      absWorkingDir: "/",
      // What a script reads as data is none of esbuild's.
      loader: { ".json": "json" },
    });
    return [...new Set([file, ...Object.keys(metafile.inputs).map((path) => resolve("/", path))])];
  } catch {
    return undefined;
  }
}
