// Samples divided: into parts for training, validation and test, and into folds.

import { type Key, mapTree, permutation, type TensorsOf, type Tree, tensor } from "@adjoint/autograd";
import { rowsOf, type Samples } from "../fit/data.ts";
import { checkWhole } from "../optimizers/ranges.ts";

/** Samples with plain tensors. */
type Part<In extends Tree, Target extends Tree> = TensorsOf<{ x: In; y: Target }>;

/** The samples at some places, in that order. */
export function samplesAt<In extends Tree, Target extends Tree>(
  { x, y }: Samples<In, Target>,
  places: Int32Array,
): Part<In, Target> {
  const chosen = tensor(places);
  return mapTree((each) => each.gather(chosen), { x, y });
}

/**
 * Samples divided at random into parts of given shares, by name: `split(data, { training: 0.7, validation: 0.15, test:
 * 0.15 }, key)`. Every sample is in one part; equal keys divide equally. Sizes are rounded so that they add up. Throws
 * RangeError for shares that are not above 0 or don't add up to 1, and where a part would be empty. scikit-learn's
 * `train_test_split`, for any number of parts.
 */
export function split<In extends Tree, Target extends Tree, const Name extends string>(
  data: Samples<In, Target>,
  shares: Readonly<Record<Name, number>>,
  key: Key,
): Record<Name, Part<In, Target>> {
  const n = rowsOf("split", "data", data);
  const named = Object.entries<number>(shares);
  const sum = named.reduce((total, [, each]) => total + each, 0);
  // Shares such as 0.7, 0.2 and 0.1 add up to 1 but for a few roundings.
  if (!named.every(([, each]) => each > 0) || !(Math.abs(sum - 1) < 1e-9))
    throw new RangeError(
      `split: the shares ${JSON.stringify(shares)} must be above 0 and add up to 1, e.g. { training: 0.8, test: 0.2 }`,
    );
  const order = permutation(key, n).data as Int32Array;
  let upTo = 0;
  let from = 0;
  const parts = named.map(([name, each], i): [string, Part<In, Target>] => {
    upTo += each;
    const end = i === named.length - 1 ? n : Math.round(upTo * n);
    if (end === from)
      throw new RangeError(
        `split: ${name}, ${each} of ${n} samples, would be empty; give a larger share, or more samples`,
      );
    const part = samplesAt(data, order.slice(from, end));
    from = end;
    return [name, part];
  });
  return Object.fromEntries(parts) as Record<Name, Part<In, Target>>;
}

/**
 * Samples divided at random into k folds, each the validation set once, the others then being the training set. The sizes of
 * folds differ by 1 at most, and the first ones are larger, as scikit-learn's KFold has it. Throws RangeError for k below 2 or above
 * the number of samples.
 */
export function kFold<In extends Tree, Target extends Tree>(
  data: Samples<In, Target>,
  k: number,
  key: Key,
): { training: Part<In, Target>; validation: Part<In, Target> }[] {
  const n = rowsOf("kFold", "data", data);
  checkWhole("kFold", "k", k, 5, 2);
  if (k > n) throw new RangeError(`kFold: ${k} folds of ${n} samples; give at most ${n}`);
  const order = permutation(key, n).data as Int32Array;
  const start = (fold: number) => fold * Math.floor(n / k) + Math.min(fold, n % k);
  return Array.from({ length: k }, (_, fold) => {
    const [from, to] = [start(fold), start(fold + 1)];
    return {
      training: samplesAt(
        data,
        order.filter((_, i) => i < from || i >= to),
      ),
      validation: samplesAt(data, order.slice(from, to)),
    };
  });
}
