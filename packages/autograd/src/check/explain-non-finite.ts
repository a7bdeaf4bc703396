// explainNonFinite: which step made the first infinity or NaN out of finite numbers, forwards or backwards.
//
// Every primitive runs wrapped, so that what each array was made from is known, tracked by a transform or not. From a
// result that is not finite, the search goes back, through arrays that are not finite either, to where that began.

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import { NDArray as Elements } from "../array/ndarray.ts";
import { formatNumber, printReadably } from "../array/print.ts";
import { shapeText } from "../array/shape.ts";
import { interpose } from "../tape/interpose.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { listOf } from "../tape/outputs.ts";
import { sweepBack } from "../tape/reverse.ts";
import { includes, Trace, variableTrace } from "../tape/trace.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import { type Point, subjectOf } from "./subject.ts";
import { locate } from "./where.ts";

/** An operand of the step that made the number. */
export interface BlamedOperand {
  /** Its shape. */
  readonly shape: readonly number[];
  /** Its element at that index; null where its shape differs from the result's, so that it has no such element. */
  readonly value: number | null;
  /** Its least and its greatest number. */
  readonly extremes: readonly [number, number] | null;
}

/** Where a number that is not finite began. Prints readably. */
export class NonFiniteOrigin {
  /** False: every result and every gradient is finite, and the rest says nothing. */
  readonly found: boolean;
  /** The pass in which it was made. */
  readonly pass: "forward" | "backward";
  /** The step: primitive and attributes, e.g. "map log". In the backward pass, the step whose derivative it is. */
  readonly operation: string;
  /** The line of the user's code that made the step; null where none did. */
  readonly line: string | null;
  /** The number that the step made: ∞, −∞ or NaN. */
  readonly value: number;
  /** Where in the step's result it is. */
  readonly index: readonly number[];
  /** The step's operands. */
  readonly operands: readonly BlamedOperand[];
  /** In the backward pass, the cotangent that arrived at the step, at that index; null in the forward pass. */
  readonly cotangent: number | null;
  /** The result or the gradient in which it was found. */
  readonly surfaced: string;

  constructor(fields: Omit<NonFiniteOrigin, "toString">) {
    this.found = fields.found;
    this.pass = fields.pass;
    this.operation = fields.operation;
    this.line = fields.line;
    this.value = fields.value;
    this.index = fields.index;
    this.operands = fields.operands;
    this.cotangent = fields.cotangent;
    this.surfaced = fields.surfaced;
  }

  /** The same as sentences. */
  toString(): string {
    if (!this.found) return "every result and every gradient is finite";
    const { pass, operation, line, value, index, operands, cotangent, surfaced } = this;
    const place = index.length === 0 ? "" : ` at ${shapeText(index)}`;
    const what = pass === "forward" ? operation : `the derivative of ${operation}`;
    const given = operands.map(({ shape, value: own, extremes }) => {
      if (own !== null) return formatNumber(own);
      const span = extremes === null ? "" : ` from ${extremes.map(formatNumber).join(" to ")}`;
      return `${shapeText(shape)}${span}`;
    });
    const arrived = cotangent === null ? "" : `, cotangent ${formatNumber(cotangent)}`;
    const lines = [
      `${pass}: ${what}${place} is ${formatNumber(value)}${line === null ? "" : `, made at ${line}`}`,
      ...(given.length === 0 ? [] : [`  of ${given.join(" and ")}${arrived}`]),
      `  it comes out in ${surfaced}`,
    ];
    return lines.join("\n");
  }

  static {
    printReadably(NonFiniteOrigin.prototype);
  }
}

/** How an array was made. */
interface Made {
  readonly order: number;
  readonly primitive: Primitive;
  readonly attributes: unknown;
  readonly inputs: readonly NDArray[];
  readonly output: NDArray;
  /** In the backward pass, the step whose rule was being computed, or the last one, whose cotangent was being added. */
  readonly rule: Rule | null;
  tensor: Value | null;
}

interface Rule {
  readonly primitive: Primitive;
  readonly attributes: unknown;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly cotangent: Value;
}

