// Shapes in types against shapes at run time, of calls that are drawn: each is run, and then compiled in a program that
// states the shape it had, which must fit, and another, which must not.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as autograd from "@adjoint/autograd";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { trials } from "../support/runs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const scratch = `${root}test/types/.scratch/`;
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { concat, convolution, averagePool, diag, einsum, maxPool, stack, zeros } = autograd;
const names = { concat, convolution, averagePool, diag, einsum, maxPool, stack, zeros };

// So that the elements of three axes are no more than types can count.
const size = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 900 }));
const small = fc.integer({ min: 1, max: 4 });
const shape = (rank: fc.Arbitrary<number>) =>
  rank.chain((n) => fc.array(size, { minLength: n, maxLength: n }));
const cube = shape(fc.integer({ min: 1, max: 3 }));
/** Of no more elements than are computed at once. Where a call computes each of them, others would take it seconds. */
const light = cube.filter((each) => each.reduce((all, n) => all * n, 1) <= 2 ** 20);
const axisOf = (rank: number) => fc.integer({ min: -rank, max: rank - 1 });
const bound = fc.option(fc.integer({ min: -40, max: 40 }));
const part = fc.oneof(
  fc.constant(null),
  fc.constant(0),
  fc.constant(-1),
  fc.tuple(bound, bound),
  fc.tuple(bound, bound, fc.integer({ min: 1, max: 13 })),
);
const text = (value: unknown) => JSON.stringify(value);
const padding = fc.oneof(fc.constantFrom("valid", "same", 0, 1, 3), fc.tuple(fc.tuple(small, small)));

/** Calls as code. Not all of them can be run. */
const call: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(light, fc.array(size, { maxLength: 3 })).chain(([first, others]) =>
    axisOf(first.length).map((axis) => {
      const all = [first, ...others.map((n) => first.with(axis, n))];
      return `concat([${all.map((each) => `zeros(${text(each)})`).join(", ")}], { axis: ${axis} })`;
    }),
  ),
  fc
    .tuple(cube, small)
    .chain(([each, n]) =>
      axisOf(each.length + 1).map(
        (axis) => `stack([${new Array(n).fill(`zeros(${text(each)})`).join(", ")}], { axis: ${axis} })`,
      ),
    ),
  fc
    .tuple(cube, fc.array(part, { maxLength: 3 }))
    .map(([x, parts]) => `zeros(${text(x)}).slice(${parts.map(text).join(", ")})`),
  fc
    .tuple(cube, shape(fc.integer({ min: 0, max: 2 })))
    .chain(([x, indices]) =>
      axisOf(x.length).map(
        (axis) => `zeros(${text(x)}).gather(zeros(${text(indices)}, { dtype: "int32" }), { axis: ${axis} })`,
      ),
    ),
  cube.chain((x) => axisOf(x.length + 1).map((axis) => `zeros(${text(x)}).expandDims(${axis})`)),
  cube.chain((x) =>
    axisOf(x.length).map((axis) => `zeros(${text(x.with(axis, 1))}).squeeze({ axis: ${axis} })`),
  ),
  cube.map((x) => `zeros(${text(x)}).squeeze()`),
  cube.map((x) => `zeros(${text(x)}).flatten()`),
  light.chain((x) =>
    fc
      .tuple(axisOf(x.length), fc.nat({ max: 20 }))
      .map(([axis, n]) => `zeros(${text(x)}).diff({ axis: ${axis}, n: ${n} })`),
  ),
  fc
    .tuple(small, fc.integer({ min: -20, max: 20 }))
    .map(([n, offset]) => `diag(zeros([${n}]), { offset: ${offset} })`),
  cube.chain((x) =>
    fc.shuffledSubarray([..."ijk".slice(0, x.length)]).map((result) => {
      const equation = `${"ijk".slice(0, x.length)},j->${result.join("")}`;
      return `einsum("${equation}", zeros(${text(x)}), zeros([${x[1] ?? 3}]))`;
    }),
  ),
  cube.map((x) => `zeros(${text(x)}).reshape([${x[0]}, -1])`),
  cube.chain((x) =>
    fc
      .shuffledSubarray([...x.keys()], { minLength: x.length })
      .map((order) => `zeros(${text(x)}).permute(${text(order)})`),
  ),
  cube.chain((x) => axisOf(x.length).map((axis) => `zeros(${text(x)}).sum({ axis: ${axis} })`)),
  cube.chain((x) =>
    fc
      .array(fc.tuple(small, size), { minLength: x.length, maxLength: x.length })
      .map((widths) => `zeros(${text(x)}).pad(${text(widths)})`),
  ),
  fc
    .tuple(size, small, small, small)
    .map(
      ([n, window, stride, dilation]) =>
        `zeros([2, ${n}]).windows({ sizes: [${window}], strides: [${stride}], dilations: [${dilation}] })`,
    ),
  fc
    .tuple(size, fc.integer({ min: 1, max: 9 }), small, small, padding)
    .map(
      ([n, window, stride, dilation, around]) =>
        `convolution(zeros([2, 3, ${n}]), zeros([4, 3, ${window}]), { strides: ${stride}, dilations: [${dilation}], padding: ${text(around)} })`,
    ),
  fc
    .tuple(fc.constantFrom("maxPool", "averagePool"), size, small, small, padding)
    .map(
      ([name, n, window, stride, around]) =>
        `${name}(zeros([2, 3, ${n}]), ${window}, { strides: ${stride}, padding: ${text(around)} })`,
    ),
);

/** What a call gives; null where it can't be run. */
function shapeOf(code: string): readonly number[] | null {
  try {
    return (new Function(...Object.keys(names), `return ${code}.shape`) as (...all: unknown[]) => number[])(
      ...Object.values(names),
    );
  } catch {
    return null;
  }
}

test("a call's type has the shape that the call gives, and no other", { timeout: 300_000 }, () => {
  const drawn = fc.sample(call, trials(100, 1500));
  const lines = drawn.flatMap((code) => {
    const given = shapeOf(code);
    if (given === null) return [];
    const other = given.length === 0 ? [1] : given.with(-1, given.at(-1)! + 1);
    return [`has(${code}, ${text(given)});`, `// @ts-expect-error\nhas(${code}, ${text(other)});`];
  });
  expect(lines.length).toBeGreaterThan(drawn.length);
  mkdirSync(scratch, { recursive: true });
  const source = `import { ${Object.keys(names).join(", ")}, type Shape, type Tensor } from "@adjoint/autograd";
type Known<S extends Shape> = number extends S["length"] | S[number] ? never : S;
declare function has<S extends Shape>(x: Tensor<S>, shape: NoInfer<Known<S>>): void;
${lines.join("\n")}
`;
  writeFileSync(`${scratch}drawn.ts`, source);
  const options = {
    extends: "../../../tsconfig.base.json",
    compilerOptions: { noEmit: true, composite: false, isolatedDeclarations: false },
    files: ["drawn.ts"],
    // The package's declarations, as its users have them, and not its sources once more.
    references: [{ path: "../../../packages/autograd" }],
  };
  writeFileSync(`${scratch}tsconfig.json`, text(options));
  const compiler = spawnSync(`${root}node_modules/.bin/tsc`, ["-b", scratch, "--pretty", "false"], {
    encoding: "utf8",
  });
  const said = compiler.stdout.replace(
    /\((\d+),\d+\)/g,
    (_, line) => ` ${source.split("\n")[Number(line) - 1]}`,
  );
  expect(said).toBe("");
  expect(compiler.status).toBe(0);
});
