import { describe, expect, test } from "vitest";
import { activation } from "../../../packages/autograd/src/expression/activation.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { Expression } from "../../../packages/autograd/src/expression/expression.ts";
import { simplify } from "../../../packages/autograd/src/expression/simplify.ts";

/** The bytes that are reachable. */
function heapUsed(): number {
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

/**
 * How much the heap grows over ten equal rounds, after five that fill caches and make V8 compile: the least of three such
 * tens where the first is not flat. A leak grows with every ten. What V8 compiles and the test runner records comes once,
 * but it can come late on a busy machine.
 */
function growth(round: (n: number) => void): number {
  let n = 0;
  const run = (rounds: number) => {
    for (const end = n + rounds; n < end; n++) round(n);
    return heapUsed();
  };
  let before = run(5);
  let least = Infinity;
  for (let tens = 0; tens < 3 && least >= FLAT; tens++) {
    const after = run(10);
    least = Math.min(least, after - before);
    before = after;
  }
  return least;
}

// What is not theirs: code that V8 compiles in the meantime, the test runner's own records. A leak of one object of
// 50 bytes for each expression or each derivative would be a million bytes or more.
const FLAT = 500_000;

describe("the heap stays flat", () => {
  const x = Expression.input(0);

  test("while a million expressions are built and simplified", () => {
    const grown = growth((n) => {
      for (let i = 0; i < 10_000; i++) {
        // Ten nodes, a new constant each time: 100 000 expressions a round.
        simplify(
          x
            .mul(n * 10_000 + i)
            .add(1)
            .tanh()
            .mul(x.logistic())
            .add(x.square())
            .exp(),
        );
      }
    });
    expect(grown).toBeLessThan(FLAT);
  });

  test("while 20 000 derivatives are built", () => {
    const grown = growth((n) => {
      for (let i = 0; i < 2_000; i++)
        differentiate(
          x
            .mul(n * 2_000 + i + 0.5)
            .logistic()
            .mul(x),
        );
    });
    expect(grown).toBeLessThan(FLAT);
  });

  test("while 2000 activations, of a kilobyte or more each, are made, called, and differentiated in both modes", () => {
    const grown = growth((n) => {
      for (let i = 0; i < 200; i++) {
        const f = activation("f", (x) =>
          x
            .mul(n * 200 + i + 0.5)
            .logistic()
            .mul(x),
        );
        f.function.pullback(0);
        f.function.pushforward([0]);
        f(0.5);
      }
    });
    expect(grown).toBeLessThan(FLAT);
  });
});
