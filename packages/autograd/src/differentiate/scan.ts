// scan: a loop whose state is carried from place to place along an axis.

import { checkFunction, checkOptions, isAsync, kindOf } from "../array/arguments.ts";
import { CompileError, ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import { partAt } from "../batch/for-many.ts";
import { joined, rangeAlong, reshaped, stacked } from "../primitives/moving.ts";
import { closed, forgetting } from "../program/closed.ts";
import { placesOf } from "../program/places.ts";
import { Recording, unknownArray } from "../program/recording.ts";
import { scanned } from "../program/scan.ts";
import { innermost } from "../tape/interpreter.ts";
import type { Value } from "../tape/value.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import { checkpoint } from "./checkpoint.ts";
import type { Tree } from "./tree.ts";
import { checkCarry, type ValueTree, valuesIn } from "./value-trees.ts";
import type { BatchOf } from "./vmap.ts";

/** A tree of the same form, whose tensors lack their first axis. */
export type PartOf<T> = [Tree] extends [T]
  ? Tree
  : T extends Tensor<infer S>
    ? S extends readonly [number, ...infer Rest extends readonly number[]]
      ? Tensor<Rest>
      : Tensor
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, PartOf<V>>
      : T extends null
        ? null
        : { -readonly [K in keyof T]: PartOf<T[K]> };

/** A tree of the same form, of whose tensors no shapes are known. */
export type LooseTree<T> = T extends Tensor
  ? Tensor
  : T extends ReadonlyMap<infer K, infer V>
    ? ReadonlyMap<K, LooseTree<V>>
    : T extends null
      ? null
      : { readonly [K in keyof T]: LooseTree<T[K]> };

/** The options of `scan`. */
export interface ScanOptions {
  /**
   * Whether the loop goes from the last index to the first. The results keep the indices of what they were made from.
   */
  readonly reverse?: boolean;
  /** How many times, where nothing is scanned (`xs` is null). */
  readonly length?: number;
  /**
   * For reverse mode, with the number k: keep the carry of every k-th step alone, and compute what is between once more on the
   * way back; of the steps with which the way back begins, all is kept. About the root of the length takes the least memory.
   */
  readonly checkpointEvery?: number;
}

/** The two parts of what the function gives. */
function pairOf(before: ValueTree, returned: unknown): { readonly carry: ValueTree; readonly y: ValueTree } {
  if (isAsync(returned))
    throw new CompileError("scan: the function is async; give one that does everything at once");
  if (!Array.isArray(returned) || returned.length !== 2)
    throw new TypeError(
      `scan: the function gives ${kindOf(returned)} and must give a pair: [next carry, result at this index], with null for no result`,
    );
  const [carry, y] = returned as [unknown, unknown];
  const next = valuesIn("scan", "the function's carry", carry);
  checkCarry("scan", before, next);
  return { carry: next, y: valuesIn("scan", "the function's result", y) };
}

function lengthOf({ values, paths }: ValueTree, given: number | undefined): number {
  if (given !== undefined && (!Number.isInteger(given) || given < 0))
    throw new RangeError(`scan: length is ${given} and must be a whole number from 0 on`);
  let length = given;
  values.forEach(({ shape }, i) => {
    if (shape.length === 0)
      throw new ShapeError(
        `scan: xs${paths[i]} is a single number and has no axis to go along; share it by using it in the function`,
      );
    if (length !== undefined && shape[0] !== length)
      throw new ShapeError(
        `scan: xs${paths[i]} of shape ${shapeText(shape)} has ${shape[0]} parts along its first axis, and ${i === 0 ? "length says" : `xs${paths[0]} has`} ${length}; all must have as many`,
      );
    length = shape[0];
  });
  if (length === undefined)
    throw new TypeError("scan: nothing is scanned; give xs, or how many times in { length }");
  return length;
}

/**
 * A loop: `f(carry, x)` for each part x of xs along its first axis, with the carry that the call before gave; f gives
 * [next carry, y]. The result is [last carry, ys], the y's beside each other along a new first axis. Carry, xs and y are
 * trees of tensors; xs may be null, with `length` in the options, and so may y. The carry keeps its shapes and types.
 * Eagerly this is a plain loop. In `record` and `compile` f is recorded once and is one step: code and compile time don't
 * depend on the length, and memory grows by what reverse mode must keep alone; wrap f in `checkpoint` to keep carries
 * only, or give `checkpointEvery` to keep few of them: then f is what `checkpoint` takes.
 * Derivatives of every order in both modes, `vmap`. There f must not assign variables.
 * Throws ShapeError, DTypeError or TypeError where the carry changes, naming its leaf, and RangeError where a length or
 * `checkpointEvery` is no whole number. As JAX's `lax.scan`.
 */
export function scan<Carry, Xs, Y>(
  f: (carry: Carry, x: NoInfer<PartOf<Xs>>) => readonly [NoInfer<LooseTree<Carry>>, Y],
  carry: Carry,
  xs: Xs,
  options: ScanOptions = {},
): [Carry, BatchOf<Y>] {
  checkFunction("scan", f, "(carry, x) => [carry.add(x), carry]");
  checkOptions("scan", options, ["reverse", "length", "checkpointEvery"]);
  const first = valuesIn("scan", "the carry", carry);
  const all = valuesIn("scan", "xs", xs);
  const length = lengthOf(all, options.length);
  const reverse = options.reverse === true;
  const every = options.checkpointEvery ?? length;
  if (!Number.isInteger(every) || (every < 1 && options.checkpointEvery !== undefined))
    throw new RangeError(`scan: checkpointEvery is ${every} and must be a whole number, 1 or more`);
  const run = f as unknown as Body;
  if (every < length) return inStretches(run, first, all, { length, reverse, every }) as [Carry, BatchOf<Y>];
  const isPlain = length > 0 && innermost(Recording) === null;
  const { last, ys } = (isPlain ? plainly : asStep)(run, first, all, { length, reverse });
  return [first.rebuild(last), ys] as [Carry, BatchOf<Y>];
}

type Body = (carry: unknown, x: unknown) => unknown;

/**
 * The same in stretches of `every` steps, each a checkpoint but the one that runs last: the way back begins with that one, so
 * that it would be computed twice in a row.
 */
function inStretches(
  f: Body,
  first: ValueTree,
  all: ValueTree,
  { length, reverse, every }: { readonly length: number; readonly reverse: boolean; readonly every: number },
): [carry: unknown, ys: unknown] {
  const run = (body: Body, carry: unknown, xs: unknown, length: number) =>
    scan<unknown, unknown, unknown>(body as never, carry, xs, { length, reverse });
  const count = Math.ceil(length / every) - 1;
  const [inside, rest] = [count * every, length - count * every];
  // In reverse, what runs last lies first.
  const [start, startOfRest] = reverse ? [rest, 0] : [0, inside];
  const stretches = all.values.map((x) =>
    reshaped(rangeAlong(x, 0, start, inside), [count, every, ...x.shape.slice(1)]),
  );
  const stretch = checkpoint((carry: unknown, xs: unknown) => run(f, carry, xs, every));
  const [between, folded] = run(stretch, first.rebuild(first.values), all.rebuild(stretches), count);
  const others = all.values.map((x) => rangeAlong(x, 0, startOfRest, rest));
  const [last, ending] = run(f, between, all.rebuild(others), rest);
  const [before, after] = [folded, ending].map((ys) => valuesIn("scan", "the function's results", ys));
  checkSameForm([before!, after!]);
  const ys = before!.values.map((y, i) => {
    const [flat, end] = [reshaped(y, [inside, ...y.shape.slice(2)]), after!.values[i]!];
    return joined(reverse ? [end, flat] : [flat, end]);
  });
  return [last, after!.rebuild(ys)];
}

/** Throws TypeError unless the results of all places are trees of one form. */
function checkSameForm(made: readonly ValueTree[]): void {
  const [one] = made;
  if (made.some(({ paths }) => paths.join() !== one!.paths.join()))
    throw new TypeError(
      "scan: the function gives results of different forms at different indices; give the same tree at each",
    );
}

interface Ended {
  readonly last: readonly Value[];
  readonly ys: unknown;
}

type Loop = (
  f: Body,
  first: ValueTree,
  all: ValueTree,
  along: { readonly length: number; readonly reverse: boolean },
) => Ended;

const plainly: Loop = (f, first, all, along) => {
  let carry = first;
  const made: ValueTree[] = [];
  for (const place of placesOf(along)) {
    const parts = all.values.map((each) => partAt(each, place));
    const next = pairOf(first, f(first.rebuild(carry.values), all.rebuild(parts)));
    carry = next.carry;
    made[place] = next.y;
  }
  checkSameForm(made);
  const [one] = made;
  const ys = one!.values.map((_, i) => stacked(made.map(({ values }) => values[i]!)));
  return { last: carry.values, ys: one!.rebuild(ys) };
};

const asStep: Loop = (f, first, all, { length, reverse }) => {
  let y: ValueTree | undefined;
  const call = (carry: readonly Tensor[], x: readonly Tensor[]) => {
    const next = pairOf(first, f(first.rebuild(carry), all.rebuild(x)));
    y = next.y;
    return [...next.carry.values, ...next.y.values].map(asTensor);
  };
  const parts = all.values.map(
    ({ shape, dtype }) => new Tensor(unknownArray({ shape: shape.slice(1), dtype })),
  );
  const { program, operands, own } = closed("scan", call, [first.values.map(asTensor), parts]);
  const shared = forgetting(program, operands).slice(own);
  if (operands.length === 0 || program.outputs.length === 0) return { last: [], ys: y!.rebuild([]) };
  const made = scanned(
    { carries: first.values, scanned: all.values, shared },
    { body: program, length, reverse, name: f.name },
  );
  const count = first.values.length;
  return { last: made.slice(0, count), ys: y!.rebuild(made.slice(count, count + y!.values.length)) };
};
