// Places of extremes in programs: kernels find what eager loops find, ties and NaN included.

import { compile, type Tensor, tensor } from "@adjoint/autograd";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed", "none"] : ["simd", "none"];

test.each(builds)("of no rows there are no places in the build %s", (build) => {
  const x = tensor([]).reshape([0, 3]) as Tensor;
  const f = (x: Tensor) => x.argmax({ axis: 1 }) as Tensor;
  expect(compile(f, { build })(x).shape).toEqual(f(x).shape);
});

test.each(builds)("argmax and argmin find the eager places in the build %s, without a host call", (build) => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.5) },
  );
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom("float32", "float64", "int32"),
      fc.array(value, { minLength: 50, maxLength: 50 }),
      fc.nat(),
      (shape, dtype, values, which) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const list = Array.from({ length: size }, (_, i) => values[(7 * i) % values.length]!);
        const whole = list.map((x) => (Number.isInteger(x) ? x : 1));
        const x = tensor(dtype === "int32" ? whole : list, { dtype }).reshape(shape) as Tensor;
        const axis = which % shape.length;
        const f = (x: Tensor) => [x.argmax({ axis }), x.argmin({ axis }), x.argmax()] as Tensor[];
        const compiled = compile(f, { build });
        expect(compiled(x).map((place) => place.toArray())).toEqual(f(x).map((place) => place.toArray()));
        expect(String(compiled.program(x))).not.toContain("host");
      },
    ),
    trials(100),
  );
});
