// Where fast-check is not installed, everything works that does not draw, and what draws says what to install.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, expect, test } from "vitest";

// Outside of the project, where no package is found.
const folder = mkdtempSync(join(tmpdir(), "adjoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

const script = `
import { tensor } from "./index.js";
import * as check from "./check/index.js";
const x = tensor([1, 2], { dtype: "float64" });
console.log(check.checkGradients((x) => x.sin(), [x]).verdict);
console.log(String(check.explainNonFinite((x) => x.log().sum(), [tensor([1, 0])])).length > 0);
for (const name of ["shapes", "broadcastableShapes", "matmulShapes", "tensors", "tensorsOf", "expressions", "activations", "programs", "gradientProperty", "programProperty", "assertGradients"])
  try { check[name]((x) => x, []); console.log(name, "works"); } catch (error) { console.log(error.message); }
`;

test("without fast-check only drawing fails, and says what to install", { timeout: 60_000 }, async () => {
  const source = fileURLToPath(new URL("../../../packages/autograd/src/", import.meta.url));
  const build = await rolldown({
    input: { index: join(source, "index.ts"), "check/index": join(source, "check", "index.ts") },
    external: ["fast-check"],
  });
  await build.write({ dir: folder, format: "esm" });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "script.js"), script);
  const printed = execFileSync(process.execPath, [join(folder, "script.js")], {
    cwd: folder,
    encoding: "utf8",
  });
  const [verdict, explained, ...errors] = printed.trim().split("\n");
  expect([verdict, explained]).toEqual(["right", "true"]);
  expect(errors).toHaveLength(11);
  for (const each of errors)
    expect(each).toMatch(
      /^\w+: drawing needs fast-check, which is not installed; npm install --save-dev fast-check$/,
    );
});
