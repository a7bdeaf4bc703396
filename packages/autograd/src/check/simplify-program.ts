// Programs simpler than a given one: what shrinking tries, the greatest simplification first. Every candidate runs, gives
// finite numbers and is smaller by some measure, so that shrinking ends.

import { sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dice } from "./dice.ts";
import {
  callStep,
  type InputNode,
  isInDomain,
  isStep,
  leafOf,
  type Node,
  type Operation,
  Program,
  type StepNode,
} from "./drawn-program.ts";
import { anywhere, complexity, isWithin, nicer } from "./numbers.ts";

/** Programs simpler than this one; first those that keep one of the suspected operations. */
export function* simplerPrograms(
  program: Program,
  suspects: ReadonlySet<Operation> = new Set(),
): IterableIterator<Program> {
  for (const candidate of candidates(program, suspects)) if (isSound(candidate)) yield candidate;
}

function* candidates(program: Program, suspects: ReadonlySet<Operation>): IterableIterator<Program> {
  if (program.steps.length > 1) {
    yield* fewSteps(program, suspects);
    yield* fewerOutputs(program);
    yield* withoutSteps(program);
  } else yield* fewerOutputs(program);
  yield* doubled(program);
  yield* smallerShapes(program);
  yield* nicerValues(program);
}

function isSound(program: Program): boolean {
  try {
    const values = program.evaluate();
    for (const step of program.steps)
      if (
        !isInDomain(
          step.operation,
          step.operands.map((operand) => values.get(operand)!),
        )
      )
        return false;
    return [...values.values()].every((tensor) => finite(tensor));
  } catch {
    return false;
  }
}

const finite = (tensor: Tensor) => Array.from(tensor.data as ArrayLike<number>).every(Number.isFinite);

// ── Fewer steps ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Each step alone, then with the steps before it, on new inputs that hold the values that they had. */
function* fewSteps(program: Program, suspects: ReadonlySet<Operation>): IterableIterator<Program> {
  const values = program.evaluate();
  const steps = [...program.steps].reverse();
  const suspected = steps.filter((step) => suspects.has(step.operation));
  // Planted functions are nearly always the cause.
  const ordered = suspected.length > 0 ? suspected : steps;
  for (let depth = 1; depth <= 3 && depth < program.steps.length; depth++) {
    for (const step of ordered) {
      const cut = new Map<Node, Node>();
      cutBelow(step, depth, values, cut);
      const alone = program.with(cut, [step]);
      // A truth value or a place has no derivative.
      if (values.get(step)!.dtype === program.dtype && alone.steps.length < program.steps.length) yield alone;
    }
  }
}

function cutBelow(
  step: StepNode,
  depth: number,
  values: ReadonlyMap<Node, Tensor>,
  cut: Map<Node, Node>,
): void {
  for (const operand of step.operands) {
    if (!isStep(operand)) continue;
    if (depth > 1) cutBelow(operand, depth - 1, values, cut);
    else if (!cut.has(operand)) cut.set(operand, inputOf(values.get(operand)!));
  }
}

/** A new input that holds what a value held. */
function inputOf(tensor: Tensor): InputNode {
  const { dtype, shape } = tensor;
  return {
    kind: dtype === "int32" || dtype === "bool" ? dtype : "float",
    shape,
    values: Array.from(tensor.data as ArrayLike<number>),
  };
}

function* fewerOutputs(program: Program): IterableIterator<Program> {
  const { outputs, dtype } = program;
  if (outputs.length < 2) return;
  for (const output of outputs) yield new Program(dtype, [output]);
  for (const output of outputs)
    yield new Program(
      dtype,
      outputs.filter((each) => each !== output),
    );
}

/** Without one step: an operand in its place, an input, or its operands as outputs. */
function* withoutSteps(program: Program): IterableIterator<Program> {
  const values = program.evaluate();
  for (const step of [...program.steps].reverse()) {
    const own = values.get(step)!;
    for (const operand of step.operands) {
      const other = values.get(operand)!;
      if (other.dtype === own.dtype && String(other.shape) === String(own.shape))
        yield program.with(new Map([[step, operand]]));
    }
    yield program.with(new Map([[step, inputOf(own)]]));
    if (program.outputs.includes(step)) {
      const operands = step.operands.filter((operand) => values.get(operand)!.dtype === program.dtype);
      const outputs = [...program.outputs.filter((each) => each !== step), ...operands.filter(isStep)];
      if (outputs.length > 0) yield new Program(program.dtype, [...new Set(outputs)]);
    }
  }
}

// ── Smaller shapes ────────────────────────────────────────────────────────────────────────────────────────────────

function* doubled(program: Program): IterableIterator<Program> {
  if (program.dtype === "float32") yield new Program("float64", program.outputs);
}

type Crop = (input: InputNode) => InputNode;

