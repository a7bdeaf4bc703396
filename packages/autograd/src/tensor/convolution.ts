// Convolution over any number of axes: windows, then a product. Its derivatives are those of the parts.

import { checkOptions } from "../array/arguments.ts";
import { inNameOf, ShapeError } from "../array/errors.ts";
import { shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Convolved, KernelFits, PerAxis } from "../array/window-types.ts";
import {
  type Padding,
  type PaddingMode,
  perAxis,
  surrounded,
  type WindowOptions,
  widthsOf,
} from "./padding.ts";
import { asTensor, checkTensor, type Tensor } from "./tensor.ts";

/** How convolutions are laid out. */
export interface ConvolutionOptions<Strides = PerAxis<number>, Around = Padding, Dilations = PerAxis<number>>
  extends WindowOptions<Strides, Around> {
  /** How far apart the kernel's elements lie; 1 by default. */
  readonly dilations?: Dilations;
  /** Into how many groups the channels are divided; each is convolved by itself. 1 by default. */
  readonly groups?: number;
  /** What the padding holds; zeros by default. */
  readonly paddingMode?: PaddingMode;
}

/**
 * Convolution as neural networks have it (cross-correlation: the kernel is not flipped). x [batch, channels, ...sizes],
 * kernel [outputs, channels / groups, ...window] → [batch, outputs, ...]. `dilations` spreads the kernel's elements,
 * `groups` divides the channels, `paddingMode` says what stands around. Throws ShapeError where channels differ or the
 * window is larger than the padded input. PyTorch's `conv1d`, `conv2d`, … Windows times matrix: Chellapilla, Puri &
 * Simard (2006).
 */
export function convolution<
  X extends Shape,
  K extends Shape,
  const Strides extends PerAxis<number> = 1,
  const Around extends Padding = "valid",
  const Dilations extends PerAxis<number> = 1,
  const Groups extends number = 1,
  R extends Convolved<X, K, Strides, Around, Dilations> = Convolved<X, K, Strides, Around, Dilations>,
>(
  x: Tensor<X>,
  kernel: Tensor<K> & KernelFits<X, K, Groups>,
  options: ConvolutionOptions<Strides, Around, Dilations> & { readonly groups?: Groups } = {},
): Tensor<R> {
  checkTensor("convolution", x);
  checkTensor("convolution", kernel);
  checkOptions("convolution", options, ["strides", "padding", "dilations", "groups", "paddingMode"]);
  const axes = x.rank - 2;
  const { groups = 1, paddingMode = "zeros" } = options;
  const isDivided =
    groups === 1 || (Number.isInteger(groups) && groups > 0 && kernel.shape[0]! % groups === 0);
  if (axes < 1 || kernel.rank !== x.rank || kernel.shape[1]! * groups !== x.shape[1] || !isDivided) {
    throw new ShapeError(
      `convolution: ${shapeText(x.shape)} with kernel ${shapeText(kernel.shape)}${groups === 1 ? "" : ` in ${groups} groups`}: expected [batch, channels, ...sizes] and [outputs, channels${groups === 1 ? "" : " / groups"}, ...window] of one rank and ${groups === 1 ? "with equal channels" : "with channels and outputs that the groups divide"}`,
    );
  }
  const sizes = kernel.shape.slice(2);
  const dilations = perAxis(options.dilations ?? 1, axes, "convolution: dilations");
  const strides = perAxis(options.strides ?? 1, axes, "convolution: strides");
  const spans = sizes.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  return inNameOf("convolution", () => {
    const widths = widthsOf("convolution", options, spans);
    const around = surrounded(x, widths, paddingMode);
    const seen = grouped(around, 1, groups).windows({ sizes, strides, dilations });
    return asTensor(product(seen, kernel, axes, groups));
  });
}

/** An axis in groups of its own axis, where there is more than one: [.., n, ..] → [.., groups, n / groups, ..]. */
export const grouped = (x: Tensor, axis: number, groups: number): Tensor =>
  groups === 1
    ? x
    : x.reshape([...x.shape.slice(0, axis), groups, x.shape[axis]! / groups, ...x.shape.slice(axis + 1)]);

/** Windows [batch, (groups,) channels, out…, window…] times a kernel [outputs, channels, window…] → [batch, outputs, out…]. */
function product(seen: Tensor, kernel: Tensor, axes: number, groups: number): Tensor {
  // The axes of the groups, of which there is one or none, go first, as those of a batch of products.
  const group = groups === 1 ? [] : [1];
  const lead = group.map(() => groups);
  const channels = 1 + group.length;
  const spatial = Array.from({ length: axes }, (_, axis) => channels + 1 + axis);
  const out = spatial.map((axis) => seen.shape[axis]!);
  const [batch, outputs] = [seen.shape[0]!, kernel.shape[0]! / groups];
  const length = sizeOf(kernel.shape.slice(1));
  // The numbers of each window in one row.
  const rows = seen.permute([...group, 0, ...spatial, channels, ...spatial.map((axis) => axis + axes)]);
  const columns = kernel.reshape([...lead, outputs, length]).swapLastAxes();
  const sums = rows.reshape([...lead, batch * sizeOf(out), length]).matmul(columns);
  const placed = sums.reshape([...lead, batch, ...out, outputs]);
  const rank = placed.rank;
  const inOrder = placed.permute([
    group.length,
    ...group.map(() => 0),
    rank - 1,
    ...out.map((_, i) => channels + i),
  ]);
  return groups === 1 ? inOrder : inOrder.reshape([batch, kernel.shape[0]!, ...out]);
}
