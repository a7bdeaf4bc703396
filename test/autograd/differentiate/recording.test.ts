// What is recorded, for whom and how long: variables inside transforms, intermediates that leave them, functions and
// rules that throw.

import {
  definePrimitive,
  grad,
  hvp,
  jvp,
  type Tensor,
  type Variable,
  valueAndGrad,
  variable,
  vjp,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers, tensorOf } from "../../support/tensors.ts";

const at = (x: number) => tensorOf([x], []);
const vector = (...x: number[]) => tensorOf(x, [x.length]);
const parameter = (...x: number[]): Variable => variable(vector(...x));
const sum = (x: Tensor) => x.sum() as Tensor;

describe("variables captured in a transform", () => {
  test("are reached by backward through its result: the gradient penalty", () => {
    // p = |∂/∂x Σ w²x³|² = Σ 9w⁴x⁴; dp/dw = 36w³x⁴.
    const w = parameter(1, 2);
    const x = vector(3, -1);
    const slope = grad((t: Tensor) => sum(w.square().mul(t.mul(t).mul(t))))(x) as Tensor;
    sum(slope.square()).backward();
    expect(numbers(w.grad!)).toEqual([36 * 81, 36 * 8]);
  });

  test("are reached through forward mode, and through Hessian-vector products", () => {
    const w = parameter(2);
    // jvp of w·x³ at 3 along 1 is 27w; hvp of w·x³ is 18w.
    sum(jvp((t: Tensor) => w.mul(t.mul(t).mul(t)), vector(3), vector(1)).tangent as Tensor).backward();
    expect(numbers(w.grad!)).toEqual([27]);
    w.clearGrad();
    sum(hvp((t: Tensor) => sum(w.mul(t.mul(t).mul(t))), vector(3), vector(1)) as Tensor).backward();
    expect(numbers(w.grad!)).toEqual([18]);
  });

  test("differentiated with respect to and captured at once count both ways", () => {
    // Given as an argument, the variable is the argument wherever f reads it: w·w, whose derivative is 2w.
    const w = parameter(5);
    const f = (v: Tensor) => sum(w.mul(v));
    expect(numbers(grad(f)(w) as Tensor)).toEqual([10]);
    expect(numbers(grad(f)(w.value) as Tensor)).toEqual([5]);
    f(w).backward();
    expect(numbers(w.grad!)).toEqual([10]);
    w.clearGrad();
    sum(grad(f)(w) as Tensor).backward();
    expect(numbers(w.grad!)).toEqual([2]);
    w.clearGrad();
    sum(grad(f)(w.value) as Tensor).backward();
    expect(numbers(w.grad!)).toEqual([1]);
  });

  test("of a tape made before assign keep the value they had then", () => {
    const w = parameter(2);
    const loss = sum(w.square());
    w.assign(vector(100));
    loss.backward();
    expect(numbers(w.grad!)).toEqual([4]);
  });
});

describe("backward", () => {
  test("twice adds the same gradient twice, and assign forgets it", () => {
    const w = parameter(3);
    const loss = sum(w.mul(w).mul(w));
    loss.backward();
    loss.backward();
    expect(numbers(w.grad!)).toEqual([54]);
    w.assign(vector(1));
    expect(w.grad).toBeNull();
  });

  test("gives gradients that nobody watches, unless the graph is asked for", () => {
    const w = parameter(3);
    sum(w.square()).backward();
    expect(w.grad!.step).toBeNull();
    expect(w.grad!.traces).toBeNull();
    w.clearGrad();
    sum(w.mul(w).mul(w)).backward({ createGraph: true });
    const first = w.grad!;
    w.clearGrad();
    // d/dw (3w²)² = 36w³.
    sum(first.square()).backward();
    expect(numbers(w.grad!)).toEqual([36 * 27]);
  });

  test("of a function of variables inside a transform leaves the transform's own derivative alone", () => {
    const w = parameter(2);
    const x = vector(3);
    const slope = grad((t: Tensor) => {
      sum(w.mul(t)).backward();
      return sum(t.mul(t));
    })(x) as Tensor;
    expect(numbers(slope)).toEqual([6]);
    expect(numbers(w.grad!)).toEqual([3]);
  });

  test("inside a transform gives gradients that are functions of what the transform watches, and of no variable", () => {
    const w = parameter(2);
    const x = vector(3);
    // ∂/∂w (w²x) = 2wx, whose derivative in x is 2w, and times x: 4wx.
    const f = (t: Tensor) => {
      w.clearGrad();
      sum(w.square().mul(t)).backward();
      return sum(w.grad!.mul(t));
    };
    expect(numbers(grad(f)(x))).toEqual([4 * 2 * 3]);
    expect(numbers(jvp(f, x, vector(1)).tangent)).toEqual([4 * 2 * 3]);
    expect(() => f(x).backward()).toThrow("depends on no variable");
  });

  test("hides gradients from variables, and from them alone, also where a rule gives one of its operands", () => {
    // The first operand, whose gradient is stated to be the second one.
    const steered = definePrimitive({
      name: "steered",
      shape: ([shape]) => shape!,
      value: ([x], out) => out.set(x!.data),
      pullback: ({ inputs: [, slope] }) => [slope!, null],
    });
    const [w, v] = [parameter(2), parameter(5)];
    sum(steered(w, v)).backward();
    expect([numbers(w.grad!), w.grad!.traces]).toEqual([[5], null]);
    const f = (t: Tensor) => {
      w.clearGrad();
      sum(steered(w, v.mul(t))).backward();
      return sum(w.grad!);
    };
    expect(numbers(grad(f)(vector(3)))).toEqual([5]);
    expect(() => f(vector(3)).backward()).toThrow("depends on no variable");
    w.clearGrad();
    sum(steered(w, v.mul(7))).backward({ createGraph: true });
    sum(w.grad!).backward();
    expect(numbers(v.grad!)).toEqual([7]);
  });

  test("refuses several numbers, whole numbers and what depends on no variable", () => {
    const w = parameter(1, 2);
    expect(() => w.mul(2).backward()).toThrow(/\[2\] has 2 elements.*loss\.mean\(\)\.backward\(\)/);
    expect(() => sum(w.cast("int32")).backward()).toThrow(/backward: .*int32.*float/);
    expect(() => sum(vector(1)).backward()).toThrow(/depends on no variable; make parameters with variable/);
  });
});