/**
 * Runs f on inputs, and its derivative backwards from ones (for every input, and every variable that f uses), and names
 * the first step that made ∞ or NaN out of finite numbers, with the line of your code. What does not reach a result
 * or a gradient counts as harmless: the −∞ of a mask, a branch that was not taken.
 * Throws what f throws.
 */
export function explainNonFinite(f: (...inputs: never[]) => unknown, inputs: Point = []): NonFiniteOrigin {
  const subject = subjectOf("explainNonFinite", f, inputs);
  const history = new History();
  const trace = new Trace();
  const leaves = subject.inputs.map((input) => asTensor(watchedLeaf(input, trace)));
  const { result: found, lineOf } = locate(() =>
    history.watch(() => {
      const outputs = trace.during(() => subject.run(leaves));
      const forward = outputs.find(isBroken);
      if (forward !== undefined) {
        const which = outputs.length === 1 ? "the result" : `result ${outputs.indexOf(forward) + 1}`;
        return { pass: "forward" as const, tensor: forward, surfaced: which };
      }
      const gradients = gradientsOf(outputs, trace);
      const broken = [...gradients].find(([, gradient]) => isBroken(gradient));
      if (broken === undefined) return null;
      const [leaf, gradient] = broken;
      const known: readonly Value[] = leaves;
      const place = known.indexOf(leaf);
      const name = leaf.holder !== null ? `variable "${leaf.holder.name}"` : subject.names[place];
      return { pass: "backward" as const, tensor: gradient, surfaced: `the gradient of ${name ?? "a leaf"}` };
    }),
  );
  if (found === null) return nothing;
  const { pass, tensor, surfaced } = found;
  const origin = history.originOf(tensor.array);
  if (origin.made === null) {
    const own = leaves.findIndex((leaf) => leaf.array === origin.array);
    const operation = own < 0 ? "a constant, not finite from the start," : subject.names[own]!;
    return describe({
      pass: "forward",
      operation,
      line: null,
      array: origin.array,
      operands: [],
      cotangent: null,
      surfaced,
    });
  }
  const { made } = origin;
  const { rule } = made;
  if (rule !== null) {
    return describe({
      pass: "backward",
      operation: nameOf(rule.primitive, rule.attributes),
      line: lineOf(rule.output),
      array: made.output,
      operands: rule.inputs.map(({ array }) => array),
      cotangent: rule.cotangent.array,
      surfaced,
    });
  }
  return describe({
    pass,
    operation: nameOf(made.primitive, made.attributes),
    line: made.tensor === null ? null : lineOf(made.tensor),
    array: made.output,
    operands: made.inputs,
    cotangent: null,
    surfaced,
  });
}

const nothing: NonFiniteOrigin = new NonFiniteOrigin({
  found: false,
  pass: "forward",
  operation: "",
  line: null,
  value: 0,
  index: [],
  operands: [],
  cotangent: null,
  surfaced: "",
});

const ones = ({ dtype, shape }: Value) => new Tensor(Elements.filled(dtype, shape, 1));

/** The gradients of the trace's leaves and of all variables, from ones, without touching any variable. */
function gradientsOf(outputs: readonly Value[], trace: Trace): Map<Value, Value> {
  const watched = outputs.filter((output) => includes(output.traces, trace));
  const trained = outputs.filter((output) => includes(output.traces, variableTrace));
  return variableTrace.without(
    () =>
      new Map([
        ...sweepBack(watched, watched.map(ones), trace),
        ...sweepBack(trained, trained.map(ones), variableTrace),
      ]),
  );
}

const isBroken = ({ array }: Value) => brokenAt(array) >= 0;

/** The first element that is NaN, or else the first that is infinite; −1 where all are finite. */
function brokenAt(array: NDArray): number {
  if (!isFloat(array.dtype)) return -1;
  const data = array.data as Float64Array;
  const nan = data.findIndex((x) => Number.isNaN(x));
  return nan >= 0 ? nan : data.findIndex((x) => !Number.isFinite(x));
}

const nameOf = (primitive: Primitive, attributes: unknown) =>
  [primitive.name, primitive.label?.(attributes) ?? ""].filter(Boolean).join(" ");

/** What every array was made from. */
class History {
  readonly #made = new Map<NDArray, Made>();
  #rule: Rule | null = null;
  #last: Made | null = null;

