// What is done place after place along an axis: one loop of the text, or, unrolled, the places one after another.

import type { Context } from "../context.ts";
import type { Operand } from "../operand.ts";
import type { Shape } from "../types.ts";

/** A loop along places. */
export interface Along {
  readonly length: number;
  /** The axis of what is scanned, and of the results. */
  readonly axis: number;
  /** Whether the last place comes first. */
  readonly reverse: boolean;
}

/** The parts of results that a place makes. Shapes have no axis for the places. */
export type Part = Pick<Operand, "type" | "shape">;

/** What a place is given and gives. Parts have size 1 along the axis. */
export type AtPlace = (
  carried: readonly Operand[],
  parts: readonly Operand[],
) => { readonly carried: readonly Operand[]; readonly parts: readonly Operand[] };

interface Made {
  readonly carried: readonly Operand[];
  readonly results: readonly Operand[];
}

/** What is carried in the end, and the parts of all places beside each other. `parts` are the shapes of a place's. */
export function alongPlaces(
  { emit, settings }: Pick<Context, "emit" | "settings">,
  along: Along,
  start: readonly Operand[],
  scanned: readonly Operand[],
  parts: readonly Part[],
  at: AtPlace,
): Made {
  const { length, axis, reverse } = along;
  const wholes = parts.map(({ type, shape }) => ({ type, shape: shape.with(axis, length) }));
  if (length === 0 || (wholes.some(({ shape }) => shape.includes(0)) && start.length === 0))
    return { carried: start, results: wholes.map(({ type, shape }) => emit.constant(0, type, shape)) };
  if (settings.loops === "unroll" || length === 1) {
    const found: Operand[][] = parts.map(() => []);
    let carried = start;
    for (let i = 0; i < length; i++) {
      const place = reverse ? length - 1 - i : i;
      const slices = scanned.map((x) => partOf(emit, x, axis, place));
      const made = at(carried, slices);
      carried = made.carried;
      made.parts.forEach((part, k) => {
        found[k]![place] = part;
      });
    }
    return { carried, results: found.map((each) => emit.concatenate(each, axis)) };
  }
  const zero = emit.constant(0, "i32", []);
  const empty = wholes.map(({ type, shape }) => emit.constant(0, type, shape));
  const end = emit.loop(
    [zero, ...start, ...empty],
    ([i]) => emit.compare("LT", i!, emit.constant(length, "i32", [])),
    ([i, ...state]) => {
      const place = reverse ? emit.binary("subtract", emit.constant(length - 1, "i32", []), i!) : i!;
      const slices = scanned.map((x) => emit.partAt(x, place, axis));
      const made = at(state.slice(0, start.length), slices);
      const wholesNow = state.slice(start.length);
      return [
        emit.binary("add", i!, emit.constant(1, "i32", [])),
        ...made.carried,
        ...made.parts.map((part, k) => emit.withPartAt(wholesNow[k]!, part, place, axis)),
      ];
    },
  );
  return { carried: end.slice(1, 1 + start.length), results: end.slice(1 + start.length) };
}

function partOf(emit: Context["emit"], x: Operand, axis: number, place: number): Operand {
  const starts: Shape = x.shape.map((_, i) => (i === axis ? place : 0));
  return emit.slice(x, starts, x.shape.with(axis, 1));
}