function* smallerShapes(program: Program): IterableIterator<Program> {
  const { inputs } = program;
  const before = inputs.reduce((sum, { shape }) => sum + measure(shape), 0);
  const tries: Crop[] = [];
  const among = [...new Set(inputs.flatMap(({ shape }) => shape))].filter((n) => n > 1).sort((a, b) => b - a);
  for (const n of among) {
    for (const m of new Set([1, 2, n - 1])) {
      if (m >= n) continue;
      for (const end of [false, true])
        tries.push((input) =>
          cropped(
            input,
            input.shape.map((size) => (size === n ? m : size)),
            end,
          ),
        );
    }
  }
  const ranks = Math.max(0, ...inputs.map(({ shape }) => shape.length));
  for (let axis = 0; axis < ranks; axis++)
    tries.push((input) => (axis < input.shape.length ? dropped(input, axis) : input));
  tries.push((input) => (input.shape.length === ranks ? dropped(input, 0) : input));
  for (const chosen of inputs) {
    chosen.shape.forEach((n, axis) => {
      tries.push((input) => (input === chosen ? dropped(input, axis) : input));
      for (const m of new Set([1, 2, n - 1])) {
        if (m >= n || m < 1) continue;
        for (const end of [false, true])
          tries.push((input) => (input === chosen ? cropped(input, input.shape.with(axis, m), end) : input));
      }
    });
  }
  for (const crop of tries) {
    const smaller = new Map(inputs.map((input) => [input, crop(input)]));
    const after = [...smaller.values()].reduce((sum, { shape }) => sum + measure(shape), 0);
    const derived = after < before ? rederived(program, smaller) : null;
    if (derived !== null) yield derived;
  }
}

const measure = (shape: Shape) => 10 * sizeOf(shape) + shape.reduce((sum, n) => sum + n + 1, 0);

/** The first elements along every axis, or the last. */
function cropped(input: InputNode, shape: Shape, end: boolean): InputNode {
  const values = places(shape).map((place) => {
    const from = place.map((i, axis) => (end ? input.shape[axis]! - shape[axis]! + i : i));
    return input.values[flat(from, input.shape)]!;
  });
  return { ...input, shape, values };
}

/** Without an axis: the first elements along it. */
function dropped(input: InputNode, axis: number): InputNode {
  if (input.shape[axis] === 0) return input;
  const shape = input.shape.toSpliced(axis, 1);
  const values = places(shape).map((place) => input.values[flat(place.toSpliced(axis, 0, 0), input.shape)]!);
  return { ...input, shape, values };
}

const places = (shape: Shape): number[][] =>
  shape.reduce<number[][]>(
    (prefixes, n) => prefixes.flatMap((prefix) => Array.from({ length: n }, (_, i) => [...prefix, i])),
    [[]],
  );

const flat = (place: readonly number[], shape: Shape) =>
  place.reduce((position, i, axis) => position * shape[axis]! + i, 0);

/** The program on other inputs; an operation whose arguments no longer fit is asked for others. Null where that fails. */
function rederived(program: Program, exchanged: ReadonlyMap<Node, InputNode>): Program | null {
  const image = new Map<Node, Node>(exchanged);
  const values = new Map<Node, Tensor>();
  for (const node of program.nodes) {
    if (!isStep(node)) {
      values.set(node, leafOf(exchanged.get(node)!, program.dtype));
      continue;
    }
    const operands = node.operands.map((operand) => values.get(operand)!);
    const again = fitting(node, operands, program);
    if (again === null) return null;
    values.set(node, again.value);
    image.set(node, {
      operation: node.operation,
      operands: node.operands.map((operand) => image.get(operand)!),
      args: again.args,
    });
  }
  return new Program(
    program.dtype,
    program.outputs.map((output) => image.get(output)!),
  );
}

function fitting(
  step: StepNode,
  operands: readonly Tensor[],
  program: Program,
): { readonly value: Tensor; readonly args: StepNode["args"] } | null {
  const dice = new Dice(1);
  const shapes = operands.map((operand) => operand.shape);
  for (let attempt = 0; attempt < 20; attempt++) {
    const asked =
      attempt === 0
        ? { others: shapes.slice(1), args: step.args }
        : step.operation.ask(operands[0]!, { dice, dtype: program.dtype, shapes });
    if (asked === null || String(asked.others.map(String)) !== String(shapes.slice(1).map(String))) continue;
    try {
      return { value: callStep({ ...step, args: asked.args }, operands), args: asked.args };
    } catch {
      // Other arguments may fit.
    }
  }
  return null;
}

// ── Nicer values ──────────────────────────────────────────────────────────────────────────────────────────────────

const mostElementsTried = 12;

function* nicerValues(program: Program): IterableIterator<Program> {
  const floats = program.inputs.filter(({ kind }) => kind === "float");
  const exchange = (changed: ReadonlyMap<InputNode, readonly number[]>): Program | null => {
    const image = new Map<Node, Node>();
    for (const [input, values] of changed) {
      const { within = anywhere } = input;
      if (!values.every((x) => isWithin(x, within))) return null;
      if (worth(values) >= worth(input.values)) continue;
      image.set(input, { ...input, values });
    }
    return image.size === 0 ? null : program.with(image);
  };
  const ways: ((x: number) => number)[] = [
    () => 1,
    () => 2,
    () => 0.5,
    () => 0,
    Math.round,
    (x) => Math.round(4 * x) / 4,
  ];
  for (const way of ways) {
    const all = exchange(new Map(floats.map((input) => [input, input.values.map((x) => way(x) + 0)])));
    if (all !== null) yield all;
  }
  for (const input of floats) {
    for (const way of ways) {
      const one = exchange(new Map([[input, input.values.map((x) => way(x) + 0)]]));
      if (one !== null) yield one;
    }
  }
  for (const input of floats) {
    for (const [i, x] of input.values.slice(0, mostElementsTried).entries()) {
      for (const other of nicer(x)) {
        const one = exchange(new Map([[input, input.values.with(i, other)]]));
        if (one !== null) yield one;
      }
    }
  }
}

const worth = (values: readonly number[]) => values.reduce((sum, x) => sum + complexity(x), 0);
