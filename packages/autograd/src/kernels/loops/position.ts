// A position in a nest: the cursors and what has been computed there; and loops, which move the cursors. Where loops
// are written out, or several vectors go through inner loops together, a position has several copies, which differ by
// constants only.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { TypedLanes } from "./conversions.ts";
import type { Cursor, Pointers } from "./pointers.ts";
import type { Reducer } from "./reducers.ts";

/** One of the copies that a piece of code computes side by side. */
export interface Copy {
  readonly cursors: readonly Cursor[];
  /** What has been computed at this position, by node. */
  readonly values: (TypedLanes | undefined)[];
  /** By output. */
  readonly reducers: readonly (Reducer | undefined)[];
  /** A number that differs between copies along axes other than the vectors'. */
  readonly row: number;
}

export interface Position {
  readonly copies: readonly Copy[];
  /** How many lanes of each vector count. */
  readonly active: number;
}

/** The position some indices further along an axis; its steps must be known unless the position is the same. */
export function moved(pointers: Pointers, position: Position, axis: number, by: number): Position {
  const copies = position.copies.map((copy) => ({
    ...copy,
    cursors: pointers.shifted(copy.cursors, axis, by),
  }));
  return { ...position, copies };
}

/**
 * Writes a loop whose rounds advance by some indices of an axis, and returns the position after it. A count that is a
 * local may be 0.
 */
export function repeat(
  code: FunctionWriter,
  pointers: Pointers,
  count: number | { readonly local: Local },
  axis: number,
  by: number,
  position: Position,
  body: (inside: Position) => void,
): Position {
  if (count === 0) return position;
  if (count === 1 && pointers.isConstant(axis)) {
    body(position);
    return moved(pointers, position, axis, by);
  }
  const moving = movingLocals(code, pointers, axis, position);
  const copies = position.copies.map((copy) => ({
    ...copy,
    cursors: copy.cursors.map(({ local, delta }, g) => ({
      local: moving[g]?.local ?? local,
      delta: delta - (moving[g]?.taken ?? 0),
    })),
  }));
  const left = code.local(Type.i32);
  const rounds = () =>
    code.loop(() => {
      body({ ...position, copies });
      pointers.groups.forEach(({ steps }, g) => {
        if (moving[g] === undefined) return;
        code.get(moving[g].local);
        pointers.pushStep(steps[axis]!, by);
        code.emit(I.i32_add).set(moving[g].local);
      });
      code.get(left).i32(1).emit(I.i32_sub).tee(left).branchIf(0);
    });
  if (typeof count === "number") {
    code.i32(count).set(left);
    rounds();
  } else {
    code.get(count.local).tee(left).if(rounds);
  }
  return { ...position, copies };
}

/** Locals for what a loop moves, set where it begins. Each loop has its own, since outer loops need theirs again. */
function movingLocals(
  code: FunctionWriter,
  pointers: Pointers,
  axis: number,
  { copies: [first] }: Position,
): ({ readonly local: Local; readonly taken: number } | undefined)[] {
  return pointers.groups.map(({ steps }, g) => {
    if (steps[axis] === 0) return undefined;
    const { local: from, delta } = first!.cursors[g]!;
    // Constants stay in the instructions, unless the position would be negative without them.
    const goesBack = steps.some((step) => typeof step !== "number" || step < 0);
    const taken = from === undefined && goesBack ? delta : 0;
    if (from === undefined) code.i32(taken);
    else code.get(from);
    const local = code.local(Type.i32);
    code.set(local);
    return { local, taken };
  });
}
