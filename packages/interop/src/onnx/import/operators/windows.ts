// Where windows lie that go over the last axes of a tensor: how convolution and pooling read their strides and padding.

import type { NodeReader } from "../node-reader.ts";

/** What a node says of its windows; null is what the standard has where nothing is said. */
export interface WindowSettings {
  readonly autoPad: "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID";
  readonly sizes: readonly number[] | null;
  readonly strides: readonly number[] | null;
  readonly dilations: readonly number[] | null;
  readonly pads: readonly number[] | null;
  readonly isCeil: boolean;
}

/** The attributes of windows; what the operator has in this version only. */
export function windowSettings(
  node: NodeReader,
  { dilations = true, ceil = false }: { readonly dilations?: boolean; readonly ceil?: boolean } = {},
): WindowSettings {
  return {
    autoPad: node.oneOf("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"], "NOTSET"),
    sizes: node.ints("kernel_shape"),
    strides: node.ints("strides"),
    dilations: dilations ? node.ints("dilations") : null,
    pads: node.ints("pads"),
    isCeil: ceil && node.flag("ceil_mode"),
  };
}

/** Windows over axes of known sizes. */
export interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** How many elements each window spans. */
  readonly spans: readonly number[];
  /** The padding that the node says, before and after. */
  readonly pads: readonly (readonly [number, number])[];
  /** The padding that all windows lie in: after the end there is more where the number of windows is rounded up. */
  readonly reach: readonly (readonly [number, number])[];
  /** How many windows there are along each axis. */
  readonly counts: readonly number[];
}

function perAxis(
  node: NodeReader,
  what: string,
  values: readonly number[] | null,
  axes: number,
  standard: number,
  least: number,
): readonly number[] {
  const list = values ?? new Array<number>(axes).fill(standard);
  if (list.length !== axes) node.refuse(`${what} has ${list.length} numbers for ${axes} axes`);
  const odd = list.find((n) => n < least);
  if (odd !== undefined) node.refuse(`${what} holds ${odd}; it must be ${least} or more`);
  return list;
}

/** Sizes, strides and dilations for each axis, checked. */
export function steps(
  node: NodeReader,
  settings: WindowSettings,
  sizes: readonly number[],
): Pick<Windows, "strides" | "dilations" | "spans"> {
  const axes = sizes.length;
  perAxis(node, "kernel_shape", sizes, axes, 1, 1);
  const strides = perAxis(node, "strides", settings.strides, axes, 1, 1);
  const dilations = perAxis(node, "dilations", settings.dilations, axes, 1, 1);
  const spans = sizes.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  return { strides, dilations, spans };
}

/** The padding that a node says, before and after each axis. */
export function explicitPads(node: NodeReader, { pads }: WindowSettings, axes: number): [number, number][] {
  const list = perAxis(node, "pads", pads, 2 * axes, 0, 0);
  return Array.from({ length: axes }, (_, axis) => [list[axis]!, list[axis + axes]!]);
}

/** An amount of padding on both sides: what is odd goes to the end, or to the start. */
export function shared(total: number, isUpper: boolean): [number, number] {
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return isUpper ? [less, more] : [more, less];
}

/** The windows of a node over axes of these sizes. */
export function windowsOver(
  node: NodeReader,
  settings: WindowSettings,
  sizes: readonly number[],
  over: readonly number[],
): Windows {
  if (sizes.length !== over.length) node.refuse(`windows of ${sizes.length} axes over ${over.length}`);
  const { strides, dilations, spans } = steps(node, settings, sizes);
  const { autoPad, isCeil } = settings;
  const isSame = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  const pads = isSame
    ? over.map((n, axis) => {
        const total = (Math.ceil(n / strides[axis]!) - 1) * strides[axis]! + spans[axis]! - n;
        return shared(Math.max(0, total), autoPad === "SAME_UPPER");
      })
    : autoPad === "VALID"
      ? over.map((): [number, number] => [0, 0])
      : explicitPads(node, settings, over.length);
  const counts = over.map((n, axis) => {
    const [before, after] = pads[axis]!;
    const room = (n + before + after - spans[axis]!) / strides[axis]!;
    if (room < 0)
      node.refuse(
        `a window of ${spans[axis]} does not fit into an axis of ${n} with padding ${before} and ${after}`,
      );
    if (!isCeil) return Math.floor(room) + 1;
    const count = Math.ceil(room) + 1;
    // The last window must begin in the input or the padding before it.
    return (count - 1) * strides[axis]! >= n + before ? count - 1 : count;
  });
  const reach = over.map((n, axis): [number, number] => {
    const [before] = pads[axis]!;
    return [before, Math.max(0, (counts[axis]! - 1) * strides[axis]! + spans[axis]! - n - before)];
  });
  return { sizes, strides, dilations, spans, pads, reach, counts };
}
