// Long programs, as recurrent networks unrolled over time are: what it costs to make them, and that their plans are the
// ones that plain searches find.

import { compile, grad, type Tensor, tensor, zeros } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cluster, waitsFor } from "../../../packages/autograd/src/compile/cluster.ts";
import { Occupancy } from "../../../packages/autograd/src/compile/occupancy.ts";
import { bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";
import { difference, flat } from "./uncertainty.ts";

const WIDTH = 4;
const BATCH = 2;
const wave = (rows: number, columns: number, phase: number) =>
  tensor(
    Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i + phase) / 2),
    { shape: [rows, columns], dtype: "float64" },
  ) as Tensor;

interface Weights {
  readonly input: Tensor;
  readonly state: Tensor;
  readonly bias: Tensor;
}

const weights: Weights = {
  input: wave(WIDTH, 4 * WIDTH, 1),
  state: wave(WIDTH, 4 * WIDTH, 6),
  bias: wave(1, 4 * WIDTH, 8),
};
const start = () => zeros([BATCH, WIDTH], { dtype: "float64" }) as Tensor;

/** One step of long short-term memory: the four gates in one product. */
function lstm({ input, state, bias }: Weights, x: Tensor, [h, c]: [Tensor, Tensor]): [Tensor, Tensor] {
  const gates = x
    .matmul(input as never)
    .add(h.matmul(state as never) as Tensor)
    .add(bias);
  const gate = (i: number) => gates.slice(null, [i * WIDTH, (i + 1) * WIDTH]) as Tensor;
  const kept = gate(1).logistic().mul(c);
  const next = kept.add(gate(0).logistic().mul(gate(2).tanh())) as Tensor;
  return [gate(3).logistic().mul(next.tanh()) as Tensor, next];
}

/** A plain recurrent cell, with a loss of every step. */
function plain({ state, bias }: Weights, x: Tensor, [h, loss]: [Tensor, Tensor]): [Tensor, Tensor] {
  const from = state.slice(null, [0, WIDTH]) as Tensor;
  const next = x
    .add(h.matmul(from as never) as Tensor)
    .add(bias.slice(null, [0, WIDTH]) as Tensor)
    .tanh() as Tensor;
  return [next, loss.add(next.square()) as Tensor];
}

/** A chain of functions, each of which reads the weights again: everything waits for what is before it. */
function chain({ bias }: Weights, x: Tensor, [h, c]: [Tensor, Tensor]): [Tensor, Tensor] {
  const total = h.mul(x).sum({ axis: 1, keepDims: true }) as Tensor;
  return [h.add(total).sin() as Tensor, c.add(total.mul(bias.sum() as Tensor)) as Tensor];
}

const cells = { lstm, plain, chain };

function unrolled(cell: (typeof cells)[keyof typeof cells], steps: number) {
  const inputs = Array.from({ length: steps }, (_, t) => wave(BATCH, WIDTH, t));
  const loss = (from: Weights, xs: readonly Tensor[]) => {
    let state: [Tensor, Tensor] = [start(), start()];
    for (const x of xs) state = cell(from, x, state);
    return state[0].square().sum().add(state[1].sum());
  };
  return {
    f: grad(loss as never, { allowUnused: true }) as never as (
      from: Weights,
      xs: readonly Tensor[],
    ) => Weights,
    inputs,
  };
}

/**
 * How many elements of sets are gone through. What waits for what is kept in sets, so searches among the parts of a program
 * show here, whatever the machine does meanwhile.
 */
function elementsVisited(run: () => void): number {
  const own = Set.prototype[Symbol.iterator];
  let visited = 0;
  Set.prototype[Symbol.iterator] = function* counted<T>(this: Set<T>) {
    for (const element of { [Symbol.iterator]: () => own.call(this) as SetIterator<T> }) {
      visited++;
      yield element;
    }
    return undefined;
  } as typeof own;
  try {
    run();
  } finally {
    Set.prototype[Symbol.iterator] = own;
  }
  return visited;
}

