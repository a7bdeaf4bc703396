// The guilty line is the user's, whichever way the engine and the user's code are run: as built, with source maps, which put
// the engine's sources in place of what runs, and from sources.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runs } from "../../support/runs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cache = join(root, ".cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "where-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A wrong rule, applied in line 10, straight and beneath frames of the engine's. */
const script = (engine: string, checker: string) => `
import { definePrimitive, tensor, vjp } from "${engine}";
import { checkGradients } from "${checker}";
const wrong = definePrimitive({
  name: "wrong",
  shape: ([s]) => s!,
  value: ([x], out) => x!.data.forEach((v: number, i: number) => { out[i] = v ** 3; }),
  pullback: ({ inputs: [x] }, dy) => [dy.mul(x!.square().mul(2))],
});
const f = (x: any) => wrong(x.sin());
const g = (x: any) => vjp((y: any) => f(y), x).value;
const point = [tensor([0.5, -1.5], { dtype: "float64" })] as never;
for (const each of [f, g]) console.log(checkGradients(each, point).guilty?.line);
`;
/** The same without types. */
const plain = (code: string) => code.replaceAll("!", "").replaceAll(/: any|: number| as never/g, "");

const own = join(folder, "dist", "index.js");
const checker = join(folder, "dist", "check", "index.js");
const files = {
  "user.mjs": plain(script(own, checker)),
  "user.mts": script(own, checker),
  "source.mts": script("@adjoint/autograd", "@adjoint/autograd/check"),
};

beforeAll(async () => {
  // Sources beside what is built of them, as in the package: only some of its frames may be mapped.
  const source = join(folder, "src");
  cpSync(join(root, "packages", "autograd", "src"), source, { recursive: true });
  const build = await rolldown({
    input: { index: join(source, "index.ts"), "check/index": join(source, "check", "index.ts") },
    external: ["fast-check"],
  });
  await build.write({ dir: dirname(own), format: "esm", sourcemap: true });
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
}, 60_000);

const ways: Record<string, [string[], keyof typeof files]> = {
  "as built": [[], "user.mjs"],
  "as built, with source maps": [["--enable-source-maps"], "user.mjs"],
  "as built, under tsx": [["--import", "tsx"], "user.mts"],
  "as built, under tsx with source maps": [["--import", "tsx", "--enable-source-maps"], "user.mts"],
  "from sources, under tsx": [["--import", "tsx", "--conditions=@adjoint/source"], "source.mts"],
  "from sources, with source maps": [
    ["--import", "tsx", "--conditions=@adjoint/source", "--enable-source-maps"],
    "source.mts",
  ],
};

// With maps and tsx at once only in deep runs: what each of the two does to a stack is seen without the other.
const inDeepRuns = ["as built, under tsx with source maps", "from sources, with source maps"];
const tried = Object.entries(ways).filter(([name]) => runs(0, 1) === 1 || !inDeepRuns.includes(name));

test.each(tried)("the guilty line is the user's: %s", { timeout: 60_000 }, (_name, [flags, file]) => {
  const printed = execFileSync(process.execPath, [...flags, join(folder, file)], {
    cwd: root,
    encoding: "utf8",
  });
  const line = new RegExp(`^${join(folder, file).replaceAll(".", "\\.")}:10:\\d+$`);
  const lines = printed.trim().split("\n");
  expect(lines).toHaveLength(2);
  for (const each of lines) expect(each).toMatch(line);
});
