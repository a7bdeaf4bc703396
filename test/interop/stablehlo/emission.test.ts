// What toStableHLO writes, without anyone to run it: every primitive and atom, the order of arguments and results, and errors.

import { inspect } from "node:util";
import {
  activation,
  atom,
  cond,
  customJvp,
  definePrimitive,
  grad,
  record,
  scan,
  type Tensor,
  variable,
  whileLoop,
} from "@adjoint/autograd";
import { toStableHLO } from "@adjoint/interop";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { functionOf } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { atoms, primitives } from "../../../packages/autograd/src/program/names.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { caseOf, type OperandSpec } from "../../autograd/primitives/cases.ts";
import { count, Dice, digits, tensorOf, vector } from "../../support/tensors.ts";
import { Tally } from "./contents.ts";
import { faultsOf } from "./names.ts";

const pairs = tensorOf([1, -2, 0.5, 3], [2, 2], "float32");
const operandOf = ({ shape, kind, values, moved = (x) => x }: OperandSpec, dice: Dice): Tensor => {
  const drawn =
    kind === "bool" ? digits(count(shape), dice).map(Number) : digits(count(shape), dice).map(moved);
  return tensorOf(values ?? drawn, shape, kind ?? "float32");
};

describe("a text holds together, every name made once and before it is used, of", () => {
  test.each(Object.entries(table) as unknown as [string, Primitive][])("%s", (name, primitive) => {
    const { instances } = caseOf(name, primitive);
    fc.assert(
      fc.property(instances, fc.constantFrom("while", "unroll"), ({ operands, attributes }, loops) => {
        const given = operands.map((each) => operandOf(each, new Dice(1)));
        const program = record((...x: Tensor[]) => apply(primitive, x, attributes) as Tensor, ...given);
        expect(faultsOf(toStableHLO(program, { loops }))).toEqual([]);
      }),
      { numRuns: name === "map" ? 60 : 8, seed: 1 },
    );
  });

  const kindsOf = ({ arity, operands }: { readonly arity: number; readonly operands: unknown }) =>
    typeof operands === "string" ? new Array<string>(arity).fill(operands) : (operands as string[]);
  test.each([...atoms].filter(([name]) => name !== "polygamma"))("the atom %s", (_name, each) => {
    const given = kindsOf(each).map((kind) => tensorOf([1, 0], [2], kind === "bool" ? "bool" : "float32"));
    const call = (...x: Tensor[]) => x[0]!.elementwise(functionOf(each) as never, ...(x.slice(1) as never[]));
    expect(faultsOf(toStableHLO(record(call, ...given)))).toEqual([]);
  });
});

const step = (c: Tensor, x: Tensor) => [c.mul(0.5).add(x).tanh(), c.mul(x)] as const;
const controls: readonly (readonly [string, (x: Tensor) => unknown])[] = [
  ["scan", (x) => scan(step, x.sum({ axis: 0 }) as Tensor, x)],
  [
    "the gradient of a scan",
    grad((x: Tensor) => scan(step, x.sum({ axis: 0 }) as Tensor, x)[1].sum() as Tensor),
  ],
  [
    "cond",
    (x) =>
      cond(
        x.greater(0).all() as Tensor,
        (y: Tensor) => y.exp(),
        (y: Tensor) => y.neg(),
        x,
      ),
  ],
  [
    "whileLoop",
    (x) =>
      whileLoop(
        (y: Tensor) => y.sum().less(100) as Tensor,
        (y: Tensor) => y.mul(2).abs().add(1) as Tensor,
        x,
      ),
  ],
  [
    "the second derivative of lgamma",
    grad((x: Tensor) => grad((y: Tensor) => y.lgamma().sum() as Tensor)(x).sum()),
  ],
];