describe.skipIf(bestBuild() === "none")("what making a program costs", () => {
  test.each(Object.entries(cells))(
    "four times as many steps of the cell %s are about four times the work",
    (_, cell) => {
      const visited = (steps: number) => {
        const { f, inputs } = unrolled(cell, steps);
        return elementsVisited(() => compile(f).program(weights, inputs));
      };
      const [few, many] = [visited(60), visited(240)];
      expect(few).toBeGreaterThan(1000);
      // Beside what each step costs there is only what a program costs anyhow. Comparing each with each would be near 16.
      expect(many / few).toBeLessThan(4.1);
    },
  );
});

describe("long programs compute what eager code computes", () => {
  test.each(Object.entries(cells))("the gradient of 40 steps of the cell %s", (_, cell) => {
    const { f, inputs } = unrolled(cell, 40);
    const numbers = ({ input, state, bias }: Weights) => flat([input, state, bias]);
    const compute = () => numbers(f(weights, inputs));
    expect(difference(numbers(compile(f)(weights, inputs)), compute, "float64")).toBeNull();
  });
});

/** Clusters that wait for some before them, and joins of two that don't wait for each other. */
const orders = fc.record({
  needs: fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 3 }), { minLength: 2, maxLength: 30 }),
  late: fc.array(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 29 })), { maxLength: 20 }),
  joins: fc.array(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 29 })), { maxLength: 10 }),
});

test("a cluster waits for those, and only those, that a search without depths finds", () => {
  fc.assert(
    fc.property(orders, ({ needs, late, joins }) => {
      const reaches = (from: Cluster, to: Cluster): boolean =>
        from === to || [...from.needs].some((need) => reaches(need, to));
      let clusters: Cluster[] = [];
      for (const before of needs) {
        const cluster = new Cluster([1]);
        const there = clusters;
        if (there.length > 0) cluster.waitForAll(before.map((i) => there[i % there.length]!));
        clusters.push(cluster);
      }
      const at = (i: number) => clusters[i % clusters.length]!;
      const check = () => {
        for (const a of clusters) for (const b of clusters) expect(waitsFor(a, b)).toBe(reaches(a, b));
      };
      check();
      for (const [i, j] of late) if (!reaches(at(j), at(i))) at(i).waitForAll([at(j)]);
      check();
      for (const [i, j] of joins) {
        const [into, other] = [at(i), at(j)];
        if (reaches(into, other) || reaches(other, into)) continue;
        into.absorb(other);
        clusters = clusters.filter((cluster) => cluster !== other);
        for (const cluster of clusters) expect(cluster.needs.has(other)).toBe(false);
      }
      check();
    }),
    trials(100, 2000),
  );
});

test("clusters that would wait for each other are refused", () => {
  const [a, b, c] = [new Cluster([1]), new Cluster([1]), new Cluster([1])];
  b.waitForAll([a]);
  c.waitForAll([b]);
  expect(() => a.waitForAll([c])).toThrow("wait for each other");
});

test("the lowest free place is the one that a search through all parts finds", () => {
  const steps = 12;
  const span = fc.tuple(fc.nat({ max: steps }), fc.nat({ max: steps }));
  const wish = fc.record({ bytes: fc.integer({ min: 1, max: 9 }), span });
  const wishes = fc.array(wish, { maxLength: 60 });
  // Parts of one size one after another tell where the search for the next may begin.
  const bySize = wishes.map((all) => all.toSorted((a, b) => (b.bytes >> 2) - (a.bytes >> 2)));
  const alike = bySize.map((all) => all.map(({ bytes, span }) => ({ bytes: 1 + (bytes >> 2), span })));
  fc.assert(
    fc.property(fc.oneof(wishes, alike), (wishes) => {
      const occupancy = new Occupancy(steps);
      const placed: { offset: number; bytes: number; from: number; to: number }[] = [];
      for (const { bytes, span } of wishes) {
        const [from, to] = [Math.min(...span), Math.max(...span)];
        const beside = placed.filter((part) => part.from <= to && from <= part.to);
        const isFree = (offset: number) =>
          beside.every((part) => offset + bytes <= part.offset || part.offset + part.bytes <= offset);
        const offset = [0, ...beside.map((part) => part.offset + part.bytes)]
          .sort((a, b) => a - b)
          .find(isFree)!;
        expect(occupancy.place(bytes, from, to)).toBe(offset);
        placed.push({ offset, bytes, from, to });
      }
    }),
    trials(300, 5000),
  );
});
