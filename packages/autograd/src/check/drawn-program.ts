// A program: a graph of operations on inputs with values, as data. It runs, prints as JavaScript and can be rebuilt with
// parts exchanged; what no output needs is no part of it.

import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape-types.ts";
import { tensor } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dice } from "./dice.ts";
import { literal, tensorCode } from "./literal.ts";
import { type Between, isWithin } from "./numbers.ts";

/** What a value of a program holds; "float" is the program's own type. */
export type Kind = "float" | "int32" | "bool";

/** Stands among the arguments of a call for one of the step's operands. */
export class Slot {
  readonly operand: number;

  constructor(operand: number) {
    this.operand = operand;
  }
}

export const slot = (operand: number): Slot => new Slot(operand);

/** Arguments of a call: plain values, tensors of indices, and slots within them. */
export type Argument =
  | number
  | string
  | boolean
  | Slot
  | Tensor
  | readonly Argument[]
  | { readonly [name: string]: Argument };

/** What an operation asks for, given its first operand: shapes of the others and the further arguments. */
export interface Request {
  readonly others: readonly Shape[];
  readonly args: readonly Argument[];
}

/** What an operation can choose from while a program is drawn. */
export interface Surroundings {
  readonly dice: Dice;
  readonly dtype: DType;
  /** The shapes of the float values so far. */
  readonly shapes: readonly Shape[];
}

/** One operation that programs are made of. */
export interface Operation {
  readonly name: string;
  /** What the operands hold; an operation whose number of operands varies asks for more in its request. */
  readonly operands: readonly Kind[];
  /** Where each operand's elements must lie; everywhere where left out. */
  readonly within?: readonly (Between | undefined)[];
  /** Shapes of operands that fit, to fall back on. */
  readonly examples?: readonly (readonly Shape[])[];
  /** Chooses the other operands' shapes and the arguments; null where the first operand does not fit. */
  readonly ask: (first: Tensor, around: Surroundings) => Request | null;
  /** Calls the operation. `args` has tensors in the places of the slots. */
  readonly call: (operands: readonly Tensor[], args: readonly unknown[]) => Tensor;
  /** The call as JavaScript. */
  readonly code: (operands: readonly string[], args: readonly string[]) => string;
  /** Public names that the code uses. */
  readonly uses?: readonly string[];
  /** Where the name comes from if it is a user's: lines of JavaScript before the program. */
  readonly source?: string;
}

export interface InputNode {
  readonly kind: Kind;
  readonly shape: Shape;
  readonly values: readonly number[];
  readonly within?: Between;
}

export interface StepNode {
  readonly operation: Operation;
  readonly operands: readonly Node[];
  readonly args: readonly Argument[];
}

export type Node = InputNode | StepNode;

export const isStep = (node: Node): node is StepNode => "operation" in node;

/** A random program, as `programs` draws it: operations on float inputs, with the point at which it is examined. */
export class Program {
  /** The float type that it computes in. */
  readonly dtype: DType;
  /** The values that it returns. */
  readonly outputs: readonly Node[];
  /** Everything the outputs need, operands before what uses them. */
  readonly nodes: readonly Node[];

  constructor(dtype: DType, outputs: readonly Node[]) {
    this.dtype = dtype;
    this.outputs = outputs;
    this.nodes = inOrder(outputs);
  }

  /** Its float inputs, in order. */
  get inputs(): InputNode[] {
    return this.nodes.filter((node): node is InputNode => !isStep(node));
  }

  /** Its operations, in order. */
  get steps(): StepNode[] {
    return this.nodes.filter(isStep);
  }

  /** The values of its inputs, each of its own shape. */
  get point(): Tensor[] {
    return this.inputs.map((input) => leafOf(input, this.dtype));
  }

  /** Runs the program: from tensors of its inputs' shapes to those of its outputs. */
  readonly run = (...inputs: Tensor[]): Tensor[] => {
    const values = this.evaluate(inputs);
    return this.outputs.map((output) => values.get(output)!);
  };

  /** The tensor of every node, of the node's shape. Throws what its operations throw. */
  evaluate(inputs: readonly Tensor[] = this.point): Map<Node, Tensor> {
    const values = new Map<Node, Tensor>(this.inputs.map((input, i) => [input, inputs[i]!]));
    for (const node of this.steps)
      values.set(
        node,
        callStep(
          node,
          node.operands.map((operand) => values.get(operand)!),
        ),
      );
    return values;
  }

