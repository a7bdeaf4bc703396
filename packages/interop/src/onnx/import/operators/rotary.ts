// Rotary position embeddings: Su et al. (2021).

import { concat, stack, type Tensor } from "@adjoint/autograd";
import { floats } from "../datum.ts";
import type { Operators } from "./operator.ts";

export const rotary: Operators = {
  RotaryEmbedding: {
    since: 23,
    inputs: [3, 4],
    prepare(node) {
      const heads = node.int("num_heads", 0);
      const rotated = node.int("rotary_embedding_dim", 0);
      const isInterleaved = node.flag("interleaved");
      return ([x, cosines, sines, positions]) => {
        const own = floats(x!, "the input");
        if (own.rank !== 4 && (own.rank !== 3 || heads < 1 || own.shape[2]! % heads !== 0))
          node.refuse(`[${own.shape.join(", ")}] can't be read as ${heads} heads`);
        // [batch, length, heads, size]
        const split: Tensor =
          own.rank === 4
            ? own.permute([0, 2, 1, 3])
            : own.reshape([own.shape[0]!, own.shape[1]!, heads, own.shape[2]! / heads]);
        const size = split.shape[3]!;
        const n = rotated === 0 ? size : rotated;
        if (n % 2 !== 0 || n > size)
          node.refuse(`${n} numbers of a head of ${size} can't be rotated in pairs`);
        const half = n / 2;
        const angles = (cache: Tensor): Tensor => {
          const taken = positions === undefined ? cache : (cache.gather(positions.tensor) as Tensor);
          if (taken.shape.at(-1) !== half)
            node.refuse(`a cache has ${taken.shape.at(-1)} angles, and ${half} pairs are rotated`);
          return taken.expandDims(2);
        };
        const [cos, sin] = [angles(cosines!.tensor), angles(sines!.tensor)];
        const [first, second] = isInterleaved
          ? [split.slice(null, null, null, [0, n, 2]), split.slice(null, null, null, [1, n, 2])]
          : [split.slice(null, null, null, [0, half]), split.slice(null, null, null, [half, n])];
        const real = cos.mul(first).sub(sin.mul(second)) as Tensor;
        const imaginary = sin.mul(first).add(cos.mul(second)) as Tensor;
        const turned: Tensor = isInterleaved
          ? (stack([real, imaginary], { axis: 4 }) as Tensor).reshape([...split.shape.slice(0, 3), n])
          : (concat([real, imaginary], { axis: 3 }) as Tensor);
        const all =
          n === size
            ? turned
            : (concat([turned, split.slice(null, null, null, [n])] as Tensor[], { axis: 3 }) as Tensor);
        return x!.with(own.rank === 4 ? all.permute([0, 2, 1, 3]) : all.reshape(own.shape));
      };
    },
  },
};
