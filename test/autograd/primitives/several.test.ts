// defineSeveral: a user's primitive with several results, and what a user's primitive may say beside its value and its rules.

import {
  compile,
  definePrimitive,
  defineSeveral,
  grad,
  jvp,
  record,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from "@adjoint/autograd";
import { checkGradients, checkPrimitive } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";
import { numbers, vector } from "../../support/tensors.ts";

const asTheyAre = <A>(attributes: A): A => attributes;

/** Writes a·b and a/b into two arrays. */
const products = (
  [a, b]: readonly { readonly data: ArrayLike<number> }[],
  outs: readonly ArrayLike<number>[],
) => {
  const [product, quotient] = outs as readonly { [i: number]: number }[];
  for (let i = 0; i < a!.data.length; i++) {
    product![i] = a!.data[i]! * b!.data[i]!;
    quotient![i] = a!.data[i]! / b!.data[i]!;
  }
};
const statement = {
  name: "productAndQuotient",
  shapes: ([a]: readonly Shape[]) => [a!, a!],
  values: products,
  shifted: asTheyAre,
  examples: [{ shapes: [[3], [3]], between: [0.5, 2] as const }],
};

const byPullback = defineSeveral({
  ...statement,
  pullback({ inputs: [a, b], outputs: [, quotient] }, [dp, dq]) {
    const da = [dp?.mul(b!), dq?.div(b!)].filter((each) => each !== undefined);
    const db = [dp?.mul(a!), dq?.mul(quotient!).div(b!).neg()].filter((each) => each !== undefined);
    return [da, db].map((terms): Tensor => terms.reduce((sum, term) => sum.add(term)));
  },
});
const byPushforward = defineSeveral({
  ...statement,
  pushforward({ inputs: [a, b], outputs: [, quotient] }, [da, db]) {
    const dp = [da?.mul(b!), db?.mul(a!)].filter((each) => each !== undefined);
    const dq = [da?.div(b!), db?.mul(quotient!).div(b!).neg()].filter((each) => each !== undefined);
    return [dp, dq].map((terms): Tensor => terms.reduce((sum, term) => sum.add(term)));
  },
});

describe.each(Object.entries({ byPullback, byPushforward }))("two results, %s", (_name, primitive) => {
  const [a, b] = [vector(1, -2, 3), vector(2, 0.5, -4)];

  test("are those of the value, eagerly, compiled and for many at once", () => {
    const run = (x: Tensor, y: Tensor) => [...primitive(x, y)];
    for (const each of [run, compile(run)])
      expect(each(a, b).map(numbers)).toEqual([
        [2, -1, -12],
        [0.5, -4, -0.75],
      ]);
    const [product, quotient] = vmap(run)(tensor([[1, 2]]), tensor([[4, 8]]));
    expect([product!.toArray(), quotient!.toArray()]).toEqual([[[4, 16]], [[0.25, 0.25]]]);
  });

  test("have right derivatives, together and each alone", () => {
    const each = [0, 1].map((k) => (x: Tensor, y: Tensor) => primitive(x, y)[k]!.square());
    const together = (x: Tensor, y: Tensor) => primitive(x, y).reduce((p, q) => p.mul(q));
    for (const f of [...each, together]) expect(checkGradients(f, [a, b]).verdict).toBe("right");
  });

  test("are attacked by checkPrimitive, each of them", () => {
    expect(checkPrimitive(primitive).verdict).toBe("right");
  });
});

test("checkPrimitive finds what is wrong with the second result only", () => {
  const wrong = defineSeveral({ ...statement, pullback: (_step, [dp]) => [dp ?? null, dp ?? null] });
  const late = defineSeveral({
    ...statement,
    values: (inputs, outs) => {
      products(inputs, outs);
      outs[1]!.fill(0);
      if (inputs[0]!.shape.length > 1) outs[1]!.fill(1);
    },
  });
  expect(checkPrimitive(wrong).verdict).toBe("wrong");
  expect(checkPrimitive(late).findings.join()).toContain("one by one, for many at once");
});

test("what a rule or a value gives wrongly is an error that says what belongs there", () => {
  const given = [vector(1), vector(2)] as const;
  const sum = (of: typeof byPullback) => (x: Tensor) =>
    of(x, given[1])
      .reduce((p, q) => p.add(q))
      .sum();
  const short = defineSeveral({ ...statement, pullback: () => [null] });
  const shortTangents = defineSeveral({ ...statement, pushforward: () => [null] });
  const types = defineSeveral({ ...statement, dtypes: () => ["float64"] });
  const returning = defineSeveral({ ...statement, values: (() => [1]) as () => never });
  expect(() => grad(sum(short))(given[0])).toThrow("its pullback gave 1 cotangents for 2 inputs");
  expect(() => jvp(sum(shortTangents), given[0], vector(1))).toThrow(
    "its pushforward gave 1 tangents for 2 results",
  );
  expect(() => types(...given)).toThrow("its type rule gives 1 types and its shape rule 2 shapes");
  expect(() => returning(...given)).toThrow("its values returned an array");
  expect(() => defineSeveral({ name: "x", shapes: () => [] } as never)).toThrow('"x" lacks a value, values');
  const misshapen = defineSeveral({
    ...statement,
    pullback: () => [zeros([2], { dtype: "float64" }), null],
  });
  expect(() => grad(sum(misshapen))(given[0])).toThrow(ShapeError);
});

test("what states how it is shifted is computed for many at once, and not part by part", () => {
  let calls = 0;
  const counting = defineSeveral({
    ...statement,
    values: (inputs, outs) => {
      calls++;
      products(inputs, outs);
    },
  });
  vmap((x: Tensor, y: Tensor) => [...counting(x, y)])(tensor([[1], [2]]), tensor([[3], [4]]));
  expect(calls).toBe(1);
});

test("a pullback is told whose cotangents anybody asks for", () => {
  const asked: boolean[][] = [];
  const spy = definePrimitive({
    name: "spy",
    shape: ([a]) => a!,
    value: ([a], out) => out.set(a!.data),
    pullback(_step, dy, wanted) {
      asked.push([...wanted]);
      return [dy, null];
    },
  });
  grad((x: Tensor) => spy(x, vector(1)).sum())(vector(2));
  expect(asked).toEqual([[true, false]]);
});

test("a tensor's numbers are known where they can be read, and only there", () => {
  const seen: boolean[] = [];
  const look = (x: Tensor): Tensor => {
    seen.push(x.isKnown);
    return x.mul(2);
  };
  const x = vector(1, 2);
  look(x);
  grad((v: Tensor) => look(v).sum())(x);
  const compiled = compile(look)(x);
  record(look, x);
  vmap(look)(x);
  expect(seen).toEqual([true, true, false, false, false]);
  expect(compiled.isKnown).toBe(true);
  // What depends on no argument is left to the program, but can be computed before.
  compile((v: Tensor) => {
    expect(vector(1, 2).mul(2).isKnown).toBe(true);
    return v;
  })(x);
});
