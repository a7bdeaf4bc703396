import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activation } from "../../../packages/autograd/src/expression/activation.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { kinkConditions } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { Expression } from "../../../packages/autograd/src/expression/expression.ts";
import { text } from "../../../packages/autograd/src/expression/text.ts";
import { interpreter, toFunction } from "../../../packages/autograd/src/expression/to-function.ts";
import { uniform } from "../../support/arbitraries.ts";
import { agree, exactValue } from "../../support/exact-value.ts";
import { bounded } from "../../support/running-error.ts";
import { trials } from "../../support/runs.ts";

type E = Expression;
const c = Expression.constant;
const x = Expression.input(0);

const nth = (f: E, order: number): E => (order === 0 ? f : nth(differentiate(f), order - 1));

describe("ψ, the derivative in terms of the output,", () => {
  test.each([
    ["logistic", (x: E) => x.logistic(), "y·(1 − y)"],
    ["1/(1 + e⁻ˣ)", (x: E) => c(1).div(x.neg().exp().add(1)), "y·(1 − y)"],
    ["tanh", (x: E) => x.tanh(), "1 − y²"],
    ["exp", (x: E) => x.exp(), "y"],
    ["tan", (x: E) => x.tan(), "1 + y²"],
    ["reciprocal", (x: E) => x.reciprocal(), "−(y²)"],
    ["sqrt", (x: E) => x.sqrt(), "0.5/y"],
    ["a straight line", (x: E) => x.mul(3).add(1), "3"],
  ])("is found for %s", (name, statement, psi) => {
    const phi = activation(name, statement);
    expect(`${phi.psi}`).toBe(psi);
    for (const at of [0.25, 0.5, 1, 2]) {
      const { value, error } = bounded(nth(phi.expression, 1))([at]);
      // The output is rounded before ψ reads it, here as there; ψ itself rounds anew.
      expect(Math.abs(phi.psi!(phi(at)) - value)).toBeLessThanOrEqual(2 * error);
    }
  });

  test.each([
    ["swish", (x: E) => x.mul(x.logistic())],
    ["square", (x: E) => x.square()],
    ["softplus", (x: E) => x.softplus()],
    ["sin", (x: E) => x.sin()],
    ["relu", (x: E) => x.relu()],
  ])("is left out for %s, whose derivative as derived mentions the input", (name, statement) => {
    expect(activation(name, statement).psi).toBeUndefined();
  });

  test("is the stated one where one is stated", () => {
    const softplus = activation("softplus", (x) => x.softplus(), { psi: (y) => c(1).sub(y.neg().exp()) });
    expect(`${softplus.psi}`).toBe("1 − exp(−y)");
    for (const at of [-3, 0, 1, 30]) {
      // One subtraction from 1 and an exponential, of an output that is itself rounded: a few units of 2⁻⁵³.
      expect(Math.abs(softplus.psi!(softplus(at)) - toFunction(x.logistic(), 1)(at))).toBeLessThan(
        8 * 2 ** -53,
      );
    }
  });

  test("is itself a function of numbers and expressions, and says what it can't be applied to", () => {
    const { psi } = activation("tanh", (x) => x.tanh());
    expect(psi!(0.5)).toBe(0.75);
    expect(text(psi!(Expression.input(1)))).toBe("1 − y²");
    expect(() => psi!("0.5" as never)).toThrow(/tanh's ψ: can't be applied to .*string/);
  });

  test("that does not return an expression is refused", () => {
    expect(() => activation("odd", (x) => x.sin(), { psi: () => undefined as never })).toThrow(
      /odd's ψ: the statement returned undefined/,
    );
  });
});