  watch<T>(run: () => T): T {
    const made = (tensor: Value) => {
      if (this.#last?.output === tensor.array) this.#last.tensor = tensor;
    };
    return interpose({ replace: (primitive) => this.#wrapped(primitive), made }, run);
  }

  readonly #wrappers = new Map<Primitive, Primitive>();

  #wrapped(primitive: Primitive): Primitive {
    const known = this.#wrappers.get(primitive);
    if (known !== undefined) return known;
    const { pullback, pushforward } = primitive;
    const wrapper: Primitive = {
      ...primitive,
      evaluate: (inputs, attributes, output, outputs) => {
        const results = primitive.evaluate(inputs, attributes, output, outputs);
        const [result] = listOf<NDArray>(results) as readonly [NDArray];
        // A result that is the operand itself was made where the operand was.
        if (!inputs.includes(result)) {
          const order = this.#made.size;
          this.#last = {
            order,
            primitive,
            attributes,
            inputs,
            output: result,
            rule: this.#rule,
            tensor: null,
          };
          this.#made.set(result, this.#last);
        }
        return results;
      },
    };
    if (pullback !== undefined) {
      wrapper.pullback = (step, cotangent, wanted, cotangents) => {
        this.#rule = { primitive, ...step, cotangent };
        return pullback.call(primitive, step, cotangent, wanted, cotangents);
      };
    } else if (pushforward !== undefined) {
      // Reverse mode transposes it: what it makes on the way is part of this step's rule.
      wrapper.pushforward = (step, tangents) => {
        this.#rule = { primitive, ...step, cotangent: step.output };
        return pushforward.call(primitive, step, tangents);
      };
    }
    this.#wrappers.set(primitive, wrapper);
    return wrapper;
  }

  /** The first array, among those that an array which is not finite came from, that was made out of finite ones. */
  originOf(broken: NDArray): { made: Made | null; array: NDArray } {
    const seen = new Set<NDArray>([broken]);
    for (const array of seen) {
      for (const input of this.#made.get(array)?.inputs ?? []) if (brokenAt(input) >= 0) seen.add(input);
    }
    const steps = [...seen].flatMap((array) => this.#made.get(array) ?? []).sort((a, b) => a.order - b.order);
    const fromFinite = steps.find(({ inputs }) => inputs.every((input) => brokenAt(input) < 0));
    if (fromFinite !== undefined) return { made: fromFinite, array: fromFinite.output };
    // Infinities among the inputs, such as a mask's, are intended; a NaN made from them is not.
    const firstNaN = steps.find(({ inputs, output }) => hasNaN(output) && !inputs.some(hasNaN));
    if (firstNaN !== undefined) return { made: firstNaN, array: firstNaN.output };
    const start = [...seen].filter((array) => !this.#made.has(array));
    return { made: null, array: start[0] ?? broken };
  }
}

const hasNaN = (array: NDArray) => isFloat(array.dtype) && (array.data as Float64Array).some(Number.isNaN);

function describe(blamed: {
  pass: "forward" | "backward";
  operation: string;
  line: string | null;
  array: NDArray;
  operands: readonly NDArray[];
  cotangent: NDArray | null;
  surfaced: string;
}): NonFiniteOrigin {
  const { array, cotangent, pass, operation, line, surfaced } = blamed;
  const position = brokenAt(array);
  const at = (other: NDArray) => (sameSizes(other, array) ? other.data[position]! : null);
  return new NonFiniteOrigin({
    found: true,
    pass,
    operation,
    line,
    value: array.data[position]!,
    index: indexOf(position, array.shape),
    operands: blamed.operands.map((operand) => ({
      shape: operand.shape,
      value: at(operand),
      extremes: extremesOf(operand),
    })),
    cotangent: cotangent === null ? null : at(cotangent),
    surfaced,
  });
}

const sameSizes = (a: NDArray, b: NDArray) => shapeText(a.shape) === shapeText(b.shape);

function extremesOf({ data }: NDArray): readonly [number, number] | null {
  if (data.length === 0) return null;
  const numbers = data as Float64Array;
  return [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
}

function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
