// Sets of watchers, and tapes as the order they give.

import { grad, type Tensor, variable } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tape as tapeOfValues } from "../../../packages/autograd/src/tape/tape.ts";
import {
  hasOpen,
  includes,
  openTraces,
  Trace,
  type TraceSet,
  union,
  without,
} from "../../../packages/autograd/src/tape/trace.ts";
import { trials } from "../../support/runs.ts";
import { Dice, seeds, tensorOf } from "../../support/tensors.ts";

const listed = (set: TraceSet | null): Trace[] => (set === null ? [] : [set.trace, ...listed(set.rest)]);

/** A set of some traces, newest first, as tensors carry them. */
const setOf = (traces: readonly Trace[]): TraceSet | null =>
  [...traces].sort((a, b) => a.id - b.id).reduce<TraceSet | null>((rest, trace) => ({ trace, rest }), null);

const subsets = fc.record({
  all: fc.constant(null).map(() => Array.from({ length: 5 }, () => new Trace())),
  a: fc.subarray([0, 1, 2, 3, 4]),
  b: fc.subarray([0, 1, 2, 3, 4]),
  closed: fc.subarray([0, 1, 2, 3, 4]),
});

test("a trace that is closed stays so after a part that ran without it, and one that is open stays that", () => {
  const trace = new Trace();
  trace.without(() => {
    trace.without(() => expect(trace.open).toBe(false));
    expect(trace.open).toBe(false);
  });
  expect(trace.open).toBe(true);
  expect(() =>
    trace.without(() => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(trace.open).toBe(true);
  trace.open = false;
  trace.without(() => {});
  expect(trace.open).toBe(false);
});

describe("a set of traces", () => {
  test("joined with another holds every open trace of either, newest first, once", () => {
    fc.assert(
      fc.property(subsets, ({ all, a, b, closed }) => {
        const [left, right] = [a, b].map((indices) => setOf(indices.map((i) => all[i]!)));
        for (const i of closed) all[i]!.open = false;
        const expected = [4, 3, 2, 1, 0].filter(
          (i) => (a.includes(i) || b.includes(i)) && !closed.includes(i),
        );
        expect(listed(union(left!, right!)).map((trace) => all.indexOf(trace))).toEqual(expected);
        expect(listed(openTraces(left!)).map((trace) => all.indexOf(trace))).toEqual(
          [4, 3, 2, 1, 0].filter((i) => a.includes(i) && !closed.includes(i)),
        );
        for (const [i, trace] of all.entries()) {
          expect(includes(left!, trace)).toBe(a.includes(i));
          expect(listed(without(left!, trace)).map((each) => all.indexOf(each))).toEqual(
            [4, 3, 2, 1, 0].filter((k) => k !== i && a.includes(k)),
          );
          expect(hasOpen(left!, trace)).toBe(a.some((k) => k !== i && !closed.includes(k)));
        }
        expect(hasOpen(left!)).toBe(a.some((i) => !closed.includes(i)));
      }),
      trials(200),
    );
  });

  test("joined with itself or a part of it is itself, so that long chains share one", () => {
    const [outer, inner] = [new Trace(), new Trace()];
    const both = setOf([outer, inner]);
    expect(union(both, both)).toBe(both);
    expect(union(both, null)).toBe(both);
    expect(union(null, both)).toBe(both);
    expect(union(both, setOf([outer]))).toBe(both);
    expect(union(setOf([outer]), both)).toBe(both);
  });
});

describe("a trace", () => {
  test("is closed while a function runs without it, and as it was before afterwards, also where it throws", () => {
    const trace = new Trace();
    expect(trace.without(() => trace.open)).toBe(false);
    expect(trace.open).toBe(true);
    expect(() =>
      trace.without(() => {
        throw new Error("accident");
      }),
    ).toThrow("accident");
    expect(trace.open).toBe(true);
  });

  test("is open while its function runs, and closed for good afterwards, also where it throws", () => {
    const trace = new Trace();
    expect(trace.during(() => trace.open)).toBe(true);
    expect(trace.open).toBe(false);
    const other = new Trace();
    expect(() =>
      other.during(() => {
        throw new Error("accident");
      }),
    ).toThrow("accident");
    expect(other.open).toBe(false);
  });
});

describe("a tape laid out", () => {
  /** Random sums of a variable's descendants. */
  function program(seed: number): Tensor[] {
    const dice = new Dice(seed);
    const made: Tensor[] = [variable(tensorOf([1], [])).value as Tensor, tensorOf([2], [])];
    for (let i = 0; i < 20; i++)
      made.push(made[dice.below(made.length)]!.add(made[dice.below(made.length)]!) as Tensor);
    return made;
  }

  test("holds everything that led to its outputs once, every step after its inputs", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = program(seed);
        const tape = tapeOfValues(made.slice(-2));
        expect(new Set(tape).size).toBe(tape.length);
        tape.forEach((tensor, i) => {
          for (const input of tensor.step?.inputs ?? []) {
            expect(tape.indexOf(input)).toBeGreaterThanOrEqual(0);
            expect(tape.indexOf(input)).toBeLessThan(i);
          }
        });
        expect(tape).toContain(made.at(-1));
      }),
      trials(50),
    );
  });

  test("for a trace holds only what depends on it", () => {
    grad((x: Tensor) => {
      const [constant, moving] = [tensorOf([2], []).exp(), x.exp()];
      const y = constant.mul(moving) as Tensor;
      const { trace } = x.traces!;
      expect(tapeOfValues([y], trace)).toEqual([x, moving, y]);
      return y;
    })(tensorOf([1], []));
  });
});
