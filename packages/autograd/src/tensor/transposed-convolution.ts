// The transpose of convolution over any number of axes: a product, then its windows added where they belong.

import { checkOptions } from "../array/arguments.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { PerAxis } from "../array/window-types.ts";
import { checkWindows, overlapAdd } from "../primitives/windows.ts";
import { apply } from "../tape/apply.ts";
import { grouped } from "./convolution.ts";
import { padded, perAxis } from "./padding.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** The options of `transposedConvolution`. */
export interface TransposedOptions {
  /** Steps between the windows that each element of x is spread over; 1 by default. */
  readonly strides?: PerAxis<number>;
  /** How much is cut off at both ends of each axis: what a convolution that this one undoes had as padding; 0 by default. */
  readonly padding?: PerAxis<number>;
  /** How much longer the result is at its end: of the sizes that a convolution with strides makes one, which; 0 by default. */
  readonly outputPadding?: PerAxis<number>;
  /** How far apart the elements of the kernel lie, along all axes or for each; 1 by default. */
  readonly dilations?: PerAxis<number>;
  /** In how many groups the channels are; each is convolved by itself. 1 by default. */
  readonly groups?: number;
}

/**
 * The transpose of a convolution, which spreads every element over a window: x [batch, channels, ...sizes], kernel
 * [channels, outputs / groups, ...window] → [batch, outputs, ...], of sizes (n − 1)·stride − 2·padding + span + outputPadding.
 * It is the adjoint of the convolution with the same kernel and options. Throws ShapeError where channels differ, or nothing
 * is left. PyTorch's `conv_transpose1d`, `conv_transpose2d`, … Zeiler et al. (2010).
 */
export function transposedConvolution(x: Tensor, kernel: Tensor, options: TransposedOptions = {}): Tensor {
  const operation = "transposedConvolution";
  checkTensor(operation, x);
  checkTensor(operation, kernel);
  checkOptions(operation, options, ["strides", "padding", "outputPadding", "dilations", "groups"]);
  const axes = x.rank - 2;
  const { groups = 1 } = options;
  const isDivided = Number.isInteger(groups) && groups > 0 && x.shape[1]! % groups === 0;
  if (axes < 1 || kernel.rank !== x.rank || kernel.shape[0] !== x.shape[1] || !isDivided)
    throw new ShapeError(
      `${operation}: ${shapeText(x.shape)} with kernel ${shapeText(kernel.shape)} in ${groups} groups: expected [batch, channels, ...sizes] and [channels, outputs / groups, ...window] of one rank and with equal channels, which the groups divide`,
    );
  const each = (value: PerAxis<number> | undefined, standard: number, what: string) =>
    perAxis(value ?? standard, axes, `${operation}: ${what}`);
  const [strides, dilations] = [each(options.strides, 1, "strides"), each(options.dilations, 1, "dilations")];
  const [padding, more] = [
    each(options.padding, 0, "padding"),
    each(options.outputPadding, 0, "outputPadding"),
  ];
  const [, outputs, ...sizes] = kernel.shape as readonly [number, number, ...number[]];
  checkWindows(operation, { sizes, strides, dilations });
  for (const [what, widths] of [
    ["padding", padding],
    ["outputPadding", more],
  ] as const)
    if (widths.some((n) => !Number.isInteger(n) || n < 0))
      throw new ShapeError(`${operation}: ${what} [${widths.join(", ")}] must be whole numbers, 0 or more`);
  const ins = x.shape.slice(2);
  const full = ins.map((n, k) => (n - 1) * strides[k]! + (sizes[k]! - 1) * dilations[k]! + 1);
  const out = full.map((n, k) => n - 2 * padding[k]! + more[k]!);
  if (out.some((n) => n < 1))
    throw new ShapeError(
      `${operation}: padding [${padding.join(", ")}] leaves sizes [${out.join(", ")}] of [${full.join(", ")}]; make it smaller`,
    );
  if (more.some((n, k) => n >= Math.max(strides[k]!, dilations[k]!)))
    throw new ShapeError(
      `${operation}: outputPadding [${more.join(", ")}] must be from 0 to below the stride or the dilation, [${strides.join(", ")}] and [${dilations.join(", ")}]`,
    );
  return inNameOf(operation, () => {
    const [batch, channels] = [x.shape[0]!, x.shape[1]! / groups];
    const lead = groups === 1 ? [] : [groups];
    const group = lead.map(() => 1);
    const spatial = ins.map((_, k) => 2 + group.length + k);
    const rows = grouped(x, 1, groups).permute([...group, 0, ...spatial, 1 + group.length]);
    const spread = rows
      .reshape([...lead, batch * sizeOf(ins), channels])
      .matmul(kernel.reshape([...lead, channels, outputs * sizeOf(sizes)]))
      .reshape([...lead, batch, ...ins, outputs, ...sizes]);
    const first = group.length;
    const places = [...ins.keys()].map((k) => first + 1 + k);
    const windowed = spread.permute([
      first,
      ...group.map(() => 0),
      first + 1 + axes,
      ...places,
      ...places.map((axis) => axis + axes + 1),
    ]);
    const shape = [batch, ...lead, outputs, ...full];
    const whole = asTensor<Shape>(apply(overlapAdd, [windowed], { shape, sizes, strides, dilations }));
    const flat = whole.reshape([batch, groups * outputs, ...full]);
    const longer = more.map((n, k): [number, number] => [0, Math.max(0, n - padding[k]!)]);
    const cut = padding.map((from, k): [number, number] => [from, from + out[k]!]);
    return asTensor(padded(flat, longer, 0).slice(null, null, ...cut));
  });
}
