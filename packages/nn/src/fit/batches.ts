// Data as batches of one size, in the order of an epoch, from any place of the epoch on.
//
// A batch that has fewer samples than the others is filled up with samples that weigh nothing, so that one program serves
// all. They are samples of the data set (from the front of the epoch's order), not zeros: what a layer computes over the
// batch, such as batch normalisation, is over a full batch of real samples that differ.

import { type Key, mapTree, permutation, Tensor, type Tree, tensor } from "@adjoint/autograd";
import { kindOf } from "../arguments.ts";
import { areSamples, type Batches, type Data, rowsOf, type Samples } from "./data.ts";
import { isLater } from "./later.ts";

/** What a program is called with. */
export interface Batch<In extends Tree = Tree, Target extends Tree = Tree> {
  /** All samples, or those of the batch. */
  readonly rows: Samples<In, Target>;
  /** Which of the rows are the batch; null for all. */
  readonly places: Tensor | null;
  /** Whether each sample counts: [size], bool. */
  readonly weights: Tensor;
  /** How many count. */
  readonly count: number;
}

/** Batches of an epoch. */
export interface Source<In extends Tree = Tree, Target extends Tree = Tree> {
  /** How many batches an epoch has; null where that isn't known. */
  readonly steps: number | null;
  /** How many samples there are; null where that isn't known. */
  readonly samples: number | null;
  /** Whether a batch will have to be filled up; null where that isn't known. */
  readonly fills: boolean | null;
  /**
   * The batches of an epoch, counted from 0, after the first `from`. They depend on nothing but these. To be closed by `return()`
   * where not all are taken.
   */
  batches(
    epoch: number,
    key: Key | null,
    from: number,
  ): Generator<Batch<In, Target>> | AsyncGenerator<Batch<In, Target>>;
}

/** Closes batches of which not all have been taken, and so what they are read from. */
export async function close(batches: ReturnType<Source["batches"]>): Promise<void> {
  await batches.return(undefined);
}

/** Weights where the first `count` of `size` samples count. */
function firstOf(count: number, size: number): Tensor {
  return tensor(Uint8Array.from({ length: size }, (_, i) => (i < count ? 1 : 0)));
}

/** For how many batches places are made at once: one by one, after a step that has filled the caches, each takes far longer. */
const AHEAD = 64;

export interface SourceOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Whether a batch with fewer samples than one before it in its epoch is left out. */
  readonly dropsLast: boolean;
}

/** Data as a source of batches. `operation` and `what` the data are is for errors. */
export function sourceOf<In extends Tree, Target extends Tree>(
  operation: string,
  what: string,
  data: Data<In, Target>,
  options: SourceOptions,
): Source<In, Target> {
  if ((typeof data !== "object" && typeof data !== "function") || data === null)
    throw new TypeError(
      `${operation}: ${what} is ${kindOf(data)}; give { x, y }, an iterable of such batches, or a function that gives one for each epoch`,
    );
  if (Array.isArray(data) && data.some((each) => each instanceof Tensor))
    throw new TypeError(
      `${operation}: ${what} is a list of tensors; name them, { x: inputs, y: targets }, or give a list of such batches`,
    );
  return areSamples(data)
    ? ofSamples(operation, what, data, options)
    : ofBatches(operation, what, data, options);
}

