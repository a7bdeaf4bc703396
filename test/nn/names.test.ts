// What the package prints must not depend on how it was bundled: minifiers rename functions, and a name that is not
// also a text is lost.

import { fileURLToPath } from "node:url";
import * as nn from "@adjoint/nn";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

async function minified(): Promise<typeof nn> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../../packages/nn/src/index.ts", import.meta.url)),
    resolve: { conditionNames: ["@adjoint/source", "import"] },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  return (await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)) as typeof nn;
}

/** The functions that layers and reports print by their name. */
const printed = Object.entries(nn).filter(([name]) =>
  /^(linear|step|sign|logistic|sigmoid|tanh|relu|leakyRelu|.elu|elu|silu|softplus|softsign|mish|hard.*|.*oftmax|[a-z].*Error|negLog.*|hinge|huber|pinball|focal|klDivergence|cosineDistance|crossEntropy.*)$/.test(
    name,
  ),
);

test("activations and losses keep their names in minified code", async () => {
  const small = (await minified()) as Record<string, unknown>;
  const names = printed.map(([name]) => [name, (small[name] as { name: string }).name]);
  expect(names).toEqual(printed.map(([name, f]) => [name, (f as { name: string }).name]));
  expect(names.length).toBeGreaterThan(20);
  // All but the alias are called what they are exported as.
  expect(names.filter(([name, own]) => name !== own)).toEqual([["sigmoid", "logistic"]]);
});

test("a layer prints its activation's name in minified code", async () => {
  const small = await minified();
  for (const activation of ["softmax", "logSoftmax", "tanh"] as const)
    expect(String(small.dense(1, 2, { activation: small[activation], key: small.keys(0)() }))).toBe(
      `dense(1, 2, ${activation})`,
    );
});
