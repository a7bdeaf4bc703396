// What layers with windows ask of their sizes.

import { type PaddingMode, type PerAxis, ShapeError, type Tensor } from "@adjoint/autograd";
import { checkSize, kindOf } from "../arguments.ts";

/** One number for each axis, from one for all. Throws TypeError, ShapeError for what is not, and below `least`. */
export function eachAxis(
  layer: string,
  what: string,
  axes: number,
  value: PerAxis<number>,
  least: 0 | 1 = 1,
): readonly number[] {
  if (typeof value !== "number" && !Array.isArray(value))
    throw new TypeError(`${layer}: ${what} is ${kindOf(value)}; give a number for all axes, or one for each`);
  const list: readonly number[] = typeof value === "number" ? new Array<number>(axes).fill(value) : value;
  if (list.length !== axes)
    throw new ShapeError(
      `${layer}: ${what} has ${list.length} numbers for ${axes} axes; give one, or one for each`,
    );
  if (list.some((n) => !Number.isInteger(n) || n < least))
    throw new ShapeError(`${layer}: ${what} is ${listText(list)}; give whole numbers, ${least} or more`);
  return [...list];
}

/** What may stand around a convolution's input. */
const modes: Readonly<Record<PaddingMode, true>> = {
  zeros: true,
  reflect: true,
  circular: true,
  replicate: true,
};

/** Throws TypeError or ShapeError for a padding of so many axes, or a mode of it, that a convolution doesn't take. */
export function checkPadding(layer: string, axes: number, padding: unknown, mode: unknown): void {
  if (typeof mode !== "string" || !Object.hasOwn(modes, mode))
    throw new TypeError(
      `${layer}: paddingMode ${JSON.stringify(mode)} is not known; use "zeros", "reflect", "circular" or "replicate"`,
    );
  if (padding === "valid" || padding === "same") return;
  if (typeof padding !== "number" && !Array.isArray(padding))
    throw new TypeError(
      `${layer}: padding ${typeof padding === "string" ? `"${padding}" is not known` : `is ${kindOf(padding)}`}; use "valid", "same", a width, or one for each axis: a width or [before, after]`,
    );
  const widths: readonly unknown[] = typeof padding === "number" ? [padding] : padding;
  if (typeof padding !== "number" && widths.length !== axes)
    throw new ShapeError(
      `${layer}: padding has ${widths.length} widths for ${axes} ${axes === 1 ? "axis" : "axes"}; give one for each axis, a width or [before, after], e.g. ${JSON.stringify(new Array(axes).fill([2, 0]))}`,
    );
  const isWidth = (width: unknown) => Number.isInteger(width) && (width as number) >= 0;
  for (const width of widths)
    if (!isWidth(width) && !(Array.isArray(width) && width.length === 2 && width.every(isWidth)))
      throw new ShapeError(
        `${layer}: padding ${JSON.stringify(width)} must be a whole number, 0 or more, or two of them, [before, after]`,
      );
}

/** Sizes as one writes them: 3, or [3, 5]. */
export const listText = (sizes: readonly number[]): string =>
  sizes.every((n) => n === sizes[0]) ? String(sizes[0]) : `[${sizes.join(", ")}]`;

/** Throws ShapeError unless x is [batch, channels] and as many axes more. */
export function checkAxes(layer: string, x: Tensor, axes: number): void {
  if (x.rank === axes + 2) return;
  const sizes = axes === 1 ? "length" : "height, width";
  throw new ShapeError(
    `${layer}: input [${x.shape.join(", ")}] has ${x.rank} axes and the layer takes [batch, channels, ${sizes}]: reshape it`,
  );
}

/** Throws ShapeError where groups don't divide the channels on both sides. */
export function checkGroups(layer: string, groups: number, inputs: number, outputs: number): void {
  checkSize(layer, "the number of groups", groups);
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new ShapeError(
      `${layer}: ${groups} groups don't divide ${inputs} inputs and ${outputs} outputs; choose a divisor of both`,
    );
}
