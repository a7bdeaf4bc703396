// Rules that are not the derivative of their function's value on purpose: they are checked against the function that is named
// as their surrogate, and against the value where none is.

import { checkpoint, customJvp, customVjp, type Tensor, tensor, vmap } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";

const sigmoid = (v: Tensor): Tensor => v.mul(4).logistic();
const step = (v: Tensor): Tensor => v.greater(0).cast(v.dtype);

/** 1 above 0, else 0, with the derivative of a steep logistic function times a factor. */
const spikeWith = (factor: number, options: { surrogate?: (v: Tensor) => Tensor }) =>
  customVjp(
    function spike(v: Tensor) {
      return step(v);
    },
    (v) => ({
      value: step(v),
      pullback(dy: Tensor) {
        const s = sigmoid(v);
        return dy.mul(s.mul(s.neg().add(1)).mul(4 * factor));
      },
    }),
    options,
  );

type F = (v: Tensor) => Tensor;

/** Spikes of spikes: the second layer's operands are the first one's values. */
const network = (spike: F) => (w: Tensor) =>
  spike(spike(w.square().sub(0.3)).mul(w).sub(0.2))
    .mul(w.sin())
    .sum();

const rounded = (options: { surrogate?: (x: Tensor) => Tensor }): F =>
  customJvp(
    (x: Tensor) => x.round(),
    ([x], [dx]) => ({ value: x.round(), tangent: dx }),
    options,
  );

describe.each(["float32", "float64"] as const)("in %s, a rule with a surrogate", (dtype) => {
  const point = [tensor([0.9, -1.3], { dtype })];

  test("is right where it is the surrogate's derivative, at every order, compiled and in layers, and the report says of what", () => {
    const f = network(spikeWith(1, { surrogate: sigmoid }));
    const report = checkGradients(f, point, { order: 3, compiled: true });
    expect(report.verdict).toBe("right");
    expect(report.findings).toEqual([]);
    expect(report.notes).toEqual([
      "spike is checked against its surrogate sigmoid: its rule must be the derivative of that, and is not compared with its value's",
    ]);
    expect(String(report)).toContain("surrogate sigmoid");
  });

  test("is wrong where it is another's, however small the difference, and it is the guilty step", () => {
    const report = checkGradients(network(spikeWith(1.001, { surrogate: sigmoid })), point);
    expect(report.verdict).toBe("wrong");
    expect(report.guilty).toMatchObject({ operation: "ownPullback spike", order: 1 });
    expect(report.notes.join()).toContain("surrogate sigmoid");
  });

  test("stays wrong where no surrogate is named", () => {
    const report = checkGradients(network(spikeWith(1, {})), point);
    expect(report.verdict).toBe("wrong");
    expect(report.notes).toEqual([]);
  });

  test("does not hide a mistake of another step", () => {
    const wrong = customVjp(
      (x: Tensor) => x.sin(),
      (x) => ({ value: x.sin(), pullback: (dy: Tensor) => dy.mul(x.cos().mul(1.01)) }),
    );
    const f = (x: Tensor) => wrong(spikeWith(1, { surrogate: sigmoid })(x).mul(x)).sum();
    const report = checkGradients(f, point);
    expect(report.verdict).toBe("wrong");
    expect(report.guilty?.operation).not.toContain("spike");
  });
});

const x = tensor([0.2, 0.9, -1.3], { dtype: "float64" });

test("rounding with a straight-through rule is right against the identity, in forward mode and in batches", () => {
  const through = rounded({ surrogate: (v) => v });
  const f = (v: Tensor) => through(v.mul(3)).square();
  expect(checkGradients((v: Tensor) => f(v).sum(), [x]).verdict).toBe("right");
  expect(checkGradients((v: Tensor) => vmap(f)(v).sum(), [x]).verdict).toBe("right");
  expect(checkGradients((v: Tensor) => rounded({ surrogate: (u) => u.sin() })(v).sum(), [x]).verdict).toBe(
    "wrong",
  );
});

test("a surrogate is seen inside a checkpoint", () => {
  const through = rounded({ surrogate: (v) => v });
  const f = (v: Tensor) => checkpoint((u: Tensor) => through(u.mul(3)).square().mul(u.sin()))(v).sum();
  expect(checkGradients(f, [x]).verdict).toBe("right");
});

test("values stay the function's own while its rule is checked", () => {
  // At the surrogate's values, 0.2·3 in place of 1, the logarithm would have no value.
  const through = rounded({ surrogate: (v) => v });
  expect(checkGradients((v: Tensor) => through(v.mul(3)).sub(0.8).log().sum(), [x.abs()]).verdict).toBe(
    "right",
  );
});

test("a surrogate has the function's arguments, also several, of which some may not move, and a tree as its result", () => {
  const gate = customVjp(
    (v: Tensor, on: Tensor) => ({ open: step(v).mul(on.cast(v.dtype)), seen: on }),
    (v, on) => ({
      value: { open: step(v), seen: on },
      pullback: ({ open }) => [open.mul(on.cast(v.dtype)), null],
    }),
    { surrogate: (v, on) => ({ open: v.mul(on.cast(v.dtype)), seen: on }) },
  );
  const on = tensor([true, false, true]) as Tensor;
  expect(checkGradients((v: Tensor) => gate(v.sin(), on).open.mul(v).sum(), [x]).verdict).toBe("right");
});

test("a rule with a surrogate computes what it computes without", () => {
  let calls = 0;
  const counted = (v: Tensor) => {
    calls++;
    return v;
  };
  expect([...rounded({ surrogate: counted })(x).data]).toEqual([0, 1, -1]);
  expect(calls).toBe(0);
});

test("what is no surrogate is refused", () => {
  const bad = rounded({ surrogate: (v) => v.sum() });
  expect(() => checkGradients((v: Tensor) => bad(v).sum(), [x])).toThrow(
    "customJvp: the surrogate gives [] where the function gives [3]; give a function of the same arguments",
  );
  expect(() => rounded({ surrogate: 1 as never })).toThrow("customJvp: the surrogate: got a number");
  expect(() => rounded({ smooth: (v: Tensor) => v } as never)).toThrow(
    'customJvp: there is no option "smooth"',
  );
});

test("a function with a rule and constants of its own is checked in float32 as it is in float64", () => {
  const f = customVjp(
    (v: Tensor) => v.mul(3).exp(),
    (v) => ({ value: v.exp(), pullback: (dy: Tensor) => dy.mul(v.mul(3).exp()).mul(3) }),
  );
  for (const dtype of ["float32", "float64"] as const)
    expect(checkGradients((v: Tensor) => f(v).sum(), [tensor([0.2, 0.9], { dtype })]).verdict).toBe("right");
});
