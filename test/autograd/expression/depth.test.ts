import { describe, expect, test } from "vitest";
import { activation } from "../../../packages/autograd/src/expression/activation.ts";
import { differentiate, differentiateIn } from "../../../packages/autograd/src/expression/differentiate.ts";
import { ElementwiseFunction } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import {
  arityOf,
  Expression,
  inOrder,
  inputs,
  size,
  substitute,
} from "../../../packages/autograd/src/expression/expression.ts";
import { Builder, simplify } from "../../../packages/autograd/src/expression/simplify.ts";
import { text } from "../../../packages/autograd/src/expression/text.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { runs } from "../../support/runs.ts";

const c = Expression.constant;
const [x, y] = inputs(2) as [Expression, Expression];

function chain(length: number, link: (e: Expression, i: number) => Expression): Expression {
  let e = x;
  for (let i = 0; i < length; i++) e = link(e, i);
  return e;
}

class CountingBuilder extends Builder {
  applications = 0;
  override apply(...call: Parameters<Builder["apply"]>): Expression {
    this.applications++;
    return super.apply(...call);
  }
}

describe("depth is free", () => {
  test("the derivative of a chain has size proportional to its length, to order three", () => {
    const sizes = [50, 100, 200].map((length) => {
      let derivative = chain(length, (e) => e.sin());
      return [1, 2, 3].map(() => size((derivative = differentiate(derivative))));
    });
    // Twice the chain, at most twice the nodes and what does not depend on length.
    for (let order = 0; order < 3; order++) {
      expect(sizes[1]![order]! / sizes[0]![order]!).toBeLessThan(2.1);
      expect(sizes[2]![order]! / sizes[1]![order]!).toBeLessThan(2.1);
    }
  });

  // More than the leanest recursion gets to on Node's stack.
  const LENGTH = 12_000;
  const links: Readonly<Record<string, (e: Expression, i: number) => Expression>> = {
    "sines and sums": (e, i) => (i % 2 === 0 ? e.sin() : e.add(x)),
    "sums on the other side": (e) => x.add(e),
    choices: (e, i) => x.less(i % 7).select(e.mul(0.5), x),
    rectifiers: (e) => e.relu(),
    products: (e) => e.mul(1.00001).mul(x),
    maxima: (e, i) => e.maximum(x.sub(i % 5)),
    cosines: (e) => e.cos(),
    differences: (e, i) => (i % 2 === 0 ? e.sub(x) : x.sub(e)),
    quotients: (e) => c(1).div(e.add(2)),
    squares: (e) => e.square().mul(0.5),
    signs: (e) => e.neg(),
  };

  // The first of them take the ways through the code that differ most; the others go the same ways, in deep runs.
  test.each([
    ["sines and sums", 25_000],
    ...Object.keys(links)
      .slice(1, runs(5, Infinity))
      .map((name) => [name, LENGTH] as const),
  ] as const)(
    "a chain of %s, %i long, is ordered, simplified, differentiated and interpreted",
    (name, length) => {
      const e = chain(length, links[name]!);
      expect(inOrder(e).length).toBeGreaterThan(length);
      expect(arityOf(e)).toBe(1);
      const simple = simplify(e);
      const derivative = differentiate(simple);
      expect(interpreter(simple)(0.5)).toBeTypeOf("number");
      expect(interpreter(derivative)(0.5)).toBeTypeOf("number");
      expect(substitute(e, [y])).toBeInstanceOf(Expression);
    },
  );

  test("two chains of choices by the same conditions are added", () => {
    // Each pair of choices becomes one, whose branches are sums of choices again.
    const choices = (other: Expression) => chain(LENGTH, (e, i) => x.less(i).select(e, other));
    const total = interpreter(simplify(choices(x.mul(2)).add(choices(x.mul(3)))));
    // Below 0 every condition holds, down to the beginning; above all numbers the outermost does not.
    expect([total(-2), total(LENGTH)]).toEqual([-4, 5 * LENGTH]);
  });

  test("deriving a chain of rectifiers between other links takes time in proportion to its length", () => {
    // Counted in applications, which cost the same each: the products of one link must not be made anew in the next.
    const made = [250, 500, 1000].map((length) => {
      const build = new CountingBuilder();
      differentiateIn(
        build,
        chain(length, (e) => e.relu().sin()),
        0,
      );
      return build.applications;
    });
    expect(made[1]! / made[0]!).toBeLessThan(2.1);
    expect(made[2]! / made[1]!).toBeLessThan(2.1);
  });

  test.each(["rectifiers", "choices", "maxima"])("the cotangent of a deep chain of %s is derived", (name) => {
    const fn = new ElementwiseFunction("deep", 1, chain(LENGTH / 2, links[name]!));
    const { fn: pullback, operands } = fn.pullback(0)!;
    const at = operands.map(({ from }) => (from === "tangent" ? 1 : 0.5));
    expect(interpreter(pullback!.expression)(...at)).toBe(interpreter(differentiate(fn.expression))(0.5));
  });

  test("a deep chain is printed", () => {
    expect(text(chain(LENGTH, (e) => e.sin()))).toHaveLength("sin()".length * LENGTH + 1);
    expect(text(chain(LENGTH, (e) => e.add(y)))).toHaveLength(" + y".length * LENGTH + 1);
    expect(text(chain(LENGTH, (e) => y.sub(e)))).toHaveLength("y − ()".length * LENGTH - 1);
  });

  test("what is shared a hundred times over is printed without writing it out", () => {
    const doubled = chain(100, (e) => e.mul(e.sin()));
    expect(text(doubled).length).toBeLessThan(10_000);
    expect(() => activation("deep rectifier", (x) => chain(100, () => x.relu()).add(doubled))).not.toThrow();
  });
});