describe("kinks", () => {
  test.each([
    ["relu", (x: E) => x.relu(), [0]],
    ["a shifted leaky relu", (x: E) => x.less(3).select(x.sub(3).mul(0.1), x.sub(3)), [3]],
    ["hard tanh", (x: E) => x.clip(c(-1), c(1)), [-1, 1]],
    ["hard logistic", (x: E) => x.mul(0.25).add(0.5).clip(c(0), c(1)), [-2, 2]],
    ["relu of a line with a quotient by a number, which has no pole", (x: E) => x.div(3).sub(1).relu(), [3]],
    ["abs of a line", (x: E) => x.mul(2).sub(5).abs(), [2.5]],
    ["maximum of two lines", (x: E) => x.maximum(c(1).sub(x)), [0.5]],
    ["a pole", (x: E) => x.add(4).reciprocal(), [-4]],
    ["elu", (x: E) => x.greater(0).select(x, x.expm1()), [0]],
    ["a relu of a parabola, which are not on a line", (x: E) => x.square().sub(2).relu(), []],
    ["tanh", (x: E) => x.tanh(), []],
    ["swish", (x: E) => x.mul(x.logistic()), []],
    // No straight line: there is a jump at every whole number, and one of them would be a lie about the rest.
    ["floor", (x: E) => x.floor(), []],
  ])("of %s are solved for", (name, statement, kinks) => {
    expect(activation(name, statement).kinks).toEqual(kinks);
  });

  test("that can't be solved for are the stated ones", () => {
    const bump = activation("bump", (x) => x.square().sub(2).relu(), { kinks: [-Math.SQRT2, Math.SQRT2] });
    expect(bump.kinks).toEqual([-Math.SQRT2, Math.SQRT2]);
  });

  test.each([
    ["relu", (x: E) => x.relu(), 0, 0],
    ["abs", (x: E) => x.abs(), 0, 0],
    ["the larger of x and 0", (x: E) => x.maximum(0), 0, 0.5],
    ["hard tanh, below", (x: E) => x.clip(c(-1), c(1)), -1, 1],
    ["hard tanh, above", (x: E) => x.clip(c(-1), c(1)), 1, 1],
    ["elu", (x: E) => x.greater(0).select(x, x.expm1()), 0, 1],
    ["√x²", (x: E) => x.abs().sqrt(), 4, 0.25],
  ])("have the derivative by convention: %s", (_, statement, at, derivative) => {
    expect(interpreter(differentiate(statement(x)))(at)).toBe(derivative);
  });

  test("NaN goes through relu and clip, so that a broken run shows", () => {
    expect(activation("relu", (x) => x.relu())(NaN)).toBeNaN();
    expect(activation("hard tanh", (x) => x.clip(c(-1), c(1)))(NaN)).toBeNaN();
  });
});

