// Steps that give places of elements: of extremes, and in order. NaN is larger than every number.

import type { StepTable } from "@adjoint/autograd";
import { Arithmetic } from "./arithmetic.ts";
import type { Emission, Emitted } from "./emission.ts";
import { reduced } from "./reductions.ts";
import type { Size } from "./sizes.ts";
import type { Element } from "./writer.ts";

const isFloating = ({ type }: Element) => type === "float32" || type === "float64";

/** The place of the first extreme along an axis. */
function placeOf({ writer }: Emission, operator: string, x: Element, axis: number): Element {
  const numbers = x.type === "bool" ? writer.cast(x, "int32") : x;
  return writer.add(operator, [numbers.name], "int64", { axis: { int: axis }, keepdims: { int: 1 } });
}

/** The places of the elements along an axis in order; of equal ones the first comes first. */
function placesInOrder(
  { writer }: Emission,
  x: Element,
  size: Size,
  axis: number,
  descending: boolean,
): Element {
  const numbers = x.type === "bool" ? writer.cast(x, "int32") : x;
  return writer.several("TopK", [numbers.name, writer.sizes([size])], [numbers.type, "int64"], {
    axis: { int: axis },
    largest: { int: Number(descending) },
    sorted: { int: 1 },
  })[1]!;
}

export const orderSteps = (emission: Emission): Pick<StepTable<Emitted>, "argExtreme" | "argsort"> => ({
  argExtreme({ inputs: [value], attributes: { axis, smallest } }) {
    const { writer } = emission;
    const x = emission.take(value!);
    const usual = placeOf(emission, smallest ? "ArgMin" : "ArgMax", x, axis);
    if (!isFloating(x)) return writer.cast(usual, "int32");
    const isBroken = writer.cast(new Arithmetic(writer, x.type).isNaN(x), "int32");
    const places = new Arithmetic(writer, "int64");
    const any = reduced(emission, "ReduceMax", isBroken, [axis]);
    return writer.cast(places.where(any, placeOf(emission, "ArgMax", isBroken, axis), usual), "int32");
  },
  argsort({ inputs: [value], attributes: { axis, descending } }) {
    const { writer } = emission;
    const x = emission.take(value!);
    const size = emission.shape(value!)[axis]!;
    if (!isFloating(x)) return writer.cast(placesInOrder(emission, x, size, axis, descending), "int32");
    // First the numbers, then what is none to the end where it belongs, which keeps the others in order.
    const e = new Arithmetic(writer, x.type);
    const isBroken = e.isNaN(x);
    const first = placesInOrder(emission, e.where(isBroken, 0, x), size, axis, descending);
    const along = (of: Element, places: Element) =>
      writer.add("GatherElements", [of.name, places.name], of.type, { axis: { int: axis } });
    const flags = along(writer.cast(isBroken, "int32"), first);
    const second = placesInOrder(emission, flags, size, axis, descending);
    return writer.cast(along(first, second), "int32");
  },
});
