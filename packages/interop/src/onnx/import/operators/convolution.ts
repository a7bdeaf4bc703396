// Convolution and its transpose.

import { convolution, type Tensor, transposedConvolution } from "@adjoint/autograd";
import { floats } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operators } from "./operator.ts";
import { explicitPads, shared, steps, type WindowSettings, windowSettings, windowsOver } from "./windows.ts";

/** One number for each channel, added to [batch, channels, ...]. */
const withBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : y.add(bias.reshape([bias.size, ...y.shape.slice(2).map(() => 1)]));

/** The window's sizes, which the kernel has too. */
function checkKernel(node: NodeReader, { sizes }: WindowSettings, kernel: Tensor): readonly number[] {
  const own = kernel.shape.slice(2);
  if (sizes !== null && (sizes.length !== own.length || sizes.some((n, axis) => n !== own[axis])))
    node.refuse(`kernel_shape is [${sizes.join(", ")}], and the kernel has [${kernel.shape.join(", ")}]`);
  return own;
}

/** How much of the full transpose is cut off before and after each axis; a negative number is what is added. */
function cuts(
  node: NodeReader,
  settings: WindowSettings,
  over: readonly number[],
  kernel: readonly number[],
  outputPadding: readonly number[],
  outputShape: readonly number[] | null,
): readonly (readonly [number, number])[] {
  const { strides, spans } = steps(node, settings, kernel);
  const { autoPad } = settings;
  const isSame = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  const asked = outputShape ?? (isSame ? over.map((n, axis) => n * strides[axis]!) : null);
  if (asked === null) {
    const pads =
      autoPad === "VALID" ? over.map(() => [0, 0] as const) : explicitPads(node, settings, over.length);
    return pads.map(([before, after], axis) => [before, after - outputPadding[axis]!]);
  }
  // The batch and the channels may be named too.
  const sizes = asked.slice(-over.length);
  if (sizes.length !== over.length)
    node.refuse(`output_shape has ${asked.length} sizes for ${over.length} axes`);
  return over.map((n, axis) => {
    const total = strides[axis]! * (n - 1) + outputPadding[axis]! + spans[axis]! - sizes[axis]!;
    // What is missing where it is negative stands at the end.
    const [before, after] = total < 0 ? [0, total] : shared(total, autoPad === "SAME_UPPER");
    return [before, after - outputPadding[axis]!];
  });
}

export const convolutions: Operators = {
  Conv: {
    since: 1,
    inputs: [2, 3],
    prepare(node) {
      const settings = windowSettings(node);
      const groups = node.int("group", 1);
      return ([x, kernel, bias]) => {
        const [own, weights] = [floats(x!, "the input"), kernel!.tensor];
        const sizes = checkKernel(node, settings, weights);
        const { strides, dilations, pads } = windowsOver(node, settings, sizes, own.shape.slice(2));
        const y = convolution(own, weights as Tensor, {
          strides,
          dilations,
          padding: pads,
          groups,
        }) as Tensor;
        return x!.with(withBias(y, bias?.tensor));
      };
    },
  },
  ConvTranspose: {
    since: 1,
    inputs: [2, 3],
    prepare(node) {
      const settings = windowSettings(node);
      const groups = node.int("group", 1);
      const [padding, outputShape] = [node.ints("output_padding"), node.ints("output_shape")];
      return ([x, kernel, bias]) => {
        const [own, weights] = [floats(x!, "the input"), kernel!.tensor];
        const sizes = checkKernel(node, settings, weights);
        const over = own.shape.slice(2);
        const added = padding ?? over.map(() => 0);
        const { strides, dilations } = steps(node, settings, sizes);
        const cut = cuts(node, settings, over, sizes, added, outputShape);
        const whole = transposedConvolution(own, weights, { strides, dilations, groups });
        const kept = whole.slice(
          null,
          null,
          ...cut.map(
            ([before, after], axis) => [before, whole.shape[axis + 2]! - Math.max(0, after)] as const,
          ),
        );
        const around = cut.map(([, after]): [number, number] => [0, Math.max(0, -after)]);
        const y: Tensor = around.some(([, after]) => after > 0)
          ? kept.pad([[0, 0], [0, 0], ...around])
          : kept;
        return x!.with(withBias(y, bias?.tensor));
      };
    },
  },
};