function ofSamples<In extends Tree, Target extends Tree>(
  operation: string,
  what: string,
  rows: Samples<In, Target>,
  { batchSize, shuffle, dropsLast }: SourceOptions,
): Source<In, Target> {
  const n = rowsOf(operation, what, rows);
  const size = Math.min(batchSize, n);
  const rest = n % size;
  const steps = dropsLast ? Math.floor(n / size) : Math.ceil(n / size);
  const all = firstOf(size, size);
  const some = rest === 0 ? all : firstOf(rest, size);
  return {
    steps,
    samples: n,
    fills: rest !== 0 && !dropsLast,
    *batches(_epoch, key, from) {
      // The order of samples in a batch has no meaning, so that a single batch is taken as it is.
      if (size === n) {
        if (from === 0) yield { rows, places: null, weights: all, count: n };
        return;
      }
      const shuffled = shuffle && key !== null ? permutation(key, n).data : null;
      const order = new Int32Array(steps * size);
      for (let i = 0; i < order.length; i++) order[i] = shuffled === null ? i % n : shuffled[i % n]!;
      for (let step = from, ready: Tensor[] = []; step < steps; step++) {
        if (ready.length === 0)
          for (let k = Math.min(AHEAD, steps - step) - 1; k >= 0; k--)
            ready.push(tensor(order.subarray((step + k) * size, (step + k + 1) * size)));
        const count = Math.min(size, n - step * size);
        yield { rows, places: ready.pop()!, weights: count === size ? all : some, count };
      }
    },
  };
}

/** What a function gives as the batches of an epoch. Throws TypeError for what can't be gone through. */
function given<In extends Tree, Target extends Tree>(
  operation: string,
  what: string,
  data: Exclude<Data<In, Target>, Samples<In, Target>>,
  epoch: number,
  key: Key | null,
): Batches<In, Target> {
  if (typeof data !== "function") return data;
  // Without a key it takes none, as `checkKey` knows, but may have a default for one.
  const call = data as (epoch: number, key?: Key) => unknown;
  const batches = key === null ? call(epoch) : call(epoch, key);
  const isHolder = typeof batches === "object" && batches !== null;
  if (isHolder && (Symbol.iterator in batches || Symbol.asyncIterator in batches))
    return batches as Batches<In, Target>;
  const isPromise = isLater(batches);
  // Nobody waits for it any more.
  if (isPromise) batches.then(undefined, () => undefined);
  const hasSamples = isHolder && !isPromise && "x" in batches && "y" in batches;
  const way = isPromise
    ? "make it an async generator, async function* () { yield { x, y }; }"
    : hasSamples
      ? "for samples, give them without a function, { x, y }; for a single batch, a list, () => [{ x, y }]"
      : "return a list of { x, y }, or write a generator, function* () { yield { x, y }; }";
  throw new TypeError(
    `${operation}: the function given as ${what} returned ${hasSamples ? "an object with x and y" : kindOf(batches)} where batches to go through belong; ${way}`,
  );
}

function ofBatches<In extends Tree, Target extends Tree>(
  operation: string,
  what: string,
  data: Exclude<Data<In, Target>, Samples<In, Target>>,
  { dropsLast }: SourceOptions,
): Source<In, Target> {
  return {
    steps: null,
    samples: null,
    fills: dropsLast ? false : null,
    async *batches(epoch, key, from) {
      // The largest batch of the epoch so far is what smaller ones are filled up to, or makes them too small. Of this epoch, so
      // that training which goes on in it, or in a later one, finds the same batches.
      let size = 0;
      let all: Tensor | null = null;
      let place = 0;
      let step = 0;
      for await (const rows of given(operation, what, data, epoch, key)) {
        const n = rowsOf(operation, `batch ${place++} of ${what}`, rows);
        if (n > size) {
          size = n;
          all = null;
        }
        if (n < size && dropsLast) continue;
        if (step++ < from) continue;
        if (n === size) yield { rows, places: null, weights: (all ??= firstOf(n, n)), count: n };
        else {
          const places = tensor(Int32Array.from({ length: size }, (_, i) => i % n));
          const filled = mapTree((each) => each.gather(places), { x: rows.x, y: rows.y }) as Samples<
            In,
            Target
          >;
          yield { rows: filled, places: null, weights: firstOf(n, size), count: n };
        }
      }
      if (place === 0)
        throw new Error(
          `${operation}: ${what} gave no batch; an iterator that can be read only once serves a single epoch: give a function that makes one for each, (epoch) => batches(epoch)`,
        );
      if (step < from)
        throw new Error(
          `${operation}: ${what} gave ${step} batches of an epoch that was left after ${from}; to go on, give the same data`,
        );
    },
  };
}