describe("an activation", () => {
  const swish = activation("swish", (x) => x.mul(x.logistic()), { range: [-0.2784645427610738, Infinity] });

  test("is called on a number and gives a number", () => {
    expect(swish(0)).toBe(0);
    expect(swish(-1000)).toBe(-0);
    expect(swish(1000)).toBe(1000);
  });

  test("is called on an expression and gives an expression, so that activations compose", () => {
    const twice = swish(swish(x));
    expect(twice).toBeInstanceOf(Expression);
    expect(toFunction(twice, 1)(0.7)).toBe(swish(swish(0.7)));
  });

  test("carries its name, its range and its derivative's text", () => {
    expect(swish.name).toBe("swish");
    expect(swish.range).toEqual([-0.2784645427610738, Infinity]);
    expect(swish.derivative).toBe("logistic(x) + x·logistic(x)·(1 − logistic(x))");
    expect(`${swish}`).toBe("swish(x) = x·logistic(x)");
    expect(activation("relu", (x) => x.relu()).derivative).toBe("select(x ≤ 0, 0, 1)");
    expect(activation("tanh", (x) => x.tanh()).derivative).toBe("1 − tanh(x)²");
    expect(activation("line", (x) => x).range).toEqual([-Infinity, Infinity]);
  });

  test("may be constant, or the element itself", () => {
    expect(activation("five", () => 5)(3)).toBe(5);
    expect(activation("five", () => 5).derivative).toBe("0");
    expect(activation("linear", (x) => x)(3)).toBe(3);
    expect(activation("linear", (x) => x).derivative).toBe("1");
  });

  test.each([
    [[1, 2], /swish: can't be applied to an array; give a number, a tensor.*swish\(tensor\(\[1, 2\]\)\)/],
    [null, /swish: can't be applied to null; give/],
    ["1", /swish: can't be applied to .*string; give/],
    [undefined, /swish: can't be applied to .*undefined; give/],
  ])("refuses %j, naming itself and what it takes", (argument, message) => {
    expect(() => swish(argument as never)).toThrow(TypeError);
    expect(() => swish(argument as never)).toThrow(message);
  });

  test.each([
    [
      undefined,
      /odd: the statement returned undefined; it must return an expression.*x\.mul\(x\.logistic\(\)\)/,
    ],
    ["x", /odd: the statement returned .*string; it must/],
    [{}, /odd: the statement returned .*object; it must/i],
  ])("whose statement returns %j is refused with an example of a right one", (result, message) => {
    expect(() => activation("odd", () => result as never)).toThrow(TypeError);
    expect(() => activation("odd", () => result as never)).toThrow(message);
  });
});

describe("third derivatives", () => {
  // Closed forms by hand, in the function's own value where that is shorter: y = φ(x), s = 1 − t², σ = logistic.
  const sigma = x.logistic();
  const sigma1 = sigma.mul(c(1).sub(sigma));
  const sigma2 = sigma1.mul(c(1).sub(sigma.mul(2)));
  const sigma3 = sigma1.mul(c(1).sub(sigma.mul(6)).add(sigma.square().mul(6)));

  /** tanh(u)‴ given u′, u″, u‴: (6t² − 2)·s·u′³ − 6·t·s·u′·u″ + s·u‴; and tanh(u)″ = −2·t·s·u′² + s·u″. */
  function tanhOf(u: E, u1: E, u2: E, u3: E): { second: E; third: E } {
    const t = u.tanh();
    const s = c(1).sub(t.square());
    const cubic = t.square().mul(6).sub(2).mul(s).mul(u1.mul(u1).mul(u1));
    return {
      second: t.mul(-2).mul(s).mul(u1.square()).add(s.mul(u2)),
      third: cubic.sub(t.mul(6).mul(s).mul(u1).mul(u2)).add(s.mul(u3)),
    };
  }

  // gelu by tanh: u = k·(x + q·x³).
  const [k, q] = [Math.sqrt(2 / Math.PI), 0.044715];
  const inner = x.add(x.mul(x).mul(x).mul(q)).mul(k);
  const gelu = tanhOf(
    inner,
    x
      .square()
      .mul(3 * q)
      .add(1)
      .mul(k),
    x.mul(6 * q * k),
    c(6 * q * k),
  );
  // mish: u = softplus(x).
  const mish = tanhOf(x.softplus(), sigma, sigma1, sigma2);
  // gelu by erf: e = erf(a·x), e′ = κ·a·exp(−a²x²), e″ = −2a²x·e′, e‴ = (4a⁴x² − 2a²)·e′.
  const a = Math.SQRT1_2;
  const e1 = x
    .mul(a)
    .square()
    .neg()
    .exp()
    .mul((2 / Math.sqrt(Math.PI)) * a);
  const e2 = e1.mul(x).mul(-2 * a * a);
  const e3 = e1.mul(
    x
      .square()
      .mul(4 * a ** 4)
      .sub(2 * a * a),
  );

  const closedForms: readonly (readonly [string, E, E])[] = [
    ["logistic", sigma, sigma3],
    ["tanh", x.tanh(), tanhOf(x, c(1), c(0), c(0)).third],
    ["softplus", x.softplus(), sigma2],
    ["swish", x.mul(sigma), sigma2.mul(3).add(x.mul(sigma3))],
    ["gelu by tanh", x.mul(0.5).mul(inner.tanh().add(1)), gelu.second.mul(3).add(x.mul(gelu.third)).mul(0.5)],
    ["gelu by erf", x.mul(0.5).mul(x.mul(a).erf().add(1)), e2.mul(3).add(x.mul(e3)).mul(0.5)],
    ["mish", x.mul(x.softplus().tanh()), mish.second.mul(3).add(x.mul(mish.third))],
    ["sin", x.sin(), x.cos().neg()],
    ["cos", x.cos(), x.sin()],
    ["exp", x.exp(), x.exp()],
    [
      "bell",
      x.square().neg().exp(),
      x
        .square()
        .neg()
        .exp()
        .mul(x.mul(12).sub(x.mul(x).mul(x).mul(8))),
    ],
    ["log(1 + x²)", x.square().log1p(), x.mul(4).mul(x.square().sub(3)).div(x.square().add(1).pow(3))],
    ["softsign, right of 0", x.div(x.add(1)), c(6).div(x.add(1).pow(4))],
  ];

  test.each(closedForms)("of %s is the closed form, to thirteen digits", (_, f, closed) => {
    const third = nth(f, 3);
    let seen = 0;
    const property = fc.property(uniform(-8, 8), (at) => {
      const [mine, theirs] = [exactValue(third, [at]), exactValue(closed, [at])];
      if (mine === undefined || theirs === undefined) return;
      seen++;
      // Constants that fold are rounded to 53 bits, a dozen of them at most: the last 5 bits of a float, and 3 to spare.
      expect(agree(mine, theirs, 45)).toBe(true);
    });
    fc.assert(property, trials(60));
    expect(seen).toBeGreaterThan(50);
  });

  test.each(closedForms)("of %s in float64 is the closed form, within rounding", (_, f, closed) => {
    const [mine, theirs] = [bounded(nth(f, 3)), bounded(closed)];
    fc.assert(
      fc.property(fc.oneof(uniform(-8, 8), fc.constantFrom(0, -0, 40, -40)), (at) => {
        const [a, b] = [mine([at]), theirs([at])];
        const room = a.error + b.error;
        if (Number.isFinite(room)) expect(Math.abs(a.value - b.value)).toBeLessThanOrEqual(room);
      }),
      trials(60),
    );
  });
});

describe("at ±40 and ±1000", () => {
  const logistic = x.logistic();
  const softplus = x.softplus();
  // As stated, and what is meant by it where that is another form.
  const forms: readonly (readonly [name: string, stated: E, meant?: E])[] = [
    ["1/(1 + e⁻ˣ)", c(1).div(c(1).add(x.neg().exp())), logistic],
    ["(1 + e⁻ˣ)⁻¹", c(1).add(x.neg().exp()).reciprocal(), logistic],
    ["eˣ/(1 + eˣ)", x.exp().div(x.exp().add(1)), logistic],
    ["log(1 + eˣ)", c(1).add(x.exp()).log(), softplus],
    ["log1p(eˣ)", x.exp().log1p(), softplus],
    ["swish by e⁻ˣ", x.div(c(1).add(x.neg().exp())), x.mul(logistic)],
    ["mish by log(1 + eˣ)", x.mul(c(1).add(x.exp()).log().tanh()), x.mul(softplus.tanh())],
    ["logistic", logistic],
    ["softplus", softplus],
    ["tanh", x.tanh()],
    ["erf", x.erf()],
    ["gelu by tanh", x.mul(0.5).mul(x.add(x.mul(x).mul(x).mul(0.044715)).mul(0.8).tanh().add(1))],
    ["logarithm of the logistic", x.neg().softplus().neg()],
  ];

  test.each(forms.map(([name, stated, meant = stated]) => [name, stated, meant] as const))(
    "%s and its derivatives to order three are the right finite numbers",
    (_, stated, meant) => {
      for (let order = 0; order <= 3; order++) {
        const f = activation("f", () => nth(stated, order));
        const { expression } = activation("g", () => nth(meant, order));
        for (const at of [-1000, -40, 40, 1000]) {
          const exact = exactValue(expression, [at])!.value.toNumber();
          expect(f(at), `order ${order} at ${at}`).toSatisfy(Number.isFinite);
          // ψ(y) = y(1 − y) reads an output that is rounded near 1, so what is left where the function is saturated
          // from above is an absolute error: the one that is carried along.
          const { error } = bounded(f.expression)([at]);
          // Where that is not known (gelu's inner derivative is 10⁵ at 1000) the tail must have come out as it is.
          const room = Number.isFinite(error) ? error : 0;
          expect(Math.abs(f(at) - exact), `order ${order} at ${at}`).toBeLessThanOrEqual(room);
        }
      }
    },
  );

  test("where a function is saturated from below its derivatives keep their relative precision", () => {
    // e⁻⁴⁰ = 4·10⁻¹⁸ is far below the rounding of 1, and yet these are right to a few units.
    for (const f of [logistic, softplus, x.mul(logistic), x.exp().div(x.exp().add(1))]) {
      for (let order = 0; order <= 3; order++) {
        const derivative = nth(f, order);
        const exact = exactValue(derivative, [-40])!.value.toNumber();
        // Nothing cancels; a dozen roundings of 2⁻⁵³ each.
        expect(Math.abs(interpreter(derivative)(-40) / exact - 1)).toBeLessThan(12 * 2 ** -53);
      }
    }
  });
});

test("the kinks of a quotient are where its denominator is 0, and not where its numerator is", () => {
  expect(activation("quotient", (x) => x.div(x.add(1))).kinks).toEqual([-1]);
  expect(activation("reciprocal", (x) => x.sub(2).reciprocal()).kinks).toEqual([2]);
  expect(activation("two poles", (x) => x.mul(x.sub(2).reciprocal()).div(x.add(3))).kinks).toEqual([-3, 2]);
  expect(activation("slope", (x) => x.sub(1).div(2)).kinks).toEqual([]);
});

test("floor's condition comes near 0 from both sides of every whole number, and nowhere else", () => {
  const conditions = kinkConditions(Expression.input(0).floor());
  expect(conditions).toHaveLength(1);
  const condition = toFunction(conditions[0]!, 1);
  for (const whole of [-3, 0, 1, 7]) {
    for (const x of [whole - 2 ** -20, whole, whole + 2 ** -20])
      expect(Math.abs(condition(x)), `${x}`).toBeLessThanOrEqual(2 ** -20);
    for (const part of [0.25, 0.5, 0.75])
      expect(Math.abs(condition(whole + part)), `${whole + part}`).toBeGreaterThanOrEqual(0.25);
  }
});
