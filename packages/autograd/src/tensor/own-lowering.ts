// How a program's loops compute a primitive of a user's own, as data: checked here, and said in the compiler's words. What
// is wrong in it would read memory that is not the operand's, so nothing is taken on trust but the numbers.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText, sizeOf } from "../array/shape.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import type { Expression } from "../expression/expression.ts";
import { map } from "../primitives/map.ts";
import type { Element, ElementBuilder, Lowering, View } from "../tape/lowering.ts";

/** What the element at one index of a result is made of. */
export interface ElementParts {
  /** The element of an operand at the same index. Its axes are those of the result, or of size 1, which repeats. */
  read(operand: number): Element;
  /** The index along an axis of the result, int32. */
  index(axis: number): Element;
  /** The same number everywhere, of the result's type if no other is given. */
  constant(value: number, dtype?: DType): Element;
  /** A function of elements of one type, as `activation` takes it: `apply((x, w) => w.mul(x.exp()), read(0), read(1))`. */
  apply(f: (...elements: Expression[]) => Expression | number, ...operands: readonly Element[]): Element;
  /** The element as another type has it. */
  cast(element: Element, dtype: DType): Element;
}

/** A part of a result: where it starts along each axis, and how far it goes from element to element. */
export interface Part {
  /** For each axis of the result the index at which the part begins. */
  readonly starts: readonly number[];
  /** For each axis how many indices of the result lie from one element of the part to the next. */
  readonly steps: readonly number[];
}

/** The loops that a primitive is, in one of six families. */
export type OwnLowering =
  /** Each element of the result from elements of the operands. */
  | { readonly family: "elements"; readonly element: (parts: ElementParts) => Element }
  /** The one operand's elements, read in another order: nothing is computed, and mostly nothing is copied. */
  | { readonly family: "view"; readonly view: View }
  /** The one operand's elements, row-major, under another shape. */
  | { readonly family: "regroup" }
  /** Over the axes of the one operand that the result lacks in front, or has with size 1. */
  | { readonly family: "reduction"; readonly combine: "total" | "largest" | "least" }
  /** [...batch, m, k] · [...batch, k, n], of floats. */
  | { readonly family: "product" }
  /** Zeros, of which each operand fills a part (`"store"`: no two overlap) or is added to it (`"add"`). */
  | { readonly family: "parts"; readonly combine: "store" | "add"; readonly parts: readonly Part[] };

const families = ["elements", "view", "regroup", "reduction", "product", "parts"];

/** The lowering that the compiler takes. Throws where it can't be right for these shapes and types. */
export function loweringOf(
  name: string,
  stated: OwnLowering,
  operands: readonly Description[],
  output: Description,
): Lowering<unknown> {
  const refuse: Refuse = (Kind, why) => new Kind(`${name}: its lowering ${why}`);
  if (!families.includes((stated as Partial<OwnLowering> | null)?.family as string))
    throw refuse(
      TypeError,
      `names no family; say { family: … } with one of ${families.join(", ")}, or null where loops can't compute it`,
    );
  switch (stated.family) {
    case "elements":
      return elementsOf(name, stated.element, operands, output, refuse);
    case "view":
      checkOperands(1, operands, output, refuse);
      checkView(stated.view, operands[0]!.shape, output.shape, refuse);
      return stated;
    case "regroup": {
      const [x] = checkOperands(1, operands, output, refuse);
      if (sizeOf(x!.shape) !== sizeOf(output.shape))
        throw refuse(
          ShapeError,
          `regroups ${shapeText(x!.shape)} as ${shapeText(output.shape)}; both must have as many elements`,
        );
      return stated;
    }
    case "reduction":
      checkReduction(stated.combine, checkOperands(1, operands, output, refuse)[0]!, output, refuse);
      return stated;
    case "product":
      checkProduct(checkOperands(2, operands, output, refuse), output, refuse);
      return { family: "product", gated: false };
    case "parts":
      checkOperands(stated.parts.length, operands, output, refuse);
      checkParts(stated.combine, stated.parts, operands, output, refuse);
      return {
        family: "parts",
        combine: stated.combine === "add" ? "accumulate" : "store",
        parts: (result) => stated.parts.map((part, i) => placeOf(result, part, operands[i]!)),
      };
  }
}

