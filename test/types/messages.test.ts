// What the compiler says of wrong shapes, in its own words: it must name the operation, both shapes and the rule.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const compiler = spawnSync(
  path("../../node_modules/.bin/tsc"),
  ["-b", path("tsconfig.wrong-shapes.json"), "--pretty", "false"],
  { encoding: "utf8" },
);
/** One diagnostic a line of the program, with its continuation lines. */
const diagnostics = compiler.stdout.split(/\n(?=\S)/).filter((text) => text.includes("error TS"));

const broadcasting = "don't broadcast: aligned at the last axis, sizes must agree or be 1";
const multiplying = "(columns on the left must equal rows on the right)";

test.each([
  ["matmul: [2, 3] · [4, 3]: inner sizes 3 and 4 differ", multiplying],
  ["matmul: [2, 3] · [2]: inner sizes 3 and 2 differ", multiplying],
  ["matmul: [3] · [2]: inner sizes 3 and 2 differ", multiplying],
  ["add: [2, 3] and [4]", broadcasting],
  ["div: [2, 3] and [3, 3]", broadcasting],
  ["clip: [2, 3] and [4]", broadcasting],
  ["where: [2] and [5]", broadcasting],
  ["matmul: [2, 5] · [3, 4]: inner sizes 5 and 3 differ", multiplying],
  ["matmul: [5, 2, 3] · [4, 3, 2]: batch axes [5] and [4]", broadcasting],
  ["concat: [2, 3] and [2, 4] along axis 0", "all other sizes must agree"],
  ["stack: [2, 3] and [3]", "all shapes must agree"],
  ["squeeze: axis -1 of [2, 3] has size 3", "only axes of size 1 can go"],
  ["reshape: [2, 3] has 6 elements and [4, 2] 8", "they must be equal"],
  ["reshape: no size in place of −1 makes [-1, 4] hold", "give sizes whose product divides 6"],
  ["convolution: [1, 3, 9, 9] with kernel [8, 1, 3, 3]", "of one rank and with equal channels"],
  ["at: [3] and [2]", broadcasting],
  [
    'einsum: \\"ij,jk->ik\\": j is 3 in one place and 4 in another',
    "axes of one letter must be equally long",
  ],
])("the compiler says %j and the rule", (shapes, rule) => {
  const said = diagnostics.filter((text) => text.includes(shapes));
  expect(said, compiler.stdout).toHaveLength(1);
  expect(said[0]).toContain(rule);
});

test("the compiler finds nothing else in the program of wrong shapes", () => {
  expect(diagnostics, compiler.stdout + compiler.stderr).toHaveLength(17);
});
