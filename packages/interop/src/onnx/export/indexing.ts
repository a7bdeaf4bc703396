// Steps that read and add at indices.

import type { ProgramValue, StepTable } from "@adjoint/autograd";
import { Arithmetic } from "./arithmetic.ts";
import type { Emission, Emitted } from "./emission.ts";
import { reshaped } from "./movement.ts";
import { isOne } from "./sizes.ts";
import type { Element } from "./writer.ts";

/** Indices that are the same for whole rows, as a vector. */
function rowIndices(emission: Emission, indices: ProgramValue, axis: number): Element | undefined {
  const { element, shape } = emission.narrow(indices);
  if (shape.length !== indices.shape.length || shape.length < 2) return undefined;
  if (!shape.every((size, k) => k === axis || isOne(size))) return undefined;
  return reshaped(emission, element, [shape[axis]!]);
}

type Indexing = "takeAlong" | "addAlong" | "oneHot";

export const indexingSteps = (emission: Emission): Pick<StepTable<Emitted>, Indexing> => ({
  takeAlong({ inputs: [value, indices], attributes: { axis } }) {
    const { writer } = emission;
    const x = emission.take(value!);
    const rows = rowIndices(emission, indices!, axis);
    if (rows !== undefined) return writer.add("Gather", [x.name, rows.name], x.type, { axis: { int: axis } });
    return writer.add("GatherElements", [x.name, emission.take(indices!).name], x.type, {
      axis: { int: axis },
    });
  },
  addAlong({ inputs: [value, indices], outputs: [y], attributes: { axis } }) {
    const x = emission.take(value!);
    const zeros = emission.filled(0, emission.shape(y!), x.type);
    const inputs = [zeros.name, emission.take(indices!).name, x.name];
    return emission.writer.add("ScatterElements", inputs, x.type, {
      axis: { int: axis },
      reduction: { text: "add" },
    });
  },
  oneHot({ inputs: [indices], outputs: [y], attributes: { classes } }) {
    const { writer } = emission;
    const places = Array.from({ length: classes }, (_, i) => i);
    const isHere = new Arithmetic(writer, "int32").equal(
      emission.take(indices!),
      writer.constant("int32", [classes], places),
    );
    return writer.cast(isHere, emission.typeOf(y!));
  },
});