/** Makes the error that says what is wrong with a lowering. */
type Refuse = (Kind: new (message: string) => Error, why: string) => Error;

/** The operands, if they are so many and have the result's type. */
function checkOperands(
  count: number,
  operands: readonly Description[],
  output: Description,
  refuse: Refuse,
): readonly Description[] {
  if (operands.length !== count)
    throw refuse(ShapeError, `is for ${count} operands, and there are ${operands.length}`);
  const other = operands.find(({ dtype }) => dtype !== output.dtype);
  if (other !== undefined)
    throw refuse(
      DTypeError,
      `moves ${other.dtype} elements into a result that is ${output.dtype}; only the family "elements" changes types, by cast`,
    );
  return operands;
}

function elementsOf(
  name: string,
  element: unknown,
  operands: readonly Description[],
  output: Description,
  refuse: Refuse,
): Lowering<unknown> {
  if (typeof element !== "function")
    throw refuse(TypeError, "lacks the element; give element: ({ read, apply }) => apply((x) => …, read(0))");
  const make = element as (parts: ElementParts) => Element;
  return {
    family: "elements",
    element(build) {
      const made: unknown = make(partsOf(name, build, operands, output, refuse));
      const { dtype } = (made ?? {}) as Partial<Element>;
      if (dtype === output.dtype) return build.convert(made as Element, dtype);
      throw refuse(
        DTypeError,
        `makes ${dtype === undefined ? "no element" : `${dtype} elements`} of a result that is ${output.dtype}; return what read, apply or cast gives, e.g. cast(…, "${output.dtype}")`,
      );
    },
  };
}

function partsOf(
  name: string,
  build: ElementBuilder,
  operands: readonly Description[],
  output: Description,
  refuse: Refuse,
): ElementParts {
  return {
    read(i) {
      const operand = operands[i];
      if (operand === undefined)
        throw refuse(RangeError, `reads operand ${i}, and there are ${operands.length}, counted from 0`);
      const { shape } = operand;
      const fits =
        shape.length === output.shape.length && shape.every((n, axis) => n === 1 || n === output.shape[axis]);
      if (!fits)
        throw refuse(
          ShapeError,
          `reads operand ${i}, ${shapeText(shape)}, element by element for ${shapeText(output.shape)}; both must have the same axes, and only an axis of size 1 repeats`,
        );
      return build.read(i);
    },
    index(axis) {
      if (!(axis in output.shape))
        throw refuse(RangeError, `counts along axis ${axis}, which ${shapeText(output.shape)} has not`);
      return build.index(axis);
    },
    constant: (value, dtype = output.dtype) => build.constant(value, dtype),
    apply(f, ...elements) {
      if (elements.length === 0)
        throw refuse(TypeError, "applies a function to no element; for a number, use constant");
      const fn = statedFunction(`${name}'s lowering`, elements.length, f);
      const { dtype } = map.describe(
        elements.map(({ dtype }) => ({ shape: [], dtype })),
        { fn },
      ) as Description;
      return build.convert(build.expression(fn.expression, elements), dtype);
    },
    cast: (element, dtype) => build.convert(element, dtype),
  };
}

/** Throws unless a view walks along the operand's axes and never leaves them. */
function checkView(view: View, from: readonly number[], to: readonly number[], refuse: Refuse): void {
  const { starts, axes } = view;
  if (starts.length !== from.length || axes.length !== to.length)
    throw refuse(
      ShapeError,
      `has a view of ${starts.length} starts and ${axes.length} axes; give one start for each axis of ${shapeText(from)}, and for each of ${shapeText(to)} what it walks`,
    );
  from.forEach((n, axis) => {
    let [first, last] = [starts[axis]!, starts[axis]!];
    axes.forEach((walk, k) => {
      if (walk?.axis !== axis) return;
      const way = walk.step * (to[k]! - 1);
      first += Math.min(0, way);
      last += Math.max(0, way);
    });
    if (first >= 0 && last < n && Number.isInteger(first) && Number.isInteger(last)) return;
    throw refuse(ShapeError, `has a view of indices ${first} to ${last} along axis ${axis}, of size ${n}`);
  });
  const lost = axes.find((walk) => walk !== null && !(walk.axis in from));
  if (lost != null)
    throw refuse(ShapeError, `has a view along axis ${lost.axis}, which ${shapeText(from)} has not`);
}

