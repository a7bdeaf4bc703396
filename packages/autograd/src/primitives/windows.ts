// Sliding windows and their overlap-add adjoint. Convolution and pooling are windows followed by a product or
// a reduction, so they need no rules of their own.

import type { Description } from "../array/description.ts";
import { ShapeError } from "../array/errors.ts";
import { eachLongRow, type NDArray } from "../array/ndarray.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { apply } from "../tape/apply.ts";
import type { View } from "../tape/lowering.ts";
import type { Primitive } from "../tape/value.ts";
import { linear, viewing, walked } from "./families.ts";
import { accumulator, castArray } from "./movement.ts";

/** Windows over the last axes: how long, how far apart, and how far apart their elements are. */
export interface WindowAttributes {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** Throws ShapeError for sizes, strides or dilations that are not whole numbers from 1. */
export function checkWindows(operation: string, { sizes, strides, dilations }: WindowAttributes): void {
  if ([...sizes, ...strides, ...dilations].some((n) => !Number.isInteger(n) || n < 1))
    throw new ShapeError(
      `${operation}: sizes [${sizes.join(", ")}], strides [${strides.join(", ")}] and dilations [${dilations.join(", ")}] must be whole numbers, 1 or more`,
    );
}

function outputSizes(shape: Shape, { sizes, strides, dilations }: WindowAttributes): number[] {
  const spatial = shape.slice(shape.length - sizes.length);
  return spatial.map(
    (n, axis) => Math.floor((n - ((sizes[axis]! - 1) * dilations[axis]! + 1)) / strides[axis]!) + 1,
  );
}

/** [...rest, n…] → [...rest, windows…, size…]: every window, as a view without copying. */
export const windows: Primitive<WindowAttributes> = viewing({
  name: "windows",
  describe([x], attributes) {
    const { sizes, dilations } = attributes;
    const { shape } = x!;
    checkWindows("windows", attributes);
    const counts = sizes.length > shape.length ? [0] : outputSizes(shape, attributes);
    if (counts.some((n) => n < 1)) {
      throw new ShapeError(
        `windows: [${sizes.join(", ")}] (dilated by [${dilations.join(", ")}]) are larger than ${shapeText(shape)}; pad first or use smaller windows`,
      );
    }
    return { shape: [...shape.slice(0, shape.length - sizes.length), ...counts, ...sizes], dtype: x!.dtype };
  },
  view: windowsOver,
  shifted: (attributes) => attributes,
  adjoint: (dy, { shape }, _i, { attributes }) => apply(overlapAdd, [dy], { ...attributes, shape }),
  label: ({ sizes, strides }) => `${sizes.join("×")} by ${strides.join("×")}`,
});

/** How windows walk what they slide over: one axis from window to window, one inside each. */
function windowsOver(
  { sizes, strides, dilations }: WindowAttributes,
  { shape }: Pick<Description, "shape">,
): View {
  const rest = shape.length - sizes.length;
  const walk = (steps: readonly number[]) => steps.map((step, k) => ({ axis: rest + k, step }));
  const whole = shape.slice(0, rest).map((_, axis) => ({ axis, step: 1 }));
  return { starts: shape.map(() => 0), axes: [...whole, ...walk(strides), ...walk(dilations)] };
}

const windowView = (x: NDArray, attributes: WindowAttributes, shape: Shape): NDArray =>
  walked(x, windowsOver(attributes, x), { shape });

/** Adds windows back where they came from: the adjoint of `windows`. */
export const overlapAdd: Primitive<WindowAttributes & { readonly shape: Shape }> = linear({
  name: "overlapAdd",
  lowering: () => ({
    family: "parts",
    combine: "accumulate",
    parts: (result, attributes, [x]) => [windowView(result, attributes, x!.shape)],
  }),
  describe: ([x], { shape }): Description => ({ shape, dtype: x!.dtype }),
  shifted: ({ shape, ...windowed }, size) => ({ ...windowed, shape: [size, ...shape] }),
  evaluate([x], attributes, { shape, dtype }) {
    const result = accumulator(dtype, shape);
    const { buffer: to } = result;
    const { buffer: from } = x!;
    eachLongRow(
      x!.shape,
      [windowView(result, attributes, x!.shape), x!],
      (length, [at, start], [step, sourceStep]) => {
        for (let i = 0; i < length; i++) to[at! + i * step!]! += from[start! + i * sourceStep!]!;
      },
    );
    return castArray(result, dtype);
  },
  adjoint: (dy, _x, _i, { attributes: { sizes, strides, dilations } }) =>
    apply(windows, [dy], { sizes, strides, dilations }),
  label: ({ shape }) => shapeText(shape),
});
