// Elements by their indices.

import { type Tensor, tensor, where } from "@adjoint/autograd";
import { moved } from "../datum.ts";
import { axisOf, type Operators } from "./operator.ts";
import { cutTo, fromStart, placesOf } from "./places.ts";
import { flatScatter } from "./scattering.ts";

export const indexing: Operators = {
  Gather: {
    since: 1,
    inputs: [2, 2],
    prepare(node) {
      const axis = node.int("axis", 0);
      return ([x, indices]) => {
        const at = axisOf(node, axis, x!.rank);
        return moved(x!, (own) => own.gather(indices!.tensor, { axis: at }) as Tensor);
      };
    },
  },
  GatherElements: {
    since: 11,
    inputs: [2, 2],
    prepare(node) {
      const axis = node.int("axis", 0);
      return ([x, indices]) => {
        const at = axisOf(node, axis, x!.rank);
        const places = fromStart(indices!.tensor, x!.shape[at]!);
        return moved(x!, (own) => cutTo(own, places, at).takeAlongAxis(places, { axis: at }));
      };
    },
  },
  GatherND: {
    since: 11,
    inputs: [2, 2],
    prepare(node) {
      const batch = node.opset >= 12 ? node.int("batch_dims", 0) : 0;
      return ([x, indices]) => {
        const places = placesOf(indices!.tensor, x!.shape, batch);
        const rest = x!.shape.slice(batch + indices!.shape.at(-1)!);
        const size = rest.reduce((product, n) => product * n, 1);
        return moved(x!, (own) =>
          (own.reshape([own.size / Math.max(1, size), size]).gather(places.flatten()) as Tensor).reshape([
            ...indices!.shape.slice(0, -1),
            ...rest,
          ]),
        );
      };
    },
  },
  OneHot: {
    since: 9,
    inputs: [3, 3],
    settings: [1],
    prepare(node) {
      const axis = node.int("axis", -1);
      return ([indices, depth, values]) => {
        const n = depth!.number("the depth");
        if (!Number.isSafeInteger(n) || n < 1) node.refuse(`the depth is ${n}`);
        const at = axisOf(node, axis, indices!.rank + 1);
        const own = indices!.tensor.cast("int32");
        const shifted = where(own.less(0), own.add(n), own) as Tensor;
        const classes = tensor(
          Int32Array.from({ length: n }, (_, i) => i),
          { shape: [n, ...Array.from({ length: indices!.rank - at }, () => 1)] },
        );
        const [off, on] = [0, 1].map((i) => values!.tensor.slice(i) as Tensor);
        return values!.with(where((shifted.expandDims(at) as Tensor).equal(classes), on!, off!));
      };
    },
  },
  ReverseSequence: {
    since: 10,
    inputs: [2, 2],
    prepare(node) {
      const [batchAxis, timeAxis] = [node.int("batch_axis", 1), node.int("time_axis", 0)];
      return ([x, lengths]) => {
        const [batch, time] = [axisOf(node, batchAxis, x!.rank), axisOf(node, timeAxis, x!.rank)];
        const along = (n: number, axis: number) => x!.shape.map((_, k) => (k === axis ? n : 1));
        const n = x!.shape[time]!;
        const steps: Tensor = tensor(
          Int32Array.from({ length: n }, (_, t) => t),
          { shape: along(n, time) },
        );
        const own = lengths!.tensor.reshape(along(lengths!.size, batch)) as Tensor;
        const from = where(steps.less(own), own.sub(1).sub(steps), steps) as Tensor;
        return moved(x!, (held) => held.takeAlongAxis(from.broadcastTo(x!.shape), { axis: time }));
      };
    },
  },
  TensorScatter: {
    since: 24,
    inputs: [2, 3],
    prepare(node) {
      const axis = node.int("axis", -2);
      const isCircular = node.oneOf("mode", ["linear", "circular"], "linear") === "circular";
      return ([cache, update, indices]) => {
        const at = axisOf(node, axis, cache!.rank);
        if (at === 0) node.refuse("the axis is that of the batch");
        const n = cache!.shape[at]!;
        const steps = update!.shape[at]!;
        const along = (size: number, k: number) => update!.shape.map((_, other) => (other === k ? size : 1));
        const range = (size: number, k: number): Tensor =>
          tensor(
            Int32Array.from({ length: size }, (_, i) => i),
            { shape: along(size, k) },
          );
        const start =
          indices === undefined
            ? range(1, 0)
            : (indices.tensor.reshape(along(update!.shape[0]!, 0)) as Tensor);
        const written = start.add(range(steps, at)) as Tensor;
        const places = isCircular ? written.mod(n) : fromStart(written, n);
        // The flat place of each element of the update in the cache.
        let flat: Tensor = places;
        let inner = 1;
        for (let k = cache!.rank - 1; k >= 0; k--) {
          if (k === at) flat = flat.add(places.mul(inner).sub(places));
          else flat = flat.add(range(update!.shape[k]!, k).mul(inner));
          inner *= cache!.shape[k]!;
        }
        const result = flatScatter(
          cache!.tensor.flatten(),
          flat.broadcastTo(update!.shape).flatten(),
          update!.tensor.flatten(),
          "none",
        );
        return cache!.with(result.reshape(cache!.shape));
      };
    },
  },
};