function checkReduction(
  combine: unknown,
  { shape, dtype }: Description,
  output: Description,
  refuse: Refuse,
): void {
  if (combine !== "total" && combine !== "largest" && combine !== "least")
    throw refuse(TypeError, `combines by ${String(combine)}; say "total", "largest" or "least"`);
  if (dtype === "bool") throw refuse(DTypeError, "reduces truth values; cast them before, e.g. to int32");
  const added = shape.length - output.shape.length;
  const fits = added >= 0 && output.shape.every((n, axis) => n === 1 || n === shape[axis + added]);
  if (!fits)
    throw refuse(
      ShapeError,
      `reduces ${shapeText(shape)} to ${shapeText(output.shape)}; an axis stays, becomes 1, or goes from the front`,
    );
}

function checkProduct([a, b]: readonly Description[], output: Description, refuse: Refuse): void {
  const described = [a!, b!].every(({ shape }) => shape.length >= 2);
  const [m, k] = a!.shape.slice(-2);
  const [inner, n] = b!.shape.slice(-2);
  const batch = a!.shape.slice(0, -2);
  const fits =
    described &&
    k === inner &&
    sameShape(batch, b!.shape.slice(0, -2)) &&
    sameShape(output.shape, [...batch, m!, n!]);
  if (fits && (output.dtype === "float32" || output.dtype === "float64")) return;
  throw refuse(
    ShapeError,
    `is a product of ${a!.dtype} ${shapeText(a!.shape)} and ${shapeText(b!.shape)} to ${shapeText(output.shape)}; it must be [...batch, m, k] and [...batch, k, n] to [...batch, m, n], of floats`,
  );
}

function checkParts(
  combine: unknown,
  parts: readonly Part[],
  operands: readonly Description[],
  output: Description,
  refuse: Refuse,
): void {
  if (combine !== "store" && combine !== "add")
    throw refuse(TypeError, `combines by ${String(combine)}; say "store" or "add"`);
  parts.forEach(({ starts, steps }, i) => {
    const { shape } = operands[i]!;
    const hasAxes = [shape, starts, steps].every(({ length }) => length === output.shape.length);
    const ends = shape.map((n, axis) => starts[axis]! + (n - 1) * steps[axis]!);
    const isInside = output.shape.every((n, axis) =>
      [starts[axis]!, ends[axis]!].every((at) => Number.isInteger(at) && at >= 0 && at < n),
    );
    if (!hasAxes || !isInside)
      throw refuse(
        ShapeError,
        `puts operand ${i}, ${shapeText(shape)}, at [${starts.join(", ")}] by steps [${steps.join(", ")}], which leaves ${shapeText(output.shape)}; both have its axes`,
      );
  });
  if (combine === "store" && overlap(parts, operands, output))
    throw refuse(ShapeError, `stores parts that overlap; combine: "add" adds them up`);
}

/** Whether an element of the result belongs to several parts, or to one of them twice: found by counting. */
function overlap(parts: readonly Part[], operands: readonly Description[], output: Description): boolean {
  const counts = NDArray.zeros("bool", output.shape);
  let covered = 0;
  parts.forEach((part, i) => {
    const { buffer, shape, strides, offset } = placeOf(counts, part, operands[i]!);
    const index = shape.map(() => 0);
    for (let left = sizeOf(shape); left > 0; left--) {
      const at = index.reduce((sum, k, axis) => sum + k * strides[axis]!, offset);
      if (buffer[at] === 0) covered++;
      buffer[at] = 1;
      for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
    }
  });
  return covered < operands.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The part of an array that an operand goes to. */
function placeOf(result: NDArray, { starts, steps }: Part, { shape }: Description): NDArray {
  const offset = starts.reduce((sum, start, axis) => sum + start * result.strides[axis]!, result.offset);
  return result.view(
    shape,
    steps.map((step, axis) => step * result.strides[axis]!),
    offset,
  );
}
