// checkActivation on right activations, on every kind of wrong statement, and in time.

import { type Activation, type ActivationOptions, activation, type Expression } from "@adjoint/autograd";
import { checkActivation } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Expression as Node, substitute } from "../../../packages/autograd/src/expression/expression.ts";
import { interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { expressions, smoothAtoms } from "../../support/arbitraries.ts";
import type { Rules } from "../../support/primitives.ts";
import { trials } from "../../support/runs.ts";

type Statement = (x: Expression) => Expression | number;
const check = (statement: Statement, options?: ActivationOptions) =>
  checkActivation(activation("phi", statement, options));

const right: Record<string, [Statement, ActivationOptions?]> = {
  mish: [(x) => x.mul(x.softplus().tanh())],
  swish: [(x) => x.mul(x.logistic()), { range: [-0.2784645427610738, Infinity] }],
  softsign: [(x) => x.div(x.abs().add(1)), { range: [-1, 1] }],
  cube: [(x) => x.square().mul(x)],
  sine: [(x) => x.sin(), { range: [-1, 1] }],
  selu: [(x) => x.greater(0).select(x.mul(1.0507), x.expm1().mul(1.758))],
  gaussian: [(x) => x.square().neg().exp(), { range: [0, 1] }],
  "hard swish": [(x) => x.mul(x.add(3).clip(0, 6)).div(6)],
  "hard sigmoid": [(x) => x.mul(0.2).add(0.5).clip(0, 1), { range: [0, 1] }],
  "soft shrink": [(x) => x.greater(0.5).select(x.sub(0.5), x.less(-0.5).select(x.add(0.5), 0))],
  "tanh shrink": [(x) => x.sub(x.tanh())],
  "a bump that is smooth where it ends": [
    (x) => x.square().less(1).select(x.square().neg().add(1).reciprocal().neg().exp(), 0),
  ],
  "a steep step": [(x) => x.mul(1000).tanh(), { range: [-1, 1] }],
  snake: [(x) => x.add(x.sin().square())],
  "log cosh": [(x) => x.abs().add(x.abs().mul(-2).exp().log1p()).sub(Math.LN2)],
  "the logarithm, of a half line": [(x) => x.log()],
  "the exponential, which overflows": [(x) => x.exp(), { range: [0, Infinity] }],
  "1/x, with a pole": [(x) => x.reciprocal()],
  "a constant": [() => 3],
  "a kink that does not lie on a float": [(x) => x.mul(3).sub(1).relu()],
  "kinks of a parabola, declared": [(x) => x.square().sub(1).abs(), { kinks: [-1, 1] }],
  "|x|³, a kink of the third derivative only": [(x) => x.abs().mul(x.square())],
};

describe("a right statement is called right:", () => {
  test.each(Object.entries(right))("%s", (_name, [statement, options]) => {
    const report = check(statement, options);
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe("right");
    expect(report.order).toBe(3);
  });
});

// That it overflows is true, and that its value is another one in float32: 1 − 1e-11 is 1 there, whose logarithm is 0.
const isTrue = (finding: string) =>
  finding.includes("overflows") || / in float32( \(and \d+ more like it\))?$/.test(finding);

test("no smooth expression, however odd, is accused of anything but what float32 can't hold", () => {
  fc.assert(
    fc.property(expressions({ steps: 6, from: smoothAtoms }), (expression) => {
      const report = check((x) => substitute(expression, [x]));
      expect(report.findings.filter((finding) => !isTrue(finding))).toEqual([]);
    }),
    trials(40),
  );
});

test("digits that float32 has none of below 2⁻¹²⁶ are not missed", () => {
  // Found by the property above: on the way to derivatives of 2e-34 there are numbers of 2e-44.
  const odd = (x: Expression) => x.softplus().pow(x).softplus().pow(x);
  expect(check((x) => odd(x).add(odd(x))).findings.filter((finding) => !isTrue(finding))).toEqual([]);
});

test("constants that float32 does not hold are rounded there", () => {
  // Found by the property above: far to the left three terms cancel to a sixtieth, each a power with such an exponent.
  const root = (x: Expression, exponent: number) => x.softplus().pow(exponent);
  for (const exponent of [0.15729920705028513, 0.1, 0.3]) {
    const report = check((x) => root(x, exponent).add(root(x, exponent)));
    expect(report.findings.filter((finding) => !isTrue(finding))).toEqual([]);
  }
});

test("what is equal in float64 alone may differ in float32", () => {
  // Found by the property above: far to the left, slopes are quotients of a softplus and a logistic, each rounded by itself.
  for (const inner of [
    (x: Expression) => x.expm1().add(x),
    (x: Expression) => x,
    (x: Expression) => x.mul(2),
  ])
    expect(check((x) => inner(x).softplus().log()).findings.filter((each) => !isTrue(each))).toEqual([]);
});

test("a fast oscillation is not taken for a row of kinks", () => {
  // Found by the property above: around 8 the period is shorter than the distance at which sides are compared.
  for (const factor of [2, 4, 6]) {
    const report = check((x) => x.mul(factor).expm1().cos());
    expect(report.findings.filter((finding) => finding.includes("not smooth"))).toEqual([]);
  }
});

describe("a ψ", () => {
  test("of x² is refused, with two inputs of one output and different slopes", () => {
    const report = check((x) => x.square(), { psi: (y) => y.sqrt().mul(2) });
    expect(report.verdict).toBe("wrong");
    expect(report.findings[0]).toMatch(
      /states a ψ and can't have one: 1 and -1 give one output, 1, and have different slopes, 2 and -2/,
    );
  });

  test("of swish is refused too, though no two round numbers show it", () => {
    const report = check((x) => x.mul(x.logistic()), { psi: (y) => y.add(0.5) });
    expect(report.findings[0]).toMatch(
      /can't have one: -1 and -1\.5969184\d* give one output, -0\.26894142137/,
    );
  });

  test("that is not stated is said to be possible or not, and why", () => {
    expect(check((x) => x.square()).notes.join()).toMatch(/no ψ, and can't: 1 and -1 give one output/);
    expect(check((x) => x.square().mul(x)).notes.join()).toMatch(
      /states no ψ; one exists, since it only rises/,
    );
    expect(check((x) => x.sub(x.floor()).square(), { kinks: [] }).notes.join()).toMatch(
      /nothing was found that rules one out/,
    );
  });

  test("that is off by a thousandth is found", () => {
    const report = check((x) => x.tanh(), { psi: (y) => y.square().neg().add(1.001) });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatch(
      /its ψ at φ\(.*\) = .* is .*, and its derivative there .* \(and \d+ more/,
    );
  });

  test("that is wrong on one side of a kink is found", () => {
    expect(check((x) => x.relu(), { psi: (y) => y.greater(0).select(1, 0.1) }).verdict).toBe("wrong");
  });
});

describe("kinks", () => {
  test("left out are found, with the statement that mends it", () => {
    const report = check((x) => x.square().sub(1).abs());
    expect(report.verdict).toBe("wrong");
    expect(report.findings[0]).toMatch(/not smooth at -1 .*state \{ kinks: \[-1, 1\] \}/);
  });

  test("of the second derivative and jumps of the value count", () => {
    const second = check((x) => x.greater(0).select(x.square(), 0), { kinks: [] });
    expect(second.findings[0]).toMatch(/its second derivative is 0 below and 2 above/);
    expect(check((x) => x.greater(1).select(1, 0), { kinks: [] }).findings[0]).toMatch(
      /at 1.*its value is 0 below and 1/,
    );
  });

  test("declared where there is none are a note", () => {
    const report = check((x) => x.tanh(), { kinks: [1], range: [-1, 1] });
    expect(report.verdict).toBe("right");
    expect(report.notes.join()).toMatch(/declares a kink at 1, where it is smooth/);
  });

  test("at which the derivative is NaN, or outside both sides, are found", () => {
    expect(check((x) => x.abs().sqrt()).findings.join()).toMatch(/derivative at the kink 0 is NaN/);
    // A branch at the place itself has a slope of its own.
    const odd = check((x) => x.equal(0).select(x.mul(5), x.abs()));
    expect(odd.findings.join()).toMatch(/at the kink 0 is 5, beyond both sides': -1 below and 1 above/);
  });
});

describe("a range", () => {
  test("that is left is found, also by less than a grid would see", () => {
    expect(check((x) => x.tanh(), { range: [-1, 0.9] }).findings[0]).toMatch(
      /is 1, above its range \[-1, 0.9\]/,
    );
    expect(check((x) => x.mul(x.logistic()), { range: [-0.278464, Infinity] }).verdict).toBe("wrong");
    expect(check((x) => x.exp(), { range: [1e-200, Infinity] }).verdict).toBe("wrong");
  });

  test("that is wider than the values, or could be stated, is a note", () => {
    expect(check((x) => x.tanh(), { range: [-2, 1] }).notes.join()).toMatch(/comes no nearer to -2/);
    expect(check((x) => x.tanh()).notes.join()).toMatch(/never found below -1.*never found above 1/);
  });
});

test("a formula that overflows far out, where the function doesn't, is found", () => {
  const report = check((x) => x.mul(x.exp().add(2).log().tanh()));
  expect(report.findings[0]).toMatch(/its derivative at 1000 is NaN, though it was 1 at 709\.78/);
  expect(check((x) => x.exp().div(x.exp().add(2))).findings.join()).toMatch(/its value at 1000 is NaN/);
});

test("an atom with a wrong derivative is found, at the order where it is wrong", () => {
  const wrongSine = {
    name: "wrongSine",
    arity: 1,
    result: "same",
    operands: "float",
    value: Math.sin,
    partials: [(x: Expression) => x.cos().mul(1 + 1e-7)],
  } as never;
  const report = check((x) => Node.apply(wrongSine, [x]));
  expect(report.findings[0]).toMatch(/its derivative at .* by the rules and .* by differences/);
  const later = {
    name: "laterWrong",
    arity: 1,
    result: "same",
    operands: "float",
    value: Math.exp,
    // Right itself, but what it is made of differentiates wrongly.
    partials: [
      (x: Expression) =>
        Node.apply({ ...(wrongSine as object), name: "exp1", value: Math.exp } as never, [x]),
    ],
  } as never;
  expect(check((x) => Node.apply(later, [x])).findings[0]).toMatch(/its second derivative at/);
});

describe("a tensor rule that differs from the derivative is found in its mode alone:", () => {
  const modes: Record<string, [mode: string, other: string, (primitive: Primitive) => Partial<Primitive>]> = {
    forward: [
      "by forward mode on float64",
      "by reverse mode on float64",
      (rules) => ({
        pushforward: (...args) =>
          (rules as unknown as Rules)
            .pushforward(...(args as Parameters<Rules["pushforward"]>))
            ?.mul(1.001) ?? null,
      }),
    ],
    reverse: [
      "by reverse mode on float64",
      "by forward mode on float64",
      (rules) => ({
        pullback: (...args) =>
          (rules as unknown as Rules)
            .pullback(...(args.slice(0, 3) as unknown as Parameters<Rules["pullback"]>))
            .map((share) => share?.mul(1.001) ?? null),
      }),
    ],
  };
  test.each(Object.entries(modes))("%s", (_name, [mode, other, change]) => {
    const replace = (primitive: Primitive): Primitive =>
      primitive.name === "map" ? { ...primitive, ...change(primitive) } : primitive;
    const report = interpose({ replace }, () => check((x) => x.tanh(), { range: [-1, 1] }));
    expect(report.findings.some((finding) => finding.includes(mode))).toBe(true);
    expect(report.findings.some((finding) => finding.includes(other))).toBe(false);
  });
});

test("a NaN that is swallowed is a note", () => {
  expect(check((x) => x.greater(0).select(1, 0), { range: [0, 1] }).notes.join()).toMatch(/NaN gives 0/);
});

test("a handmade activation whose tensors do something else is found", () => {
  const tanh = activation("tanh", (x) => x.tanh(), { range: [-1, 1] });
  const lying = Object.defineProperties(
    (x: never) => (typeof x === "number" ? Math.tanh(x) * 1.0001 : tanh(x)),
    Object.getOwnPropertyDescriptors(tanh),
  ) as unknown as Activation;
  expect(checkActivation(lying).findings.join()).toMatch(/its value at .* in a float64 tensor/);
});

test("what is no activation is refused with a way out", () => {
  expect(() => checkActivation(Math.tanh as never)).toThrow(/make one, e\.g\. activation\("swish"/);
});

test("a correct custom activation is checked in under 200 ms", () => {
  check((x) => x.tanh());
  // The time this process works, the least of three: others on the machine don't count.
  const times = [1, 2, 3].map((beta) => {
    const start = process.cpuUsage();
    const report = check((x) => x.mul(x.mul(beta).softplus().tanh()));
    expect(report.verdict).toBe("right");
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(200);
});

test("waves that are shorter than all steps, on something far steeper, are neither wrong slopes nor kinks", () => {
  // Found by the property above: near −5 the power is 3e12 and its slope 4e13, so that a wave is some 200 floats long.
  const power = (x: Expression) => x.softplus().pow(x);
  const report = check((x) => power(x).add(power(x).cos()));
  expect(report.findings.filter((finding) => !isTrue(finding))).toEqual([]);
});
