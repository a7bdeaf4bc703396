// Every layer of the package: its definition, PyTorch's figures, both float types, compiled, many at once, and the laboratory.

import {
  compile,
  gradients,
  stack,
  type Tensor,
  tensor,
  type Variable,
  variable,
  vmap,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import * as table from "../../packages/nn/src/layers/table.ts";
import { runs } from "../support/runs.ts";
import { count, numbers, tensorOf } from "../support/tensors.ts";
import { figures } from "./data/layers.ts";
import { cases, type FloatType, filled, type LayerCase } from "./layer-cases.ts";
import type { Plain } from "./layer-references.ts";
import { sequenceCases } from "./sequences.ts";

/**
 * All numbers put in are at most 2, so that products are at most 4; no sum has more than 64 terms, and no partial sum is above
 * 256. So 64 roundings are off by at most 2¹³ units of 1 together. What is divided by deviations, which are above ½ here, and
 * the derivatives of that, stay within it as well.
 */
const room = { float32: 2 ** -10, float64: 2 ** -39 } as const;

const layerOf = (name: string) => name.split(" ")[0]!;

test("every layer that the package exports is among the cases here, or among those over sequences", () => {
  const layers = Object.keys(table).filter((name) => /^[a-z]/.test(name));
  expect(layers.length).toBeGreaterThan(20);
  const covered = new Set([
    ...Object.keys(cases).map(layerOf),
    ...sequenceCases.flatMap(({ covers }) => covers),
  ]);
  expect(layers.filter((name) => !covered.has(name))).toEqual([]);
});

test("every figure belongs to a case", () => {
  expect(Object.keys(figures).filter((name) => !(name in cases))).toEqual([]);
});

const inputsOf = ({ input }: LayerCase) => ("labels" in input ? 0 : count(input));

/** Of each layer the case with the smallest input. */
const smallest = new Set(
  new Map(
    // The last one under a key stays.
    Object.entries(cases)
      .sort(([, a], [, b]) => inputsOf(b) - inputsOf(a))
      .map(([name]) => [layerOf(name), name]),
  ).values(),
);

interface Made {
  readonly layer: nn.Layer;
  readonly variables: Record<string, Variable>;
  readonly x: Tensor;
  forward(x: Tensor): Tensor;
}

/** A layer with numbers in all its variables, and its input. */
function made({ make, input, options }: LayerCase, dtype: FloatType): Made {
  const layer = make(dtype);
  const variables = nn.variables(layer);
  Object.entries(variables).forEach(([path, each], i) => {
    const values = filled(each.size, i + 1);
    const isVariance = path.endsWith("runningVariance");
    each.assign(tensorOf(isVariance ? values.map((v) => Math.abs(v) + 0.5) : values, each.shape, dtype));
  });
  const x: Tensor =
    "labels" in input
      ? tensor(input.labels as readonly number[][], { dtype: "int32" })
      : tensorOf(filled(count(input), 0), input, dtype);
  return { layer, variables, x, forward: (v) => layer.forward(v, options) };
}

const plainOf = (t: Tensor): Plain => ({ shape: t.shape, data: numbers(t) });
const plainOfAll = (variables: Readonly<Record<string, Variable>>) =>
  Object.fromEntries(Object.entries(variables).map(([path, each]) => [path, plainOf(each.value)]));

function expectNear(found: Tensor, expected: readonly number[], dtype: FloatType, what: string): void {
  const values = numbers(found);
  expect(values.length, what).toBe(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `${what} [${i}]: ${value}, ${expected[i]}`).toBeLessThan(
      room[dtype],
    );
  });
}

describe.each(Object.entries(cases))("%s", (name, each) => {
  describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
    test("is its definition in plain loops, eagerly and compiled, and so is what it keeps", () => {
      for (const isCompiled of [false, true]) {
        const { variables, x, forward } = made(each, dtype);
        const before = plainOfAll(variables);
        const y = (isCompiled ? compile(forward) : forward)(x);
        const expected = each.definition(plainOf(x), before);
        expect(y.shape).toEqual(expected.shape);
        expect(y.dtype).toBe(dtype);
        expectNear(y, expected.data, dtype, "output");
        const after = { ...before, ...each.after?.(plainOf(x), before) };
        for (const [path, { value }] of Object.entries(variables))
          expectNear(value, after[path]!.data, dtype, path);
      }
    });

    if (figures[name] !== undefined)
      test("has PyTorch's output and derivatives, eagerly and compiled", () => {
        for (const isCompiled of [false, true]) {
          const { layer, variables, x, forward } = made(each, dtype);
          const takesLabels = x.dtype === "int32";
          const input = takesLabels ? x : variable(x);
          const wanted = { ...nn.parameters(layer), ...(takesLabels ? {} : { input: input as Variable }) };
          const run = (): Record<string, Tensor> => {
            const y = forward(takesLabels ? x : (input as Variable).value);
            const c = tensorOf(filled(y.size, 9), y.shape, dtype);
            return {
              output: y,
              ...(Object.keys(wanted).length > 0 ? gradients(y.mul(c).sum(), wanted) : {}),
            };
          };
          const found = (isCompiled ? compile(run) : run)();
          for (const [what, expected] of Object.entries(figures[name]!))
            expectNear(found[what] ?? variables[what]!.value, expected, dtype, what);
        }
      });
  });

  test("does the same to many inputs at once as to each", () => {
    const { x, forward } = made(each, "float64");
    if (each.after !== undefined) {
      expect(() => vmap(forward)(stack([x, x]))).toThrow("variable");
      return;
    }
    const inputs = x.dtype === "int32" ? [x, x.flip()] : [x, x.mul(-0.75), x.flip()];
    const together = vmap(forward)(stack(inputs));
    inputs.forEach((input, i) => {
      expectNear(together.slice(i), numbers(forward(input)), "float64", `input ${i}`);
    });
  });

  // By default one case for each layer: other options lead to the same operations.
  if (runs(0, 1) === 1 || smallest.has(name))
    test("has the derivatives that differences have, to order 2", () => {
      const { layer, x, forward } = made(each, "float64");
      const weights = nn.parameters(layer);
      const report = checkGradients(forward, [x, weights]);
      expect(report.verdict, String(report)).toBe("right");
    });
});
