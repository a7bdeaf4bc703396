import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activation } from "../../../packages/autograd/src/expression/activation.ts";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { CAPACITY, tape } from "../../../packages/autograd/src/scalar/segment.ts";
import { trials } from "../../support/runs.ts";

const finite = fc.double({ min: -10, max: 10, noNaN: true });

/** Leaves room for so many nodes, one at least, in the segment that grows. */
function leaveRoom(nodes: number): void {
  let x = scalar(1).neg();
  while (tape.segment.size > CAPACITY - nodes) x = x.neg();
  while (tape.segment.size < CAPACITY - nodes) x = x.neg();
}

describe("backward", () => {
  test("an operand that is used twice gets both shares", () => {
    fc.assert(
      fc.property(finite, (value) => {
        const x = scalar(value);
        x.mul(x).backward();
        // A sum that starts at 0 has no −0.
        expect(x.grad).toBe(2 * value + 0);
      }),
      trials(100),
    );
  });

  test("a value that fans out sums what comes back", () => {
    const x = scalar(3);
    const y = x.mul(2);
    y.add(y.mul(y)).add(x).backward();
    expect(y.grad).toBe(1 + 2 * 6);
    expect(x.grad).toBe(2 * 13 + 1);
  });

  test("a second call adds the same gradient to leaves, and leaves that of intermediates as it is", () => {
    const x = scalar(0.3);
    const y = x.tanh();
    const z = y.mul(y);
    z.backward();
    const [leaf, inner] = [x.grad, y.grad];
    z.backward();
    expect(x.grad).toBe(2 * leaf);
    expect(y.grad).toBe(inner);
  });

  test("an intermediate has the gradient of the latest call that reached it", () => {
    const x = scalar(2);
    const y = x.mul(3);
    const [a, b, c] = [y.mul(5), y.mul(0), x.mul(7)];
    expect(y.grad).toBe(0);
    a.backward();
    expect(y.grad).toBe(5);
    c.backward();
    expect(y.grad).toBe(5);
    b.backward();
    expect(y.grad).toBe(0);
    expect(x.grad).toBe(15 + 7);
  });

  test("a leaf differentiates to one", () => {
    const x = scalar(2);
    x.backward();
    expect(x.grad).toBe(1);
    expect(x.gradient([x])[0]!.value).toBe(1);
  });

  test("a chain of a million additions differentiates", () => {
    const x = scalar(0.5);
    let sum = x.add(0);
    for (let i = 0; i < 1_000_000; i++) sum = sum.add(x);
    sum.backward();
    expect(x.grad).toBe(1_000_001);
    expect(sum.value).toBe(500_000.5);
  });

  test("a branch that was not taken contributes exactly zero, NaN or not", () => {
    const x = scalar(-1);
    const bad = x.log();
    const y = x.greater(0).select(bad, x.mul(2));
    y.backward();
    expect(bad.value).toBeNaN();
    expect(y.value).toBe(-2);
    expect(bad.grad).toBe(0);
    expect(x.grad).toBe(2);
    const [dx] = y.gradient([x]);
    expect(dx!.value).toBe(2);
    expect(dx!.gradient([x])[0]!.value).toBe(0);
  });

  test("a NaN cotangent does not pass through the branch that was not taken", () => {
    const [x, z] = [scalar(1), scalar(2)];
    scalar(0).select(x, z).mul(NaN).backward();
    expect(x.grad).toBe(0);
    expect(z.grad).toBeNaN();
  });

  test("kinks and ties follow the atoms' conventions", () => {
    const at = (x: number, f: (x: Scalar) => Scalar) => {
      const leaf = scalar(x);
      f(leaf).backward();
      return leaf.grad;
    };
    expect(at(0, (x) => x.abs())).toBe(0);
    expect(at(0, (x) => x.relu())).toBe(0);
    expect(at(0, (x) => x.sign())).toBe(0);
    expect(at(2, (x) => x.floor())).toBe(0);
    expect(at(1, (x) => x.maximum(1))).toBe(0.5);
    expect(at(1, (x) => x.minimum(1))).toBe(0.5);
    expect(at(1, (x) => x.maximum(x))).toBe(1);
    expect(at(1, (x) => x.clip(0, 1))).toBe(1);
    expect(at(1.5, (x) => x.clip(0, 1))).toBe(0);
    expect(at(0, (x) => x.sqrt())).toBe(Infinity);
    expect(at(3, (x) => x.less(4))).toBe(0);
  });
});

