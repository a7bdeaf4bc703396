// TypeScript to JavaScript, by esbuild, which is what tsx uses.

import { extname } from "node:path";
import { type Loader, type TransformFailure, transformSync } from "esbuild";
import { ScriptError } from "./script-error.ts";

const loaders: Record<string, Loader> = { ".tsx": "tsx", ".jsx": "jsx", ".js": "js", ".mjs": "js" };

export interface Transformed {
  readonly code: string;
  /** A source map as JSON, whose one source is the text that was given. */
  readonly map: string;
}

export interface TransformOptions {
  /** The file's name, whose end says the language: TypeScript where it says nothing else. */
  readonly file?: string;
  /** The line of the script at which the text begins, 1 unless said. */
  readonly from?: number;
  /** Whether imports that the text doesn't use stay. */
  readonly keepsImports?: boolean;
}

/** A module of TypeScript as one of JavaScript. Throws `ScriptError` where it can't be read. */
export function transform(
  text: string,
  { file = "", from = 1, keepsImports = false }: TransformOptions = {},
): Transformed {
  try {
    const { code, map } = transformSync(text, {
      loader: loaders[extname(file)] ?? "ts",
      // No format: esbuild would wrap what isn't a module, such as a `return` outside of a function, into one.
      // What Node 20 understands, the oldest that this package runs on.
      target: "node20",
      sourcemap: "external",
      sourcesContent: false,
      sourcefile: file,
      legalComments: "none",
      logLevel: "silent",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: keepsImports, useDefineForClassFields: true } },
    });
    return { code, map };
  } catch (error) {
    const first = (error as Partial<TransformFailure>).errors?.[0];
    if (first === undefined) throw error;
    throw new ScriptError(first.text, from + (first.location?.line ?? 1) - 1);
  }
}

/** Whether the text is a module by itself. */
export function isComplete(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    transform(text);
    return true;
  } catch (error) {
    if (error instanceof ScriptError) return false;
    throw error;
  }
}

/** The code with its map in it, as Node reads it; the map calls its source by the URL given. */
export function withMap(code: string, map: string, source: string): string {
  const named = JSON.stringify({ ...(JSON.parse(map) as object), sources: [source] });
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(named).toString("base64")}\n`;
}
