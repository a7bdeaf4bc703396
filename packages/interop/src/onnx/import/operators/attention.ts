// Scaled dot-product attention: Vaswani et al. (2017), with masks, a cache of keys and values, and heads that share them.

import { concat, type Tensor, tensor, where, zeros } from "@adjoint/autograd";
import { type Datum, floats } from "../datum.ts";
import { stored, typeOfCode } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operators } from "./operator.ts";

/** [batch, length, heads·size] as [batch, heads, length, size]; what has four axes stays. */
function byHeads(node: NodeReader, x: Tensor, heads: number): Tensor {
  if (x.rank === 4) return x;
  const [batch, length, size] = x.shape as [number, number, number];
  if (x.rank !== 3 || heads < 1 || size % heads !== 0)
    node.refuse(`[${x.shape.join(", ")}] can't be read as ${heads} heads`);
  return x.reshape([batch, length, heads, size / heads]).permute([0, 2, 1, 3]);
}

/** Each head of [batch, heads, ...] a number of times, beside each other. */
function repeated(x: Tensor, times: number): Tensor {
  return times === 1 ? x : x.repeat(times, { axis: 1 });
}

/** What is added to the scores: −∞ where nothing may be attended to. */
function biasOf(
  node: NodeReader,
  given: Datum | undefined,
  nonpad: Datum | undefined,
  {
    queries,
    keys,
    past,
    isCausal,
    like,
  }: { queries: number; keys: number; past: number; isCausal: boolean; like: Tensor },
): Tensor | null {
  const { dtype } = like;
  let bias: Tensor | null = null;
  const none = (allowed: Tensor): Tensor => where(allowed, zeros([], { dtype }), -Infinity);
  const add = (more: Tensor): void => {
    bias = bias === null ? more : bias.add(more);
  };
  if (given !== undefined) {
    const mask = given.type === "bool" ? none(given.tensor) : floats(given, "the mask").cast(dtype);
    const missing = keys - mask.shape.at(-1)!;
    if (missing < 0 && mask.shape.at(-1) !== 1)
      node.refuse(`the mask has ${mask.shape.at(-1)} keys, and there are ${keys}`);
    const widths = mask.shape.map((_, axis): [number, number] => [
      0,
      axis === mask.rank - 1 ? Math.max(0, missing) : 0,
    ]);
    add(missing > 0 ? mask.pad(widths, { value: -Infinity }) : mask);
  }
  const range = (n: number, shape: readonly number[]): Tensor =>
    tensor(
      Int32Array.from({ length: n }, (_, i) => i),
      { shape },
    );
  if (isCausal) add(none(range(keys, [1, keys]).lessEqual(range(queries, [queries, 1]).add(past))));
  if (nonpad !== undefined)
    add(none(range(keys, [1, 1, 1, keys]).less(nonpad.tensor.reshape([nonpad.size, 1, 1, 1]))));
  return bias;
}

export const attention: Operators = {
  Attention: {
    since: 23,
    inputs: [3, 7],
    outputs: 4,
    prepare(node) {
      const [queryHeads, keyHeads] = [node.int("q_num_heads", 0), node.int("kv_num_heads", 0)];
      const [isCausal, softcap, mode] = [
        node.flag("is_causal"),
        node.float("softcap", 0),
        node.int("qk_matmul_output_mode", 0),
      ];
      const scale = node.has("scale") ? node.float("scale") : null;
      const code = node.int("softmax_precision", 0);
      const precision = code === 0 ? null : (typeOfCode(code) ?? node.refuse(`softmax_precision is ${code}`));
      return ([q, k, v, mask, pastKey, pastValue, nonpad]) => {
        const query = byHeads(node, floats(q!, "the query"), queryHeads);
        const joined = (x: Datum, before: Datum | undefined): Tensor => {
          const own = byHeads(node, floats(x, "a key or value"), keyHeads);
          return before === undefined
            ? own
            : (concat([before.tensor, own] as Tensor[], { axis: 2 }) as Tensor);
        };
        const [key, value] = [joined(k!, pastKey), joined(v!, pastValue)];
        const [batch, heads, queries, size] = query.shape as [number, number, number, number];
        const times = heads / key.shape[1]!;
        if (!Number.isInteger(times))
          node.refuse(`${heads} heads of queries can't share ${key.shape[1]} of keys`);
        const root = Math.sqrt(scale ?? 1 / Math.sqrt(size));
        const products: Tensor = query.mul(root).matmul(repeated(key, times).mul(root).swapLastAxes());
        const capped = softcap > 0 ? products.div(softcap).tanh().mul(softcap) : products;
        const keys = key.shape[2]!;
        const past = pastKey?.shape[2] ?? 0;
        const bias = biasOf(node, mask, nonpad, { queries, keys, past, isCausal, like: query });
        const masked: Tensor = bias === null ? capped : capped.add(bias);
        const wide = precision === null ? masked : masked.cast(stored(precision).dtype);
        // A row in which nothing may be attended to gives nothing.
        const isEmpty = wide.max({ axis: -1, keepDims: true }).equal(-Infinity);
        const weights = where(isEmpty, 0, where(isEmpty, 0, wide).softmax({ axis: -1 })).cast(
          query.dtype,
        ) as Tensor;
        const result: Tensor = weights.matmul(repeated(value, times));
        const y = q!.rank === 4 ? result : result.permute([0, 2, 1, 3]).reshape([batch, queries, -1]);
        const seen =
          [products, capped, masked, weights][mode] ?? node.refuse(`qk_matmul_output_mode is ${mode}`);
        return [q!.with(y), k!.with(key), v!.with(value), q!.with(seen)];
      };
    },
  },
};