describe("segments", () => {
  /** x·y + tanh(x·y)·z and its gradient, with the segment ending `room` nodes after the start. */
  function expressionWithRoom(room: number) {
    const leaves = [0.7, -0.4, 1.3].map(scalar) as [Scalar, Scalar, Scalar];
    const [x, y, z] = leaves;
    leaveRoom(room);
    const product = x.mul(y);
    const result = product.add(product.tanh().mul(z)).mul(product);
    result.backward();
    const first = result.gradient([...leaves, product]);
    const second = first[0]!.add(first[3]!).gradient(leaves);
    return [result, ...first, ...second].map((s) => s.value).concat([...leaves, product].map((s) => s.grad));
  }

  test("it makes no difference where in a graph a segment ends", () => {
    const externalCall = expressionWithRoom(1000);
    for (let room = 1; room < 60; room++) {
      // What comes back to a value is summed in another order, hence the last digit or two.
      expressionWithRoom(room).forEach((number, i) => {
        expect(Math.abs(number - externalCall[i]!)).toBeLessThanOrEqual(1e-14);
      });
    }
  });

  test("a value used many segments later still gets its gradient, and passes on zeros", () => {
    const x = scalar(2);
    const early = x.mul(3);
    for (let i = 0; i < 3; i++) leaveRoom(1);
    const late = early.mul(early);
    late.backward();
    expect(early.grad).toBe(12);
    expect(x.grad).toBe(36);
    late.mul(0).backward();
    expect(early.grad).toBe(0);
  });
});

describe("assign", () => {
  test("gives a leaf a new value and clears its gradient", () => {
    const x = scalar(2);
    x.mul(x).backward();
    x.assign(5);
    expect([x.value, x.grad]).toEqual([5, 0]);
    x.mul(x).backward();
    expect(x.grad).toBe(10);
  });

  test("what was computed before keeps and differentiates at the old value", () => {
    const x = scalar(2);
    const y = x.mul(x).mul(x);
    x.assign(5);
    const z = x.mul(y);
    expect(y.value).toBe(8);
    y.backward();
    expect(x.grad).toBe(12);
    const [dy] = y.gradient([x]);
    expect(dy!.value).toBe(12);
    expect(dy!.gradient([x])[0]!.value).toBe(12);
    // z = x_new · x_old³: both are x.
    expect(z.gradient([x])[0]!.value).toBe(8 + 5 * 12);
  });

  test("throws on what was computed, and says where to assign", () => {
    expect(() => scalar(1).neg().assign(2)).toThrow(/assign: .*values never change; assign to a leaf/);
    expect(() => scalar(1).assign("2" as never)).toThrow(
      "assign: expected a number, got string; convert it: Number(x)",
    );
  });
});

describe("gradient", () => {
  test("nested derivatives don't confuse their variables: d/dx (x · d/dy (x + y)) = 1", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [x, y] = [scalar(a), scalar(b)];
        const [inner] = x.add(y).gradient([y]);
        expect(x.mul(inner!).gradient([x])[0]!.value).toBe(1);
      }),
      trials(100),
    );
  });

  test("orders go on: the sixth derivative of x⁶ is 720, the seventh 0", () => {
    const x = scalar(1.5);
    let y = x.square().mul(x.square()).mul(x.square());
    for (let order = 1; order <= 6; order++) y = y.gradient([x])[0]!;
    expect(y.value).toBe(720);
    expect(y.gradient([x])[0]!.value).toBe(0);
  });

  test("takes intermediates and numbers' results as inputs, gives 0 for what is not reached, touches no grad", () => {
    const [x, other] = [scalar(2), scalar(3)];
    const y = x.square();
    const zero = y.gradient([other])[0]!;
    expect(zero.value).toBe(0);
    const z = y.mul(y).add(zero.mul(x));
    expect(z.gradient([y, x, zero, z, other]).map((s) => s.value)).toEqual([8, 32, 2, 1, 0]);
    expect([x.grad, y.grad]).toEqual([0, 0]);
  });

  test("its results differentiate backward too", () => {
    const x = scalar(0.4);
    x.tanh().gradient([x])[0]!.backward();
    const t = Math.tanh(0.4);
    expect(x.grad).toBeCloseTo(-2 * t * (1 - t * t), 15);
  });

  test("a long chain differentiates twice without overflow", () => {
    const x = scalar(1);
    let y = x.mul(1);
    for (let i = 0; i < 10_000; i++) y = y.mul(0.999).add(x.mul(x));
    const [first] = y.gradient([x]);
    const [second] = first!.gradient([x]);
    // y is c·x + s·x² with the same coefficients at every x.
    const s = (1 - 0.999 ** 10_000) / 0.001;
    expect(first!.value / (0.999 ** 10_000 + 2 * s)).toBeCloseTo(1, 9);
    expect(second!.value / (2 * s)).toBeCloseTo(1, 9);
  });
});

