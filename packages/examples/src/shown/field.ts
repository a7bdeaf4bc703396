// What a model of two inputs answers over a part of the plane, with the data on it.

import { type Tensor, tensor } from "@adjoint/autograd";
import type { Layer } from "@adjoint/nn";
import { chart, type LayerLike, type View } from "@adjoint/notebook";

export interface FieldOptions {
  readonly title: string;
  /** What the model's number is, for the legend. */
  readonly label: string;
  /** From where to where on both axes. */
  readonly domain: readonly [number, number];
  /** What lies over it, such as the data. */
  readonly over?: readonly LayerLike[];
  /** The answers along which a line is drawn; none by default. */
  readonly levels?: readonly number[];
  /** The names of the two inputs; "x₁" and "x₂" by default. */
  readonly inputs?: readonly [string, string];
  /** What the darkest and the brightest colour stand for; 0 and 1 by default. */
  readonly range?: readonly [number, number];
  /** How many points along each axis; 41 by default. */
  readonly points?: number;
}

/** The first output of a model [batch, 2] → [batch, outputs] over a square, the first input to the right, the second upwards. */
export function field(model: Layer, options: FieldOptions): View {
  const { title, label, domain, over = [], levels, inputs = ["x₁", "x₂"] } = options;
  const { range = [0, 1], points = 41 } = options;
  const [low, high] = domain;
  const at = (i: number) => low + ((high - low) * i) / (points - 1);
  const plane = tensor(
    Array.from({ length: points ** 2 }, (_, i) => [at(i % points), at(points - 1 - Math.floor(i / points))]),
  );
  const output: Tensor = model.forward(plane);
  const values = output.slice([0], 0).reshape([points, points]);
  const lines: LayerLike[] = levels === undefined ? [] : [{ mark: "contours", name: label, values, levels }];
  return chart([{ mark: "field", name: label, values, range, colours: "sequential" }, ...lines, ...over], {
    title,
    x: { label: inputs[0], domain },
    y: { label: inputs[1], domain },
  });
}

/** Points [count, 2] as dots. */
export function dots(name: string, points: readonly (readonly number[])[]): LayerLike {
  return { mark: "dots", name, x: points.map(([x]) => x!), y: points.map(([, y]) => y!) };
}

/** The line where w₀ + w₁x₁ + w₂x₂ = 0, as a layer of a chart whose axes both go over `domain`. */
export function boundary(
  name: string,
  [w0, w1, w2]: readonly number[],
  domain: readonly [number, number],
): LayerLike {
  // Along the axis that it is less steep to, so that no weight that is 0 divides.
  const isFlat = Math.abs(w2!) >= Math.abs(w1!);
  const along = [...domain];
  const other = along.map((each) => -(w0! + (isFlat ? w1! : w2!) * each) / (isFlat ? w2! : w1!));
  return { mark: "line", name, x: isFlat ? along : other, y: isFlat ? other : along };
}
