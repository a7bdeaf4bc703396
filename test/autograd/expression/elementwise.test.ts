// Functions of several elements, against the same in plain numbers, and against the same made of tensor operations.

import {
  compile,
  type DType,
  type Expression,
  elementwise,
  type FunctionOfElements,
  grad,
  Program,
  record,
  Scalar,
  scalar,
  Tensor,
  tensor,
  vmap,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";
import { Expression as Node } from "../../../packages/autograd/src/expression/expression.ts";
import { toFunction } from "../../../packages/autograd/src/expression/to-function.ts";

interface Case {
  readonly name: string;
  readonly made: FunctionOfElements;
  /** The same as a chain of operations on tensors. */
  readonly chain: (...operands: Tensor[]) => Tensor;
  /** The same in plain numbers, rounded after the same operations. */
  readonly plain: (...numbers: number[]) => number;
}

// Expressions and tensors have methods of the same names, so that one statement is both.
const onExpressions = (name: string, chain: (...operands: never[]) => unknown): FunctionOfElements =>
  elementwise(name, chain as (...operands: Expression[]) => Expression);

const squared = (p: Tensor, t: Tensor) => p.sub(t).square() as Tensor;
const between = (a: Tensor, b: Tensor, t: Tensor) => a.add(b.sub(a).mul(t)) as Tensor;
const chosen = (a: Tensor, b: Tensor, c: Tensor, d: Tensor) => a.greater(b).select(c, d.mul(a)) as Tensor;

const cases: readonly Case[] = [
  {
    name: "two operands",
    made: onExpressions("squared", squared),
    chain: squared as Case["chain"],
    plain: (p, t) => (p! - t!) * (p! - t!),
  },
  {
    name: "three operands",
    made: onExpressions("between", between),
    chain: between as Case["chain"],
    plain: (a, b, t) => a! + (b! - a!) * t!,
  },
  {
    name: "four operands, and a choice",
    made: onExpressions("chosen", chosen),
    chain: chosen as Case["chain"],
    plain: (a, b, c, d) => (a! > b! ? c! : d! * a!),
  },
];

/** Shapes that broadcast to [3, 2], the first one so that it is repeated. */
const shapes = [[3, 1], [2], [3, 2], []] as const;

/** Different numbers for each operand, of few digits, so that float32 holds them. */
const operandsFor = (arity: number, dtype: DType): Tensor[] =>
  shapes.slice(0, arity).map((shape, k) => {
    const size = shape.reduce((product: number, n) => product * n, 1);
    const numbers = Array.from({ length: size }, (_, i) => ((7 * i + 5 * k) % 11) / 4 - 1.25);
    return tensor(numbers, { dtype, shape: [...shape] }) as Tensor;
  });

describe.each(cases)("a function of $name", (entry) => {
  const { made, chain, plain } = entry;
  const { arity } = made.function;

  test.each(["float32", "float64"] as const)(
    "of %s tensors is that of the numbers at each place",
    (dtype) => {
      const operands = operandsFor(arity, dtype);
      const spread = operands.map((each) => each.broadcastTo([3, 2]).data);
      const want = Array.from({ length: 6 }, (_, i) => plain(...spread.map((data) => data[i]!)));
      for (const call of [made, compile(made as (...operands: Tensor[]) => Tensor)]) {
        const result = (call as (...operands: Tensor[]) => Tensor)(...operands);
        expect(result.shape).toEqual([3, 2]);
        // Every operation on these numbers is exact in both types.
        expect([...result.data]).toEqual(want);
      }
    },
  );

  test("of numbers, scalars and expressions is the same function", () => {
    const numbers = [0.75, -1.25, 2, 0.5].slice(0, arity);
    const want = plain(...numbers);
    expect(made(...numbers)).toBe(want);
    const scalars = made(...numbers.map((x) => scalar(x))) as Scalar;
    expect(scalars).toBeInstanceOf(Scalar);
    expect(scalars.value).toBe(want);
    const constants = made(...numbers.map((x) => Node.constant(x))) as Node;
    expect(constants).toBeInstanceOf(Node);
    expect(toFunction(constants, 1)(0)).toBe(want);
  });

  test.each(["float32", "float64"] as const)("is right in the laboratory to order 2, in %s", (dtype) => {
    const f = (...operands: Tensor[]) => made(...operands) as Tensor;
    const report = checkGradients(f, operandsFor(arity, dtype));
    expect(`${report.verdict} ${report}`).toMatch(/^right/);
  });

  test("has the gradients of the operations that it is made of, each in one pass", () => {
    const operands = operandsFor(arity, "float64");
    const both = [made, chain].map((f) => {
      const loss = (...given: Tensor[]) => (f as (...operands: Tensor[]) => Tensor)(...given).sum() as Tensor;
      return grad(loss, { argnums: operands.map((_, i) => i) })(...operands) as readonly Tensor[];
    });
    both[0]!.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(operands[i]!.shape);
      expect([...gradient.data]).toEqual([...both[1]![i]!.data]);
    });
  });

  test("is one step, which a saved program keeps, and maps over batches", () => {
    const [first, ...others] = operandsFor(arity, "float64") as [Tensor, ...Tensor[]];
    const even = [first, ...others].map((each) => each.broadcastTo([3, 2]));
    const program = record(made as (...operands: Tensor[]) => Tensor, ...even);
    expect(program.steps.map(({ primitive }) => primitive.name)).toEqual(["map"]);
    const again = Program.fromJSON(JSON.parse(JSON.stringify(program)) as unknown);
    const want = [...(made(...even) as Tensor).data];
    expect([...(again.run(...even) as Tensor).data]).toEqual(want);
    const batched = vmap(made as (...operands: Tensor[]) => Tensor);
    expect([...batched(...even).data]).toEqual(want);
  });
});