describe("what nobody watches is not recorded", () => {
  test("the results of an outermost transform are plain numbers", () => {
    const x = vector(1, 2);
    const f = (t: Tensor) => sum(t.mul(t).mul(t));
    const { value, gradient } = valueAndGrad(f)(x);
    const pull = vjp(f, x);
    const push = jvp(f, x, x);
    for (const result of [
      value,
      gradient,
      pull.value,
      pull.pullback(at(1)),
      push.value,
      push.tangent,
      hvp(f, x, x),
    ] as Tensor[]) {
      expect(result.step).toBeNull();
      expect(result.traces).toBeNull();
    }
    expect((x.mul(2) as Tensor).step).toBeNull();
  });

  test("those of an inner one are watched by the outer, as long as it runs", () => {
    let inner: Tensor | undefined;
    grad((x: Tensor) => {
      inner = grad((y: Tensor) => y.mul(y).mul(x))(at(2)) as Tensor;
      expect(inner.step).not.toBeNull();
      return inner;
    })(at(3));
    expect((inner!.mul(2) as Tensor).step).toBeNull();
  });

  test("an intermediate that leaves a finished transform is a constant from then on", () => {
    let leak: Tensor | undefined;
    grad((x: Tensor) => {
      leak = x.mul(2) as Tensor;
      return leak;
    })(at(3));
    const after = leak!.mul(3) as Tensor;
    expect(after.step).toBeNull();
    expect(after.item()).toBe(18);
    // Nor does it move in a later transform.
    expect((grad((x: Tensor) => x.mul(leak!))(at(1)) as Tensor).item()).toBe(6);
    expect((grad(() => leak!, { allowUnused: true })(at(1)) as Tensor).item()).toBe(0);
  });

  test("an intermediate of an inner transform is still watched by the outer one", () => {
    let leak: Tensor | undefined;
    const slope = grad((x: Tensor) => {
      grad((y: Tensor) => {
        leak = x.mul(y) as Tensor;
        return leak;
      })(at(5));
      // The leak is 5x for the outer transform: d(5x·x) = 10x.
      return leak!.mul(x);
    })(at(3));
    expect((slope as Tensor).item()).toBe(30);
  });
});

describe("what throws leaves nothing open", () => {
  class Accident extends Error {}

  test("a function that throws in a transform", () => {
    for (const run of [
      (f: (x: Tensor) => Tensor) => grad(f)(at(1)),
      (f: (x: Tensor) => Tensor) => vjp(f, at(1)),
      (f: (x: Tensor) => Tensor) => jvp(f, at(1), at(1)),
      (f: (x: Tensor) => Tensor) => hvp(f, at(1), at(1)),
    ]) {
      let leaf: Tensor | undefined;
      expect(() =>
        run((x) => {
          leaf = x;
          throw new Accident();
        }),
      ).toThrow(Accident);
      expect((leaf!.mul(2) as Tensor).step).toBeNull();
    }
  });

  /** A primitive with one rule, which lets its argument out and throws. */
  function accident(rule: "pullback" | "pushforward") {
    const caught: Tensor[] = [];
    const primitive = definePrimitive({
      name: "accident",
      shape: ([x]) => x!,
      value: ([x], out) => out.set(x!.data),
      ...(rule === "pullback"
        ? {
            pullback: (_step: unknown, dy: Tensor) => {
              caught.push(dy);
              throw new Accident();
            },
          }
        : {
            pushforward: (_step: unknown, [dx]: readonly (Tensor | null)[]) => {
              caught.push(dx!);
              throw new Accident();
            },
          }),
    });
    return { primitive, caught };
  }

  test("a rule that throws, also where the other mode is derived from it", () => {
    for (const rule of ["pullback", "pushforward"] as const) {
      for (const run of [
        (f: (x: Tensor) => Tensor) => grad(f)(at(1)),
        (f: (x: Tensor) => Tensor) => jvp(f, at(1), at(1)),
      ]) {
        const { primitive, caught } = accident(rule);
        expect(() => run((x) => primitive(x))).toThrow(Accident);
        expect((caught[0]!.mul(2) as Tensor).step).toBeNull();
      }
    }
  });

  test("backward through a rule that throws goes on recording variables afterwards", () => {
    const w = parameter(1);
    const { primitive } = accident("pullback");
    expect(() => sum(primitive(w)).backward()).toThrow(Accident);
    expect(w.grad).toBeNull();
    sum(w.square()).backward();
    expect(numbers(w.grad!)).toEqual([2]);
  });
});
