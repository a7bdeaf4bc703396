// Two layers with their optimizer: the smallest program that is split in every way.

import { normal, type Program, randomKey, record, type Tensor, zeros } from "@adjoint/autograd";
import { adam, dense, keys, type Layer, type Optimizer, parameters, relu, sequential } from "@adjoint/nn";

export interface Small {
  readonly holder: { readonly model: Layer; readonly optimizer: Optimizer };
  readonly step: (x: Tensor, y: Tensor) => Tensor;
  /** A step on 8 samples. */
  readonly program: Program;
  /** Three batches: x [3, 8, 4], y [3, 8, 2]. */
  readonly batches: { readonly x: Tensor; readonly y: Tensor };
}

export function small(): Small {
  const key = keys(1);
  const model = sequential(dense(4, 6, { key: key() }), relu, dense(6, 2, { key: key() }));
  const optimizer = adam({ learningRate: 0.1 });
  const step = (x: Tensor, y: Tensor) =>
    optimizer.minimize(() => model.forward(x).sub(y).square().mean(), parameters(model));
  const x = normal(randomKey(2), [3, 8, 4]);
  return {
    holder: { model, optimizer },
    step,
    program: record(step, zeros([8, 4]), zeros([8, 2])),
    batches: { x, y: x.slice([0, 3], [0, 8], [0, 2]).sin() },
  };
}