test("a function of elements prints its name and its expression", () => {
  expect(`${cases[0]!.made}`).toBe("squared(x, y) = (x − y)²");
  expect(cases[0]!.made.name).toBe("squared");
  expect(Object.keys(cases[0]!.made)).toEqual([]);
});

test("numbers may stand behind a tensor, in its type", () => {
  const distance = elementwise("distance", (p, t) => p.sub(t).abs());
  expect([...distance(tensor([1, 3]), 2).data]).toEqual([1, 1]);
  expect(distance(tensor([1, 4], { dtype: "int32" }), 2).dtype).toBe("int32");
});

describe("a wrong use of elementwise names the function and the way out:", () => {
  const squaredError = elementwise("squaredError", (p, t) => p.sub(t).square());
  const loosely = squaredError as unknown as (...operands: unknown[]) => unknown;
  const make = elementwise as (name: unknown, statement: unknown) => unknown;
  const row = tensor([1, 2]);

  test.each<[string, () => unknown, string]>([
    [
      "too few operands",
      () => loosely(row),
      "squaredError: takes 2 operands, got 1; write squaredError(x, y)",
    ],
    ["too many", () => loosely(row, row, row), "squaredError: takes 2 operands, got 3"],
    [
      "a number first",
      () => loosely(2, row),
      "squaredError: can't be applied to a number first; give numbers, expressions, tensors or scalars, and a tensor or a scalar first, e.g. squaredError(tensor([1, 2]), 2)",
    ],
    ["an array", () => loosely([1, 2], row), "squaredError: can't be applied to an array first"],
    ["an array behind", () => loosely(row, [1, 2]), "squaredError: got an array"],
    [
      "shapes that don't broadcast",
      () => loosely(row, tensor([1, 2, 3])),
      "squaredError: [2] and [3] don't broadcast",
    ],
    [
      "two types",
      () => loosely(row, tensor([1, 2], { dtype: "float64" })),
      "squaredError: float32 and float64",
    ],
    ["no name", () => make((x: Expression) => x, null), "elementwise: got a function where the name belongs"],
    ["no statement", () => make("odd", undefined), "odd: its statement is a undefined"],
    ["no operands", () => make("odd", () => 1), "odd: its statement declares no operands"],
    [
      "operands that it does not declare",
      () => make("odd", (...all: Expression[]) => all[0]!.exp()),
      "odd: its statement declares no operands; write each of them, without defaults and dots, e.g. (p, t) =>",
    ],
    [
      "a statement of another kind",
      () => make("odd", (_: unknown) => "x"),
      "odd: the statement returned a string",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  test("the number of operands is part of the type", () => {
    // @ts-expect-error: two operands are declared.
    expect(() => squaredError(row)).toThrow(TypeError);
    const result: Tensor = squaredError(row, row);
    expect(result).toBeInstanceOf(Tensor);
  });
});
