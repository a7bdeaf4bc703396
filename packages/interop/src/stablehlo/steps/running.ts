// Running sums, products and maxima along an axis, and the recurrence of their derivatives.

import type { StepTable } from "@adjoint/autograd";
import { Elements, type NumberType } from "../atoms/elements.ts";
import { gate } from "../atoms/exponential.ts";
import type { Context, Results } from "../context.ts";
import type { Operand } from "../operand.ts";
import { alongPlaces } from "./places.ts";

type Entries = Pick<StepTable<Results>, "cummax" | "cumprod" | "cumsum" | "recurrence">;

export function running(context: Context): Entries {
  const { emit, of } = context;

  /** By steps of 1, 2, 4, … places: for what may be combined in any order. */
  function doubled(
    x: Operand,
    { axis, reverse }: { readonly axis: number; readonly reverse: boolean },
    combine: (earlier: Operand, later: Operand) => Operand,
    start: number,
  ): Operand {
    const n = x.shape[axis]!;
    const along = (size: number) => x.shape.map((_, i) => (i === axis ? size : 0));
    const none = along(0);
    let y = x;
    for (let step = 1; step < n; step *= 2) {
      const kept = emit.slice(y, along(reverse ? step : 0), x.shape.with(axis, n - step));
      const before = reverse
        ? emit.pad(kept, none, along(step), none, start)
        : emit.pad(kept, along(step), none, none, start);
      y = combine(before, y);
    }
    return y;
  }

  /** In float64, where Adjoint keeps what runs, and rounded to the type at each place. */
  const wide = (x: Operand) => (x.type === "f32" ? emit.convert(x, "f64") : x);

  /** Place after place, from the start or from the end. */
  function inTurn(
    operands: readonly Operand[],
    { axis, reverse }: { readonly axis: number; readonly reverse: boolean },
    start: number,
    next: (before: Operand, ...elements: Operand[]) => Operand,
  ): Operand {
    const [first] = operands as [Operand];
    const part = { type: first.type, shape: first.shape.with(axis, 1) };
    const begin = emit.constant(start, first.type, part.shape);
    const along = { length: first.shape[axis]!, axis, reverse };
    const { results } = alongPlaces(context, along, [begin], operands, [part], ([before], elements) => {
      const made = next(before!, ...elements);
      return { carried: [made], parts: [made] };
    });
    return results[0]!;
  }

  return {
    cumsum({ inputs: [x], attributes: { axis, reverse } }) {
      const given = of(x!);
      const sums = doubled(wide(given), { axis, reverse }, (a, b) => emit.binary("add", a, b), 0);
      return [emit.convert(sums, given.type)];
    },
    cumprod({ inputs: [x], attributes: { axis } }) {
      const given = of(x!);
      const products = inTurn([wide(given)], { axis, reverse: false }, 1, (before, element) =>
        emit.binary("multiply", before, element),
      );
      return [emit.convert(products, given.type)];
    },
    cummax({ inputs: [value], attributes: { axis } }) {
      const given = of(value!);
      const x = given.type === "i1" ? emit.convert(given, "i32") : given;
      const least = x.type === "i32" ? -(2 ** 31) : -Infinity;
      const most = doubled(x, { axis, reverse: false }, (a, b) => emit.binary("maximum", a, b), least);
      if (given.type !== "i1") return [most];
      return [emit.compare("NE", most, emit.like(0, most))];
    },
    recurrence({ inputs: [factors, summands], attributes: { axis, reverse } }) {
      const [a, b] = [of(factors!), of(summands!)];
      const n = a.shape[axis]!;
      if (n === 0) return [b];
      // The factor between two places belongs to the later one in the array, whichever way the recurrence runs.
      const along = (size: number) => a.shape.map((_, i) => (i === axis ? size : 0));
      const moved = () =>
        emit.pad(emit.slice(a, along(1), a.shape.with(axis, n - 1)), along(0), along(1), along(0), 0);
      const factor = reverse ? moved() : a;
      const e = new Elements(emit, wide(a).type as NumberType);
      const sums = inTurn([wide(factor), wide(b)], { axis, reverse }, 0, (before, own, element) =>
        emit.binary("add", gate(e, before, own), element),
      );
      return [emit.convert(sums, b.type)];
    },
  };
}