describe("custom activations", () => {
  const swish = activation("swish", (x) => x.mul(x.logistic()));

  test("one is one node", () => {
    const x = scalar(0.3).neg();
    const before = tape.segment.size;
    swish(x);
    expect(tape.segment.size).toBe(before + 1);
  });

  test("one has the derivatives of its definition, of every order", () => {
    fc.assert(
      fc.property(finite, (value) => {
        const x = scalar(value);
        const spelt = x.mul(x.logistic());
        const [a, b] = [swish(x), spelt].map((y) => {
          const [first] = y.gradient([x]);
          const [second] = first!.gradient([x]);
          return [y.value, first!.value, second!.value];
        });
        for (const [i, v] of a!.entries()) expect(v).toBeCloseTo(b![i]!, 13);
        const y = swish(x).mul(2);
        x.assign(value);
        y.backward();
        expect(x.grad).toBeCloseTo(2 * a![1]!, 13);
      }),
      trials(100),
    );
  });
});

describe("in the console and in JavaScript's operators", () => {
  test("prints readably", () => {
    const x = scalar(0.512);
    x.mul(-0.488).backward();
    expect(inspect(x)).toBe("Scalar(0.512, grad −0.488)");
    expect(String(x)).toBe("Scalar(0.512, grad −0.488)");
    expect(inspect([scalar(NaN)])).toBe("[ Scalar(NaN, grad 0) ]");
  });

  test("arithmetic on it throws and names the methods", () => {
    const x = scalar(1) as unknown as number;
    expect(() => x + 1).toThrow(/write x\.add\(y\)/);
    expect(() => x * 2).toThrow(TypeError);
    expect(() => x < 2).toThrow(TypeError);
  });

  test("what is not a Scalar or a number throws and says how to wrap it", () => {
    const x = scalar(1);
    expect(() => x.add("2" as never)).toThrow(
      "add: expected a Scalar or a number, got string; wrap it: scalar(Number(x))",
    );
    expect(() => x.mul(undefined as never)).toThrow("mul: expected a Scalar or a number, got undefined");
    expect(() => x.mul(null as never)).toThrow("got null");
    expect(() => x.select([1] as never, 2)).toThrow("select: expected a Scalar or a number, got Array");
    expect(() => scalar("2" as never)).toThrow(
      "scalar: expected a number, got string; convert it: Number(x)",
    );
  });
});

describe("over several segments", () => {
  /** x, and as many additions of 0 that the segment after the next has begun. */
  function far(x: Scalar): Scalar {
    let y = x;
    for (let i = 0; i < CAPACITY; i++) y = y.add(0);
    return y;
  }

  test("an intermediate that is used in the newest and in those between gets both shares at once", () => {
    const x = scalar(3);
    const y = x.mul(2);
    const z = far(y).mul(5);
    const w = far(z).add(y.mul(7));
    w.backward();
    expect([z.grad, y.grad, x.grad]).toEqual([1, 12, 24]);
  });

  test("derivatives with respect to nodes that have one index in two segments are kept apart", () => {
    const x = scalar(1);
    leaveRoom(1);
    const a = x.mul(2);
    leaveRoom(1);
    const b = x.mul(3);
    const [da, db, dx] = a.mul(5).add(b.mul(7)).gradient([a, b, x]);
    expect([da!.value, db!.value, dx!.value]).toEqual([5, 7, 31]);
  });
});
