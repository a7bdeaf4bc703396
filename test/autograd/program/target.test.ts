// Targets: programs translated by a table, one entry for each primitive and each atom. The target here is JavaScript,
// which runs by itself, so what the tables are given is compared with what the engine computes.

import {
  activation,
  atom,
  averagePool,
  checkpoint,
  concat,
  convolution,
  definePrimitive,
  emitExpression,
  emitStep,
  grad,
  jvp,
  maxPool,
  Program,
  record,
  type Tensor,
  tensor,
  variable,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { atoms, primitives } from "../../../packages/autograd/src/program/names.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { trials } from "../../support/runs.ts";
import { count, Dice, digits, numbers, seeds, tensorOf, vector } from "../../support/tensors.ts";
import { caseOf, type Instance, type OperandSpec } from "../primitives/cases.ts";
import { javascriptOf } from "./javascript.ts";

// The sign of a zero sum depends on the order in which it is added up.
const unsigned = (values: readonly number[]) => values.map((x) => x + 0);

function operandOf({ shape, kind, values, moved = (x) => x }: OperandSpec, dice: Dice): Tensor {
  const n = count(shape);
  const drawn = kind === "bool" ? Array.from({ length: n }, () => dice.below(2)) : digits(n, dice).map(moved);
  return tensorOf(values ?? drawn, shape, kind ?? "float64");
}

/** Of at most three numbers two powers are added, which is the same in any order. */
const isShort = (name: string, { operands: [x], attributes }: Instance) =>
  name !== "logSoftmax" || x!.shape[(attributes as { axis: number }).axis]! <= 3;

describe("JavaScript emitted for one step computes what the engine computes:", () => {
  test.each(Object.entries(table) as unknown as [string, Primitive][])("%s", (name, primitive) => {
    const { instances } = caseOf(name, primitive);
    const { numRuns, seed } = trials(name === "map" ? 300 : 40);
    fc.assert(
      fc.property(
        instances.filter((instance) => isShort(name, instance)),
        seeds,
        (instance, drawn) => {
          const dice = new Dice(drawn);
          const operands = instance.operands.map((spec) => operandOf(spec, dice));
          const step = (...x: readonly Tensor[]) => apply(primitive, x, instance.attributes) as Tensor;
          const { run } = javascriptOf(record(step, ...operands));
          const [emitted] = run(operands.map(numbers), []).outputs;
          expect(unsigned(emitted!)).toEqual(unsigned(numbers(step(...operands))));
        },
      ),
      { numRuns, seed },
    );
  });
});

// Sums of two terms and of whole numbers, which are the same in any order.
const image = tensorOf(digits(16, new Dice(3)), [1, 1, 4, 4]);
const kernel = tensorOf(digits(8, new Dice(4)), [2, 1, 2, 2]);
const pairs = tensorOf([1, -2, 0.5, 3], [2, 2]);
const programs: readonly (readonly [string, (...x: Tensor[]) => unknown, readonly Tensor[]])[] = [
  [
    "a layer and its loss",
    (x, w, b) => ({ y: x!.matmul(w!).add(b!).tanh(), loss: x!.matmul(w!).logistic().sum() }),
    [tensorOf([1, 2], [1, 2]), pairs, vector(1, -1)],
  ],
  [
    "the gradient of a network",
    grad((x: Tensor, w: Tensor) => x.matmul(w).relu().matmul(w).square().sum(), { argnums: [0, 1] }) as never,
    [tensorOf([1, 2], [1, 2]), pairs],
  ],
  [
    "the gradient of a cross-entropy",
    grad((x: Tensor) => x.logSoftmax({ axis: 1 }).slice([0, 2], 0).sum().neg()),
    [pairs],
  ],
  ["a second derivative", grad((x: Tensor) => grad((y: Tensor) => y.pow(3).sum())(x).sum()), [vector(2, 3)]],
  [
    "the gradient of a convolution with pooling",
    grad(
      (x: Tensor, k: Tensor) =>
        maxPool(convolution(x, k), 2)
          .add(averagePool(convolution(x, k), 2))
          .sum(),
      {
        argnums: [0, 1],
      },
    ) as never,
    [image, kernel],
  ],
  ["a value that is cut off from derivatives", (x) => x!.detach().mul(x!), [vector(2, 3)]],
  [
    "the gradient of a checkpoint of two results within another",
    grad((x: Tensor) => {
      const inner = checkpoint((y: Tensor) => [y.square(), y.mul(3)] as const);
      return checkpoint((y: Tensor) =>
        inner(y)
          .reduce((a, b) => a.mul(b))
          .sum(),
      )(x);
    }),
    [vector(2, 3)],
  ],
  [
    "the gradient of a choice",
    grad((x: Tensor) => concat([x, x.greater(0).select(x.square(), 0) as Tensor]).max()),
    [vector(1, -2, 3)],
  ],
];

describe("JavaScript emitted for a program computes what the program does:", () => {
  test.each(programs)("%s", (_name, f, examples) => {
    const program = record(f, ...examples);
    const expected = program.run(...examples);
    const inOrder = (tree: unknown): Tensor[] =>
      tree !== null && typeof tree === "object" && !("dtype" in tree)
        ? Object.values(tree).flatMap(inOrder)
        : [tree as Tensor];
    const { outputs } = javascriptOf(program).run(examples.map(numbers), []);
    expect(outputs.map(unsigned)).toEqual(inOrder(expected).map((each) => unsigned(numbers(each))));
  });

  test("one that assigns a variable, read back from JSON", () => {
    const w = variable(vector(1, 2), { name: "w" });
    const descend = (x: Tensor) => {
      const loss = () => w.mul(x).square().sum() as Tensor;
      w.assign(w.value.sub(grad((v: Tensor) => v.mul(x).square().sum())(w.value).mul(0.25)));
      return loss();
    };
    const program = Program.fromJSON(JSON.parse(JSON.stringify(record(descend, vector(3, 4)))));
    const { outputs, assigned } = javascriptOf(program).run([[3, 4]], [[1, 2]]);
    expect(outputs).toEqual([numbers(descend(vector(3, 4)))]);
    expect(assigned).toEqual([numbers(w)]);
  });
});

describe("a target's table", () => {
  test("has an entry for whatever a saved program may contain", () => {
    for (const [name, primitive] of primitives) expect(primitive.name).toBe(name);
    for (const [name, each] of atoms) expect(each.name).toBe(name);
  });

  test.each(Object.entries(table) as unknown as [string, Primitive][])(
    "knows the steps of the derivatives of %s, in both modes",
    (name, primitive) => {
      const own = new Set<unknown>(primitives.values());
      const { instances } = caseOf(name, primitive);
      for (const { operands: specs, attributes } of fc.sample(instances, { numRuns: 3, seed: 1 })) {
        const dice = new Dice(1);
        const operands = specs.map((spec) => operandOf(spec, dice));
        const floats = operands.flatMap(({ dtype }, i) => (dtype === "float64" ? [i] : []));
        const moving = floats.map((i) => operands[i]!);
        if (moving.length === 0) continue;
        const f = (given: readonly Tensor[]) => {
          const made = operands.map((operand, i) => given[floats.indexOf(i)] ?? operand);
          const outputs = [apply(primitive, made, attributes)].flat() as Tensor[];
          // Beside what the step gives, the operands themselves: a derivative of nothing is an error.
          return [...given, ...outputs]
            .filter(({ dtype }) => dtype.startsWith("float"))
            .map((y) => y.cast("float64").sum() as Tensor)
            .reduce((sum, y) => sum.add(y), tensor(0, { dtype: "float64" }) as Tensor);
        };
        const forwards = (x: Tensor[]) => jvp(f, x, x);
        for (const derivative of [forwards, grad(f as never, { allowUnused: true })])
          for (const { primitive: each } of record(derivative as never, moving as never).steps)
            expect(own.has(each), each.name).toBe(true);
      }
    },
  );

  const x = vector(1, 2);

  test("is asked by what a primitive is, so that another one of that name goes to default", () => {
    const own = definePrimitive({
      name: "matmul",
      shape: ([s]) => s!,
      value: ([from], out) => out.set(from!.data),
    });
    const program = record((y: Tensor) => own(y).tanh(), x);
    expect(() => javascriptOf(program)).toThrow("no JavaScript for the primitive matmul");
    const { run } = javascriptOf(program, {
      default: ({ inputs: [from] }) => `v${from!.id}.at(place)`,
    });
    expect(run([[1, 2]], []).outputs).toEqual([[Math.tanh(1), Math.tanh(2)]]);
  });

  test("is asked by what an atom is, so that another one goes to default", () => {
    const twice = atom({ name: "twice", arity: 1, value: (v) => 2 * v, partials: [() => 2] });
    const program = record((y: Tensor) => twice(y), x);
    expect(() => javascriptOf(program)).toThrow("no JavaScript for the atom twice");
  });

  test("that lacks an entry, where no compiler has looked, is refused by its name", () => {
    const [step] = record((y: Tensor) => y.mul(2).tanh(), x).steps;
    expect(() => emitStep({} as never, step!)).toThrow(
      'emitStep: the table has no entry "map"; it needs a function for every primitive of the engine, and one named default',
    );
    const { fn } = step!.attributes as { fn: Parameters<typeof emitExpression>[1] & { expression: never } };
    expect(() => emitExpression({ constant: () => "" } as never, fn.expression, ["", ""])).toThrow(
      'emitExpression: the table has no entry "mul"; it needs a function for every atom of the engine',
    );
  });

  test("is asked once for a part of an expression that occurs many times", () => {
    const deep = activation("deep", (v) => {
      let y = v;
      for (let i = 0; i < 40; i++) y = y.mul(y);
      return y;
    });
    const { code } = javascriptOf(record((v: Tensor) => deep(v), x));
    expect(code.match(/ \* /g)).toHaveLength(40);
  });
});
