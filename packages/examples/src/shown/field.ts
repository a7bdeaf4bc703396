// What a model of two inputs answers over a part of the plane, as a heat map.

import { type Tensor, tensor } from "@adjoint/autograd";
import type { Layer } from "@adjoint/nn";
import { heatMap, type View } from "@adjoint/notebook";

export interface FieldOptions {
  readonly title: string;
  /** What the model's number is, for the legend. */
  readonly label: string;
  /** From where to where on both axes. */
  readonly domain: readonly [number, number];
  /** The names of the two inputs; "x₁" and "x₂" by default. */
  readonly inputs?: readonly [string, string];
  /** What the darkest and the brightest colour stand for; 0 and 1 by default. */
  readonly range?: readonly [number, number];
  /** How many points along each axis; 41 by default. */
  readonly points?: number;
}

/** The first output of a model [batch, 2] → [batch, outputs] over a square, the first input to the right, the second upwards. */
export function field(model: Layer, options: FieldOptions): View {
  const { title, label, domain, inputs = ["x₁", "x₂"], range = [0, 1], points = 41 } = options;
  const [low, high] = domain;
  const at = (i: number) => low + ((high - low) * i) / (points - 1);
  const plane = tensor(
    Array.from({ length: points ** 2 }, (_, i) => [at(i % points), at(points - 1 - Math.floor(i / points))]),
  );
  const output: Tensor = model.forward(plane);
  return heatMap(output.slice([0], 0).reshape([points, points]), {
    title,
    label,
    x: { label: inputs[0], domain },
    y: { label: inputs[1], domain },
    range,
    colours: "sequential",
  });
}

/**
 * The line where w₀ + w₁x₁ + w₂x₂ = 0, as a layer of a chart whose axes both go over `domain`: the part of it that lies inside. Empty
 * for a line that goes straight up.
 */
export function boundary(
  name: string,
  [w0, w1, w2]: readonly number[],
  [low, high]: readonly [number, number],
): { readonly mark: "line"; readonly name: string; readonly x: number[]; readonly y: number[] } {
  const across = Array.from({ length: 201 }, (_, i) => low + ((high - low) * i) / 200);
  const points = across
    .map((x1) => [x1, -(w0! + w1! * x1) / w2!] as const)
    .filter(([, x2]) => x2 >= low && x2 <= high);
  return { mark: "line", name, x: points.map(([x1]) => x1), y: points.map(([, x2]) => x2) };
}
