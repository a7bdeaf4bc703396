// checkPrimitive: is everything that a primitive says of itself true? Its shape rule, its value however the operands lie
// in memory, and its derivative rules, on the examples it states or is given.

import type { Description } from "../array/description.ts";
import { allocate, type DType, isFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { shapeText, stridesOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { compile } from "../compile/compile.ts";
import { jvp, vjp } from "../differentiate/transforms.ts";
import { vmap } from "../differentiate/vmap.ts";
import { applyAll } from "../tape/apply.ts";
import { listOf } from "../tape/outputs.ts";
import type { Example, Primitive } from "../tape/value.ts";
import { stack } from "../tensor/creation.ts";
import type { PrimitiveFunction, SeveralFunction } from "../tensor/custom.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import { checkGradients } from "./check-gradients.ts";
import { keptBits32, noiseOf } from "./noise.ts";
import { Stream } from "./random.ts";
import { Findings, type StatementReport, shown } from "./statement-report.ts";

/** Operands of an example as they are drawn. */
type Draw = (stream: Stream) => number;

/**
 * Checks a primitive of `definePrimitive`, or of the table, with its own examples or those given: its shape and type
 * rule against its result; its value on strided views, on edge numbers, in float32 against float64, and in a program
 * where it states a lowering; its derivatives to order two in both modes; the same with one tensor as several operands,
 * and along axes of size 1 and 0 where it takes them. Without examples the verdict is "inconclusive". Throws TypeError
 * where the argument is no primitive.
 */
export function checkPrimitive<A>(
  statement: PrimitiveFunction<A> | SeveralFunction<A> | Primitive<A>,
  examples?: readonly Example<A>[],
): StatementReport {
  const primitive = (typeof statement === "function" ? statement.primitive : statement) as Primitive;
  if (typeof (primitive as Partial<Primitive> | undefined)?.evaluate !== "function") {
    throw new TypeError(
      `checkPrimitive: got ${typeof statement} where a primitive belongs; give what definePrimitive returns`,
    );
  }
  const findings = new Findings();
  const given = (examples ?? primitive.examples ?? []) as readonly Example<unknown>[];
  if (given.length === 0)
    findings.notes.push(
      "it has no examples: state where it is defined, or give, operands that fit: examples: [{ shapes: [[2, 3]], attributes: { … } }]",
    );
  given.forEach((example, i) => {
    for (let output = 0; output < countOf(primitive, example); output++)
      new Attack(primitive, example, findings, i + 1, output).run();
  });
  if (given.length > 0 && primitive.pullback === undefined && primitive.pushforward === undefined)
    findings.notes.push("it states no derivative: nothing passes back through it");
  return findings.report(primitive.name, 2);
}

/** How many results it has; one where it refuses the example, which the attack then finds. */
function countOf(primitive: Primitive, { shapes, attributes, dtypes }: Example<unknown>): number {
  const kindAt = (i: number): DType => {
    const kind = dtypes?.[i] ?? "float";
    return kind === "float" ? "float64" : kind;
  };
  try {
    const operands = shapes.map((shape, i) => ({ shape, dtype: kindAt(i) }));
    return listOf<Description>(primitive.describe(operands, attributes)).length;
  } catch {
    return 1;
  }
}

// Numbers at the edges of arithmetic. A primitive may compute anything from them, but must not throw.
const edges = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e300, 5e-324];

class Attack {
  readonly primitive: Primitive;
  readonly example: Example<unknown>;
  readonly findings: Findings;
  readonly place: number;
  /** Which of the results is attacked. */
  readonly output: number;

  constructor(
    primitive: Primitive,
    example: Example<unknown>,
    findings: Findings,
    place: number,
    output: number,
  ) {
    this.primitive = primitive;
    this.example = example;
    this.findings = findings;
    this.place = place;
    this.output = output;
  }

  run(): void {
    const { shapes } = this.example;
    this.#guarded("given operands", shapes, () => {
      this.#checkResult(shapes);
      this.#checkLayout(shapes);
      this.#checkFloat32(shapes);
    });
    this.#guarded("compiled", shapes, () => this.#checkCompiled(shapes));
    this.#guarded("for many at once", shapes, () => this.#checkMany(shapes));
    this.#guarded("numbers at the edges of arithmetic", shapes, () => this.#checkEdges(shapes));
    this.#guarded("differentiated", shapes, () =>
      this.#checkDerivatives(
        shapes,
        shapes.map((_, i) => i),
      ),
    );
    this.#guarded("with a single operand moving", shapes, () => this.#checkShares(shapes));
    this.#checkRepeats(shapes);
    for (const size of [1, 0]) for (const other of this.#resized(size)) this.#checkSize(other, size);
  }

  #isFloatAt(i: number): boolean {
    return (this.example.dtypes?.[i] ?? "float") === "float";
  }

  #operands(shapes: readonly Shape[], float: DType, draw?: Draw, seed = 1): NDArray[] {
    const stream = new Stream(seed);
    const [low, high] = this.example.between ?? [-2, 2];
    return shapes.map((shape, i) => {
      const kind = this.example.dtypes?.[i] ?? "float";
      const array = NDArray.zeros(kind === "float" ? float : kind, shape);
      for (let k = 0; k < array.size; k++) {
        const fraction = stream.next();
        if (kind === "bool") array.buffer[k] = Number(fraction < 0.5);
        else if (kind === "int32") array.buffer[k] = Math.round(low + (high - low) * fraction);
        else array.buffer[k] = draw?.(stream) ?? Math.fround(low + (high - low) * fraction);
      }
      return array;
    });
  }

  #describeAll(operands: readonly Description[]): readonly Description[] {
    const described = this.primitive.describe(
      operands.map(({ shape, dtype }) => ({ shape, dtype })),
      this.example.attributes,
    );
    return listOf<Description>(described);
  }

  #describe(operands: readonly Description[]): Description {
    return this.#describeAll(operands)[this.output]!;
  }

  #value(operands: readonly NDArray[]): NDArray {
    const outputs = this.#describeAll(operands);
    const made = this.primitive.evaluate(operands, this.example.attributes, outputs[0]!, outputs);
    return listOf<NDArray>(made)[this.output]!;
  }

  /** Runs a check; whatever it throws is a finding. */
  #guarded(when: string, shapes: readonly Shape[], check: () => void): void {
    this.findings.compared++;
    try {
      check();
    } catch (error) {
      this.#found(
        `throws ${when}`,
        shapes,
        `throws ${when}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #found(kind: string, shapes: readonly Shape[], sentence: string): void {
    this.findings.found(
      kind,
      `of ${shapes.map(shapeText).join(", ")} (example ${this.place}) it ${sentence}`,
    );
  }

  #checkResult(shapes: readonly Shape[]): void {
    for (const float of ["float64", "float32"] as const) {
      const operands = this.#operands(shapes, float);
      const said = this.#describe(operands);
      const result = this.#value(operands);
      const text = ({ shape, dtype }: Description) => `${dtype} ${shapeText(shape)}`;
      if (text(said) !== text(result))
        this.#found("shape", shapes, `says that it gives ${text(said)}, and gives ${text(result)}`);
      this.#sameElements("given the same operands again", shapes, this.#value(operands), result);
      if (result.data.length !== result.size)
        this.#found("size", shapes, `gives ${result.data.length} elements for ${result.size} places`);
    }
  }

  #sameElements(when: string, shapes: readonly Shape[], actual: NDArray, expected: NDArray): void {
    this.findings.compared++;
    const [a, b] = [actual.data, expected.data];
    const at = a.findIndex((x: number, i: number) => !Object.is(x, b[i]));
    if (at >= 0) this.#found(when, shapes, `gives ${shown(a[at]!)} where it gave ${shown(b[at]!)}, ${when}`);
  }

  /** Axes in another order in memory, backwards, with gaps and an offset: the same value, and nothing written into them. */
  #checkLayout(shapes: readonly Shape[]): void {
    for (const float of ["float64", "float32"] as const) {
      const packed = this.#operands(shapes, float);
      const expected = this.#value(packed);
      const views = packed.map(strided);
      const before = views.map(({ buffer }) => buffer.slice());
      const result = this.#value(views);
      this.#sameElements("of the same numbers laid out otherwise in memory", shapes, result, expected);
      views.forEach(({ buffer }, i) => {
        const changed = buffer.findIndex((x: number, k: number) => !Object.is(x, before[i]![k]));
        if (changed >= 0) this.#found("writes", shapes, `writes into its operand ${i + 1}`);
      });
    }
  }

  #checkFloat32(shapes: readonly Shape[]): void {
    const double = this.#operands(shapes, "float64");
    if (!isFloat(this.#describe(double).dtype)) return;
    const exact = Float64Array.from(this.#value(double).data);
    const tensors = double.map((array) => new Tensor(array));
    const run = () => Float64Array.from(this.#apply(tensors).data);
    const bars = noiseOf(run, exact, new Stream(3), { bits: keptBits32 });
    this.#value(this.#operands(shapes, "float32")).data.forEach((actual: number, i: number) => {
      if (!this.findings.holds(actual, exact[i]!, bars[i]! + 2 ** -126))
        this.#found(
          "float32",
          shapes,
          `gives ${shown(actual)} in float32 and ${shown(exact[i]!)} in float64`,
        );
    });
  }

  /** What a program's loops compute, where a lowering says how, is the value but for rounding. */
  #checkCompiled(shapes: readonly Shape[]): void {
    if (this.primitive.lowering === undefined) return;
    const run = compile((...operands: Tensor[]) => this.#apply(operands));
    const tensorsOf = (float: DType) => this.#operands(shapes, float).map((array) => new Tensor(array));
    for (const float of ["float64", "float32"] as const) {
      if (!this.#takes(shapes, float)) continue;
      const actual = run(...tensorsOf(float));
      // What rounding to float32 at every step may do shows where the same is computed in float64.
      const isSingle = float === "float32" && this.#takes(shapes, "float64");
      const operands = tensorsOf(isSingle ? "float64" : float);
      const compute = () => Float64Array.from(this.#apply(operands).data);
      const expected = compute();
      const noise = isSingle
        ? noiseOf(compute, expected, new Stream(4), { bits: keptBits32 }).map((bar) => bar + 2 ** -126)
        : noiseOf(compute, expected, new Stream(4));
      actual.data.forEach((got: number, i: number) => {
        if (this.findings.holds(got, expected[i]!, isFloat(actual.dtype) ? noise[i]! : 0)) return;
        this.#found(
          "lowering",
          shapes,
          `gives ${shown(got)} by its lowering, in a program, and ${shown(expected[i]!)} by its value, in ${float}`,
        );
      });
    }
  }

  /** What it gives for many at once, where it states that, is what it gives for each. */
  #checkMany(shapes: readonly Shape[]): void {
    if (this.primitive.shifted === undefined) return;
    const parts = [1, 2].map((seed) =>
      this.#operands(shapes, "float64", undefined, seed).map((array) => new Tensor(array)),
    );
    const wholes = shapes.map((_, i) => stack(parts.map((operands) => operands[i]!)));
    const together = vmap((...operands: Tensor[]) => this.#apply(operands))(...wholes);
    const each = stack(parts.map((operands) => this.#apply(operands)));
    this.#sameElements("one by one, for many at once", shapes, together.array, each.array);
  }

  #checkEdges(shapes: readonly Shape[]): void {
    for (const float of ["float64", "float32"] as const) {
      for (const seed of [1, 2]) {
        const operands = this.#operands(
          shapes,
          float,
          (stream) => edges[Math.floor(stream.next() * edges.length)]!,
          seed,
        );
        const tensors = operands.map((array) => new Tensor(array));
        this.#derivatives(tensors);
      }
    }
  }

  #apply(operands: readonly Tensor[]): Tensor {
    return asTensor(applyAll(this.primitive, operands, this.example.attributes)[this.output]!);
  }

  /** The primitive as a function of those float operands that `slots` names: operand i is argument slots[i]. */
  #moving(operands: readonly Tensor[], slots: readonly number[]) {
    const moves = operands.map((operand) => isFloat(operand.dtype));
    const used = [...new Set(slots.filter((_, i) => moves[i]))];
    const run = (...given: Tensor[]): Tensor =>
      this.#apply(operands.map((operand, i) => (moves[i] ? given[used.indexOf(slots[i]!)]! : operand)));
    return { run, point: used.map((slot) => operands[slot]!) };
  }

  #differentiates(operands: readonly Description[]): boolean {
    const { pullback, pushforward } = this.primitive;
    return (
      (pullback !== undefined || pushforward !== undefined) &&
      operands.some(({ dtype }) => isFloat(dtype)) &&
      isFloat(this.#describe(operands).dtype)
    );
  }

  /** Runs both modes once, since they may throw; returns the cotangents of the float operands. */
  #derivatives(operands: readonly Tensor[]): Tensor[] {
    const value = this.#apply(operands);
    if (!this.#differentiates(operands)) return [value];
    const { run, point } = this.#moving(
      operands,
      operands.map((_, i) => i),
    );
    const f = (given: readonly Tensor[]) => run(...given);
    jvp(f, point, point.map(ones));
    return vjp(f, point).pullback(ones(value));
  }

  #checkDerivatives(shapes: readonly Shape[], slots: readonly number[], when = "", order = 2): void {
    // With float32 operands, derivatives are checked in both types; only a primitive that refuses float32 is given float64.
    const float = this.#takes(shapes, "float32") ? "float32" : "float64";
    const operands = this.#operands(shapes, float).map((array) => new Tensor(array));
    if (!this.#differentiates(operands)) return;
    const { run, point } = this.#moving(operands, slots);
    const report = checkGradients(run as (...inputs: never[]) => Tensor, point, { order });
    this.findings.compared += report.compared;
    this.findings.undecided += report.undecided;
    this.findings.kinks += report.kinks;
    if (report.verdict !== "wrong") return;
    this.findings.disagreements.push(...report.disagreements);
    this.#found(`derivative${when}`, shapes, `has a wrong derivative${when}: ${report.toString()}`);
  }

  #takes(shapes: readonly Shape[], float: DType): boolean {
    try {
      this.#describe(this.#operands(shapes, float));
      return true;
    } catch {
      return false;
    }
  }

  /** An operand's cotangent is the same whether or not the others move. */
  #checkShares(shapes: readonly Shape[]): void {
    const operands = this.#operands(shapes, "float64").map((array) => new Tensor(array));
    if (!this.#differentiates(operands)) return;
    const { run, point } = this.#moving(
      operands,
      operands.map((_, i) => i),
    );
    if (point.length < 2) return;
    const together = vjp((given: readonly Tensor[]) => run(...given), point);
    const seed = ones(together.value);
    const shares = together.pullback(seed);
    point.forEach((operand, i) => {
      const alone = vjp((given: Tensor) => run(...point.with(i, given)), operand).pullback(seed);
      this.#sameElements(`where only operand ${i + 1} moves`, shapes, alone.array, shares[i]!.array);
    });
  }

  /** One tensor as several operands: their derivatives add up. */
  #checkRepeats(shapes: readonly Shape[]): void {
    const slots = shapes.map((shape, i) =>
      this.#isFloatAt(i)
        ? shapes.findIndex((other, k) => this.#isFloatAt(k) && shapeText(other) === shapeText(shape))
        : i,
    );
    if (slots.every((slot, i) => slot === i)) return;
    const when = ", given one tensor as several operands";
    this.#guarded(when, shapes, () => this.#checkDerivatives(shapes, slots, when));
  }

  /** The example with every axis of one length, in all operands, resized. */
  #resized(size: number): Shape[][] {
    const { shapes } = this.example;
    const lengths = [...new Set(shapes.flat())].filter((n) => n > 1);
    return lengths
      .map((length) => shapes.map((shape) => shape.map((n) => (n === length ? size : n))))
      .filter((resized) => {
        try {
          const operands = this.#operands(resized, "float64");
          this.#describe(operands);
          // Whole numbers may be indices, which need not fit other sizes.
          if (this.example.dtypes?.includes("int32")) this.#value(operands);
          return true;
        } catch {
          // The shape rule refuses the operands: there is nothing to check.
          return false;
        }
      });
  }

  #checkSize(shapes: readonly Shape[], size: number): void {
    this.#guarded(`with axes of size ${size}, which its shape rule takes`, shapes, () => {
      this.#checkResult(shapes);
      this.#checkCompiled(shapes);
      const operands = this.#operands(shapes, "float64").map((array) => new Tensor(array));
      this.#derivatives(operands);
      if (size > 0)
        this.#checkDerivatives(
          shapes,
          shapes.map((_, i) => i),
          ` with axes of size ${size}`,
          1,
        );
    });
  }
}

const ones = ({ dtype, shape }: Tensor) => new Tensor(NDArray.filled(dtype, shape, 1));

/** The same elements with the axes the other way round in memory, the last one backwards, with gaps and at an offset. */
function strided(array: NDArray): NDArray {
  const { dtype, shape, size, data } = array;
  const spread = stridesOf([...shape].reverse())
    .reverse()
    .map((stride) => 2 * stride);
  const last = shape.length - 1;
  const buffer = allocate(dtype, 2 * size + 5);
  // What lies in the gaps must not be read.
  buffer.fill(dtype === "bool" ? 1 : dtype === "int32" ? 1e9 : NaN);
  let offset = 3;
  if (last >= 0 && size > 0) {
    offset += (shape[last]! - 1) * spread[last]!;
    spread[last] = -spread[last]!;
  }
  const view = new NDArray(dtype, shape, buffer, spread, offset);
  const index = new Array<number>(shape.length).fill(0);
  for (let k = 0; k < size; k++) {
    buffer[index.reduce((at, i, axis) => at + i * spread[axis]!, offset)] = data[k]!;
    for (let axis = last; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return view;
}