describe("the text of programs that hold programs holds together:", () => {
  test.each(controls)("%s", (_name, f) => {
    const program = record(f as (x: Tensor) => Tensor, pairs);
    for (const loops of ["while", "unroll"] as const)
      expect(faultsOf(toStableHLO(program, { loops }))).toEqual([]);
  });

  test("a loop of three places is one while, or three times its body", () => {
    const program = record(
      (x: Tensor) => scan(step, x.sum({ axis: 0 }) as Tensor, x),
      tensorOf([1, 2, 3], [3, 1], "float32"),
    );
    const times = (text: string, what: string) => text.split(what).length - 1;
    const [loop, unrolled] = (["while", "unroll"] as const).map((loops) => toStableHLO(program, { loops }));
    expect([times(loop!, "stablehlo.while"), times(loop!, "stablehlo.tanh")]).toEqual([1, 1]);
    expect([times(unrolled!, "stablehlo.while"), times(unrolled!, "stablehlo.tanh")]).toEqual([0, 3]);
  });
});

describe("a network's training step", () => {
  const w = variable(pairs, { name: "w" });
  const b = variable(tensorOf([0, 0], [2], "float32"), { name: "b" });
  const program = record((x: Tensor) => {
    const loss = (v: Tensor) => x.matmul(v).add(b).tanh().sum() as Tensor;
    const slope = grad(loss)(w.value as Tensor);
    w.assign(w.value.sub(slope.mul(0.1)));
    return x.matmul(b);
  }, pairs);

  test("has its inputs first, then the variables that are read or assigned, and its outputs before what is assigned", () => {
    const [main] = /@main\(.*/.exec(toStableHLO(program))!;
    expect(main).toBe(
      "@main(%arg0: tensor<2x2xf32>, %arg1: tensor<2x2xf32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {",
    );
  });

  test("says for people which variable an argument is", () => {
    expect(toStableHLO(program).split("\n").slice(0, 2)).toEqual([
      '// %arg1 is variable "w", whose new numbers are result 1',
      '// %arg2 is variable "b"',
    ]);
  });
});

test("a small network is text that people can read", () => {
  const w = variable(pairs, { name: "weights" });
  const text = toStableHLO(
    record((x: Tensor) => x.matmul(w).add(vector(1, -1).cast("float32")).relu(), pairs),
  );
  expect(text).toBe(
    [
      '// %arg1 is variable "weights"',
      "module @adjoint attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {",
      "  func.func public @main(%arg0: tensor<2x2xf32>, %arg1: tensor<2x2xf32>) -> (tensor<2x2xf32>) {",
      "    %0 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>",
      "    %1 = stablehlo.constant dense<[[1.0, -1.0], [1.0, -1.0]]> : tensor<2x2xf32>",
      "    %2 = stablehlo.add %0, %1 : tensor<2x2xf32>",
      "    %3 = stablehlo.constant dense<0.0> : tensor<2x2xf32>",
      "    %4 = stablehlo.compare LE, %2, %3 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xi1>",
      "    %5 = stablehlo.select %4, %3, %2 : tensor<2x2xi1>, tensor<2x2xf32>",
      "    return %5 : tensor<2x2xf32>",
      "  }",
      "}",
      "",
    ].join("\n"),
  );
});

describe("toStableHLO", () => {
  const own = definePrimitive({ name: "cube", shape: ([s]) => s!, value: ([x], out) => out.set(x!.data) });
  const cube = record((x: Tensor) => own(x), pairs);

  test("teaches what to do about a primitive that is not the engine's", () => {
    expect(() => toStableHLO(cube)).toThrow(
      "toStableHLO: the primitive cube is not the engine's, and only its author knows what it is in StableHLO; say it, { own: { cube:",
    );
    const text = toStableHLO(cube, { own: { cube: (_step, emit, [x]) => [emit.unary("cbrt", x!)] } });
    expect(text).toContain("stablehlo.cbrt %arg0");
  });

  test("refuses what an entry of own gives that is not the step's result", () => {
    expect(() =>
      toStableHLO(cube, { own: { cube: (_step, emit, [x]) => [emit.compare("EQ", x!, x!)] } }),
    ).toThrow("toStableHLO: own.cube gave i1 [2, 2] for result 0, which is f32 [2, 2]");
    expect(() => toStableHLO(cube, { own: { cube: () => [] } })).toThrow(
      "own.cube gave nothing for result 0",
    );
  });

  test("teaches what to do about an atom that is not the engine's", () => {
    const twice = atom({ name: "twice", arity: 1, value: (v) => 2 * v, partials: [() => 2] });
    const program = record((x: Tensor) => twice(x), pairs);
    expect(() => toStableHLO(program)).toThrow(
      "toStableHLO: the atom twice is a function of numbers, which no other engine can read; say what it is, { ownAtoms: { twice:",
    );
    const text = toStableHLO(program, { ownAtoms: { twice: (e, [x]) => e.mul(x!, 2) } });
    expect(text).toContain("stablehlo.multiply %arg0");
  });

  test("writes an activation, whose expression says what it is", () => {
    const wave = activation("wave", (x) => x.sin().mul(x));
    expect(toStableHLO(record((x: Tensor) => wave(x), pairs))).toContain("stablehlo.sine");
  });

  test("writes a function with a derivative of its own as the function's steps", () => {
    const wave = customJvp(
      (x: Tensor) => x.sin(),
      ([x], [dx]) => ({ value: x.sin(), tangent: x.cos().mul(dx) }),
    );
    expect(toStableHLO(record((x: Tensor) => wave(x) as Tensor, pairs))).toContain("stablehlo.sine %arg0");
  });

  test("refuses a program that leaves a gradient in a variable, and says what to do", () => {
    const w = variable(pairs, { name: "w" });
    const program = record((x: Tensor) => {
      const loss = x.mul(w).sum() as Tensor;
      loss.backward();
      return loss;
    }, pairs);
    expect(() => toStableHLO(program)).toThrow(
      'toStableHLO: the program leaves a gradient in variable "w", and a StableHLO function has results only; return gradients',
    );
  });

  test("refuses options that it does not have", () => {
    expect(() => toStableHLO(cube, { loops: "no" as never })).toThrow('toStableHLO: loops is "no"');
    expect(() => toStableHLO({} as never)).toThrow("toStableHLO: got an object where a program belongs");
    expect(() => toStableHLO(cube, { unroll: true } as never)).toThrow('there is no option "unroll"');
  });

  test.each([
    [[NaN, 1], "dense<[0x7FC00000, 1.0]>"],
    [[Infinity, -Infinity], "dense<[0x7F800000, 0xFF800000]>"],
    [[0, -0], "dense<[0.0, -0.0]>"],
    [[1e-7, 3e38], "dense<[1.0e-7, 3.0e+38]>"],
    [[0.1, 16777216], "dense<[0.1, 16777216.0]>"],
  ])("writes the float32 numbers %j so that they are read as the same", (numbers, text) => {
    const constant = tensorOf(numbers, [2], "float32");
    expect(toStableHLO(record((x: Tensor) => x.add(constant), constant))).toContain(text);
  });

  test("writes many numbers by their bytes, the least one first", () => {
    const constant = tensorOf(
      Array.from({ length: 65 }, (_, i) => i),
      [65],
      "float32",
    );
    const text = toStableHLO(record((x: Tensor) => x.add(constant), constant));
    expect(text).toContain('dense<"0x000000000000803F00000040');
  });
});

test("the primitives that hold programs are written, too", () => {
  const tally = new Tally();
  for (const [, f] of controls) tally.add(record(f as (x: Tensor) => Tensor, pairs));
  const inTable = new Set([...Object.keys(table), ...tally.primitives.keys()]);
  const missing = [...primitives.keys()].filter((name) => !inTable.has(name) && name !== "stopGradient");
  expect(missing, inspect(missing)).toEqual(["region"]);
});
