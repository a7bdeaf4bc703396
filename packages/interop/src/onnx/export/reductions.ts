// Steps that combine many elements into one: sums, means, extremes, matrix products.

import type { ProgramStep, ProgramValue, StepTable } from "@adjoint/autograd";
import { Arithmetic } from "./arithmetic.ts";
import type { Emission, Emitted } from "./emission.ts";
import type { Port } from "./encode.ts";
import { dimensionOf, isOne, productOf, type Size, sameSize } from "./sizes.ts";
import type { Element } from "./writer.ts";

/** Reduces axes, which stay with size 1, by an operator of its own or, for truth values, of whole numbers. */
export function reduced(
  { writer }: Emission,
  operator: string,
  x: Element,
  axes: readonly number[],
): Element {
  if (axes.length === 0) return x;
  if (x.type === "bool")
    return writer.cast(
      writer.add(operator, [writer.cast(x, "int32").name, writer.ints(axes)], "int32", {
        keepdims: { int: 1 },
      }),
      "bool",
    );
  return writer.add(operator, [x.name, writer.ints(axes)], x.type, { keepdims: { int: 1 } });
}

/** The axes over which x is summed to a shape. */
function summedAxes(x: readonly Size[], shape: readonly Size[]): readonly number[] {
  const added = x.length - shape.length;
  return x.flatMap((size, axis) =>
    axis < added || (isOne(shape[axis - added]!) && !isOne(size)) ? [axis] : [],
  );
}

function totals(emission: Emission, operator: string, x: ProgramValue, y: ProgramValue): Element {
  const { writer } = emission;
  const [from, to] = [emission.shape(x), emission.shape(y)];
  const axes = summedAxes(from, to);
  const added = from.length - to.length;
  const element = emission.take(x);
  if (axes.length === added && added > 0)
    return writer.add(operator, [element.name, writer.ints(axes)], element.type, { keepdims: { int: 0 } });
  const made = reduced(emission, operator, element, axes);
  if (added === 0) return made;
  return writer.add("Squeeze", [made.name, writer.ints(axes.slice(0, added))], made.type);
}

const extreme =
  (emission: Emission, operator: string) =>
  ({
    inputs: [x],
    attributes: { axes },
  }: {
    inputs: ProgramStep["inputs"];
    attributes: { axes: readonly number[] };
  }) => {
    const element = emission.take(x!);
    const made = reduced(emission, operator, element, axes);
    if (axes.length === 0 || !["float32", "float64"].includes(element.type)) return made;
    // onnxruntime passes over NaN, or not, by the place where it lies.
    const e = new Arithmetic(emission.writer, element.type);
    const broken = emission.writer.cast(e.isNaN(element), "int32");
    return e.where(e.as(reduced(emission, "ReduceMax", broken, axes), "bool"), Number.NaN, made);
  };

/** Sum of the products of elements; in every term a zero factor is stronger than infinity and NaN. */
function gatedProduct(emission: Emission, step: ProgramStep): Element {
  const { writer } = emission;
  const [a, b] = emission.takeAll(step.inputs) as [Element, Element];
  const e = new Arithmetic(writer, a.type);
  const y = step.outputs[0]!;
  // Zero times a number is 0, and times infinity or NaN it is NaN: so a sum tells whether all are numbers.
  const probe = (x: Element) => writer.add("ReduceSum", [e.mul(x, 0).name], x.type, { keepdims: { int: 0 } });
  const isUsual = e.equal(e.add(probe(a), probe(b)), 0);
  const port: Omit<Port, "name"> = { type: a.type, shape: emission.shape(y).map(dimensionOf) };
  const branch = (name: string, write: () => Element) =>
    writer.inner(name, [], () => [{ ...write(), shape: port.shape }]);
  return writer.add("If", [isUsual.name], a.type, {
    then_branch: { graph: branch("product", () => e.apply("MatMul", a, b)) },
    else_branch: {
      graph: branch("product_where_zero_wins", () => {
        const left = writer.add("Unsqueeze", [a.name, writer.ints([-1])], a.type);
        const right = writer.add("Unsqueeze", [b.name, writer.ints([-3])], a.type);
        const isZero = e.or(e.equal(left, 0), e.equal(right, 0));
        const terms = e.where(isZero, 0, e.mul(left, right));
        return writer.add("ReduceSum", [terms.name, writer.ints([-2])], a.type, { keepdims: { int: 0 } });
      }),
    },
  });
}

type Reduction = "sumTo" | "mean" | "max" | "min" | "matmul" | "gatedMatmul" | "logSoftmax";

export const reductionSteps = (emission: Emission): Pick<StepTable<Emitted>, Reduction> => ({
  sumTo: ({ inputs: [x], outputs: [y] }) => totals(emission, "ReduceSum", x!, y!),
  mean(step) {
    const [x, y] = [step.inputs[0]!, step.outputs[0]!];
    const [from, to] = [emission.shape(x), emission.shape(y)];
    const [divisor] = emission.sizes(step, ({ attributes }) => [attributes.divisor]);
    const count = productOf(summedAxes(from, to).map((axis) => from[axis]!));
    if (count !== undefined && sameSize(count, divisor!)) return totals(emission, "ReduceMean", x, y);
    const e = emission.arithmetic(y);
    return e.div(totals(emission, "ReduceSum", x, y), emission.writer.size(divisor!, e.type));
  },
  max: extreme(emission, "ReduceMax"),
  min: extreme(emission, "ReduceMin"),
  matmul: ({ inputs: [a, b], outputs: [y] }) =>
    emission.arithmetic(y!).apply("MatMul", emission.take(a!), emission.take(b!)),
  gatedMatmul: (step) => gatedProduct(emission, step),
  logSoftmax({ inputs: [x], outputs: [y], attributes: { axis } }) {
    return emission.writer.add("LogSoftmax", [emission.take(x!).name], emission.typeOf(y!), {
      axis: { int: axis },
    });
  },
});
