// Two moons: a half circle and another one, turned over, whose ends reach into one another. A usual test of classifiers, as
// scikit-learn's make_moons.

import { type Key, normal, splitKey, stack, type Tensor, tensor, uniform } from "@adjoint/autograd";

/** Points and the moon, 0 or 1, that each comes from. */
export interface Moons {
  /** [count, 2]. */
  readonly x: Tensor;
  /** [count, 1]. */
  readonly y: Tensor;
}

/** So many points, every other one of each moon, moved by normal noise with the deviation `noise`. float32. */
export function twoMoons(key: Key, count: number, noise: number): Moons {
  const [angleKey, noiseKey] = splitKey(key, 2) as [Key, Key];
  const angle = uniform(angleKey, [count], { high: Math.PI });
  const label = tensor(Array.from({ length: count }, (_, i) => i % 2));
  const turned = label.equal(1);
  const across = turned.select(angle.cos().neg().add(1), angle.cos());
  const up = turned.select(angle.sin().neg().add(0.5), angle.sin());
  const points = stack([across, up], { axis: 1 });
  return {
    x: points.add(normal(noiseKey, [count, 2], { deviation: noise })),
    y: label.reshape([count, 1]),
  };
}
