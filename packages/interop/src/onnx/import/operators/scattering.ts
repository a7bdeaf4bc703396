// Elements put at their indices. Everything is done in flat tensors: where each update goes is one whole number.

import { guarded, type Tensor, tensor, where } from "@adjoint/autograd";
import type { Datum } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { axisOf, type Operator, type Operators } from "./operator.ts";
import { cutTo, fromStart, placesOf } from "./places.ts";

const REDUCTIONS = ["none", "add", "mul", "max", "min"] as const;
type Reduction = (typeof REDUCTIONS)[number];

const once = {
  from: 0,
  to: 1,
  message: "an element is put in {} times, and which of the updates stays is not defined; choose a reduction",
};

const both: Readonly<Record<"mul" | "max" | "min", (a: Tensor, b: Tensor) => Tensor>> = {
  mul: (a, b) => a.mul(b),
  max: (a, b) => a.maximum(b),
  min: (a, b) => a.minimum(b),
};

/** How often each place is named. */
const counted = (places: Tensor, n: number): Tensor =>
  tensor(new Int32Array(places.size).fill(1), { shape: [places.size] }).scatterAdd(places, {
    axis: 0,
    shape: [n],
  }) as Tensor;

/** Updates put at places of a flat tensor, or joined with what is there. */
export function flatScatter(data: Tensor, places: Tensor, updates: Tensor, reduction: Reduction): Tensor {
  const n = data.size;
  const put = (values: Tensor, at: Tensor): Tensor =>
    values.scatterAdd(at, { axis: 0, shape: [n] }) as Tensor;
  if (reduction === "add") return data.add(put(updates, places));
  const isBool = data.dtype === "bool";
  const added = isBool ? updates.cast("int32") : updates;
  if (reduction === "none") {
    const counts = guarded(counted(places, n), once);
    const values = put(added, places);
    return where(counts.greater(0), isBool ? values.cast("bool") : values, data) as Tensor;
  }
  // Round by round, in each of which no place is named twice.
  const known = Array.from(places.data);
  const times = new Map<number, number>();
  const rounds: number[][] = [];
  known.forEach((place, i) => {
    const round = times.get(place) ?? 0;
    times.set(place, round + 1);
    (rounds[round] ??= []).push(i);
  });
  const list = (values: readonly number[]): Tensor =>
    tensor(Int32Array.from(values), { shape: [values.length] });
  return rounds.reduce((result, round) => {
    const at = list(round.map((i) => known[i]!));
    const joined = both[reduction](result.gather(at) as Tensor, updates.gather(list(round)) as Tensor);
    return where(counted(at, n).greater(0), put(joined, at), result) as Tensor;
  }, data);
}

const reductionOf = (node: NodeReader): Reduction =>
  node.opset >= 16 ? node.oneOf("reduction", REDUCTIONS, "none") : "none";

function checkRank(node: NodeReader, data: Datum, indices: Datum, updates: Datum): void {
  if (indices.rank !== data.rank || updates.shape.join() !== indices.shape.join())
    node.refuse(
      `data [${data.shape.join(", ")}], indices [${indices.shape.join(", ")}] and updates [${updates.shape.join(", ")}]: all must have one rank, and indices and updates one shape`,
    );
}

const scatterElements = (since: number, until?: number): Operator => ({
  since,
  ...(until === undefined ? {} : { until }),
  inputs: [3, 3],
  prepare(node) {
    const [axis, reduction] = [node.int("axis", 0), reductionOf(node)];
    return ([data, indices, updates]) => {
      checkRank(node, data!, indices!, updates!);
      const at = axisOf(node, axis, data!.rank);
      const own = fromStart(indices!.tensor, data!.shape[at]!);
      // The flat places of all elements of the data, of which those are taken that the indices name.
      const all: Tensor = tensor(
        Int32Array.from({ length: data!.size }, (_, i) => i),
        { shape: data!.shape },
      );
      const places = cutTo(all, own, at).takeAlongAxis(own, { axis: at });
      const result = flatScatter(
        data!.tensor.flatten(),
        places.flatten(),
        updates!.tensor.flatten(),
        reduction,
      );
      return data!.with(result.reshape(data!.shape));
    };
  },
});

export const scattering: Operators = {
  // Its name until version 10.
  Scatter: scatterElements(9, 10),
  ScatterElements: scatterElements(11),
  ScatterND: {
    since: 11,
    inputs: [3, 3],
    prepare(node) {
      const reduction = reductionOf(node);
      return ([data, indices, updates]) => {
        const rest = data!.shape.slice(indices!.shape.at(-1)!);
        const size = rest.reduce((product, n) => product * n, 1);
        const places = placesOf(indices!.tensor, data!.shape, 0).flatten().expandDims(1) as Tensor;
        const inner: Tensor = tensor(
          Int32Array.from({ length: size }, (_, i) => i),
          { shape: [1, size] },
        );
        const flat = places.mul(size).add(inner).flatten();
        const result = flatScatter(data!.tensor.flatten(), flat, updates!.tensor.flatten(), reduction);
        return data!.with(result.reshape(data!.shape));
      };
    },
  },
};