  /** The same with nodes exchanged; operands are rebuilt around them. */
  with(exchanged: ReadonlyMap<Node, Node>, outputs: readonly Node[] = this.outputs): Program {
    const image = new Map<Node, Node>(exchanged);
    for (const node of this.nodes) {
      if (image.has(node)) continue;
      if (!isStep(node)) image.set(node, node);
      else {
        const operands = node.operands.map((operand) => image.get(operand)!);
        const isSame = operands.every((operand, i) => operand === node.operands[i]);
        image.set(node, isSame ? node : { ...node, operands });
      }
    }
    return new Program(this.dtype, [...new Set(outputs.map((output) => image.get(output) ?? output))]);
  }

  /** Its function as JavaScript. */
  functionCode(): string {
    const names = new Map<Node, string>();
    this.inputs.forEach((input, i) => {
      names.set(input, inputName(i));
    });
    const lines = this.steps.map((step, i) => {
      names.set(step, `s${i + 1}`);
      const operands = step.operands.map((operand) => names.get(operand)!);
      const args = step.args.map((arg) => argumentCode(arg, operands));
      return `  const s${i + 1} = ${step.operation.code(operands, args)};`;
    });
    const results = this.outputs.map((output) => names.get(output)!).join(", ");
    const parameters = this.inputs.map((_, i) => inputName(i)).join(", ");
    return [`(${parameters}) => {`, ...lines, `  return [${results}];`, "}"].join("\n");
  }

  /** Its inputs as JavaScript. */
  inputsCode(): string {
    const list = this.inputs.map(
      ({ kind, shape, values }) => `  ${tensorCode(values, shape, typeOf(kind, this.dtype))},`,
    );
    return ["[", ...list, "]"].join("\n");
  }

  /** The program as JavaScript. */
  toString(): string {
    return `${this.functionCode()} at ${this.inputsCode()}`;
  }
}

const inputName = (i: number) => (i < 26 ? String.fromCharCode(97 + i) : `a${i}`);

export const typeOf = (kind: Kind, dtype: DType): DType => (kind === "float" ? dtype : kind);

export function leafOf({ kind, shape, values }: InputNode, dtype: DType): Tensor {
  return tensor(values, { dtype: typeOf(kind, dtype), shape });
}

/** Runs one step. Throws what the operation throws, and RangeError for an operand outside the operation's domain. */
export function callStep({ operation, args }: StepNode, operands: readonly Tensor[]): Tensor {
  return operation.call(
    operands,
    args.map((arg) => filled(arg, operands)),
  );
}

/** Whether operands lie where an operation is defined. */
export function isInDomain(operation: Operation, operands: readonly Tensor[]): boolean {
  return operands.every((operand, i) => {
    const within = operation.within?.[i];
    return within === undefined || (operand.data as Float64Array).every((x: number) => isWithin(x, within));
  });
}

function filled(arg: Argument, operands: readonly Tensor[]): unknown {
  if (arg instanceof Slot) return operands[arg.operand]!;
  if (Array.isArray(arg)) return (arg as readonly Argument[]).map((each) => filled(each, operands));
  if (isRecord(arg))
    return Object.fromEntries(Object.entries(arg).map(([name, each]) => [name, filled(each, operands)]));
  return arg;
}

function argumentCode(arg: Argument, operands: readonly string[]): string {
  if (arg instanceof Slot) return operands[arg.operand]!;
  if (Array.isArray(arg))
    return `[${(arg as readonly Argument[]).map((each) => argumentCode(each, operands)).join(", ")}]`;
  if (isRecord(arg)) {
    const fields = Object.entries(arg).map(([name, each]) => `${name}: ${argumentCode(each, operands)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return literal(arg);
}

function isRecord(arg: Argument): arg is { readonly [name: string]: Argument } {
  return typeof arg === "object" && Object.getPrototypeOf(arg) === Object.prototype;
}

function inOrder(outputs: readonly Node[]): Node[] {
  const found = new Set<Node>();
  const pending = [...outputs].reverse();
  while (pending.length > 0) {
    const node = pending.at(-1)!;
    const missing =
      found.has(node) || !isStep(node) ? [] : node.operands.filter((operand) => !found.has(operand));
    if (missing.length > 0) pending.push(...[...missing].reverse());
    else {
      found.add(node);
      pending.pop();
    }
  }
  return [...found];
}
