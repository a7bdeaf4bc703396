// The tape of one training step, with the gradient on every edge, read from the engine's own tape.

import { gradients, type Tensor, tapeOf } from "@adjoint/autograd";
import type { TapeStep } from "./lab.ts";
import { lossOf } from "./losses.ts";
import type { Network, Samples } from "./network.ts";

/** The most samples of the step: its numbers are shown, not used. */
const MOST_SAMPLES = 32;
/** How many numbers of a tensor are shown. */
const SHOWN = 4;

/** One step on the first samples as a list, operands before what is made of them. Changes nothing. */
export function tapeStepsOf(network: Network, samples: Samples, batch: number): readonly TapeStep[] {
  const count = Math.min(batch, MOST_SAMPLES, samples.x.shape[0]!);
  const x = samples.x.slice([0, count]) as Tensor;
  const y = samples.y.slice([0, count]) as Tensor;
  const outputs = network.run(x, network.key?.value.detach() as never);
  const prediction = outputs.at(-1)!;
  const loss = lossOf(network.task, prediction, y);
  const tape = tapeOf(loss);
  const { values, tensors } = tape;
  // What is not made of a weight has no gradient on the tape.
  const isTracked = values.map(() => false);
  const layerOf: (number | undefined)[] = values.map(() => undefined);
  values.forEach(({ origin }, i) => {
    if (origin.kind === "variable") {
      isTracked[i] = tensors[i]!.dtype !== "int32";
      layerOf[i] = weightOf(network, tensors[i]!)?.layer;
    } else if (origin.kind === "step") {
      const operands = origin.step.inputs.map(({ id }) => id);
      isTracked[i] = operands.some((id) => isTracked[id]) && /^float/.test(values[i]!.dtype);
      const layers = operands.flatMap((id) => layerOf[id] ?? []);
      // What follows the prediction is the loss, which belongs to no layer.
      const isLoss = operands.some(
        (id) => tensors[id] === prediction || (isTracked[id] && layerOf[id] === undefined),
      );
      if (!isLoss && layers.length > 0) layerOf[i] = Math.max(...layers);
    }
  });
  const tracked = tensors.filter((_, i) => isTracked[i]);
  const found = gradients(loss, tracked as Tensor[]) as readonly Tensor[];
  const gradientOf = new Map(tracked.map((each, i) => [each, found[i]!]));
  return values.map(({ id, shape, origin }, i): TapeStep => {
    const tensor = tensors[i]!;
    const gradient = gradientOf.get(tensor);
    const layer = layerOf[i];
    const operands = origin.kind === "step" ? origin.step.inputs.map((each) => `${each.id}`) : [];
    return {
      id: `${id}`,
      ...described(network, tensor, origin, { x, y, loss }),
      ...(layer === undefined ? {} : { layer }),
      shape,
      value: textOf(tensor),
      ...(gradient === undefined ? {} : { gradient: textOf(gradient) }),
      operands,
    };
  });
}

/** Which weight a tensor is, and the layer that it leads to. */
function weightOf(
  { layers }: Network,
  tensor: Tensor,
): { readonly name: string; readonly layer: number } | undefined {
  for (const [l, { weight, bias }] of layers.entries()) {
    if (weight.value === tensor) return { name: `W(${l})`, layer: l + 1 };
    if (bias?.value === tensor) return { name: `bias of W(${l})`, layer: l + 1 };
  }
  return undefined;
}

type Origin = ReturnType<typeof tapeOf>["values"][number]["origin"];

function described(
  network: Network,
  tensor: Tensor,
  origin: Origin,
  { x, y, loss }: { readonly x: Tensor; readonly y: Tensor; readonly loss: Tensor },
): Pick<TapeStep, "name" | "kind"> {
  if (origin.kind === "step") {
    const { primitive, attributes } = origin.step;
    const label = primitive.label?.(attributes) ?? "";
    const name =
      primitive.name === "map" && label !== ""
        ? label
        : `${primitive.name}${label === "" ? "" : ` ${label}`}`;
    return { name, kind: tensor === loss ? "result" : "operation" };
  }
  const weight = weightOf(network, tensor);
  if (weight !== undefined) return { name: weight.name, kind: "weight" };
  return {
    // A loss checks its targets, which gives them another tensor.
    name:
      tensor === x ? "x" : isAlike(tensor, y) ? "target" : tensor.rank === 0 ? textOf(tensor) : "constant",
    kind: "input",
  };
}

const isAlike = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype &&
  a.size === b.size &&
  (a.data as Float32Array).every((value, i) => value === b.data[i]);

/** A few numbers of a tensor, to three digits. */
function textOf({ data, rank }: Tensor): string {
  const numbers = Array.from((data as Float32Array).slice(0, SHOWN), (value) =>
    `${Number(value.toPrecision(3))}`.replaceAll("-", "−"),
  );
  if (rank === 0) return numbers[0]!;
  return `[${numbers.join(", ")}${data.length > SHOWN ? ", …" : ""}]`;
}
