// Whole programs at random: typed graphs over everything the package can do, with fan-out, broadcasting, views, reductions
// and repeated operands. A user's own functions can be planted in them.

import type fc from "fast-check";
import { type DType, isFloat } from "../array/dtype.ts";
import { sameShape, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dice } from "./dice.ts";
import {
  callStep,
  type InputNode,
  isInDomain,
  isStep,
  type Kind,
  leafOf,
  type Node,
  type Operation,
  Program,
} from "./drawn-program.ts";
import { Arbitrary, type FastCheck, fastCheck } from "./fast-check.ts";
import { type Between, drawNumbers, isWithin } from "./numbers.ts";
import { comparisons, families, guards, orderings } from "./operations.ts";
import { type Plant, plantedOperation } from "./planted.ts";
import { simplerPrograms } from "./simplify-program.ts";

/** The options of `programs` and `programProperty`. */
export interface ProgramsOptions {
  /**
   * The least number of operations; 1 by default. Operations that bring an operand into another's domain come on top.
   */
  readonly minSteps?: number;
  /** The greatest number of operations; 12 by default. */
  readonly maxSteps?: number;
  /** Functions to plant: each program uses at least one of them. */
  readonly plant?: readonly Plant[];
  /** The float type; by default mostly float64, sometimes float32. */
  readonly dtype?: "float32" | "float64";
}

/**
 * An arbitrary: random programs. They shrink to single operations of small shapes on plain numbers where those still
 * fail. Throws Error where fast-check is not installed, or a function to plant never fits.
 */
export function programs(options: ProgramsOptions = {}): fc.Arbitrary<Program> {
  return new ProgramArbitrary(fastCheck("programs"), options);
}

class ProgramArbitrary extends Arbitrary<Program> {
  readonly #fc: FastCheck;
  readonly #options: ProgramsOptions;
  readonly #planted: readonly Operation[];

  constructor(fc: FastCheck, options: ProgramsOptions) {
    super();
    this.#fc = fc;
    this.#options = options;
    this.#planted = (options.plant ?? []).map(plantedOperation);
  }

  generate(random: fc.Random): fc.Value<Program> {
    const dice = new Dice(random.nextInt());
    return new this.#fc.Value(drawProgram(dice, this.#options, this.#planted), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is Program {
    return value instanceof Program;
  }

  shrink(program: Program): fc.Stream<fc.Value<Program>> {
    const planted = new Set(this.#planted);
    return new this.#fc.Stream(simplerPrograms(program, planted)).map(
      (simpler) => new this.#fc.Value(simpler, undefined),
    );
  }
}

/** No tensor has more elements. */
const mostElements = 24;
/** No input of a step, nor result, is larger in size: beyond it rounding is all there is to see. */
const largest = 1e3;
const mostInputs = 5;
const attempts = 12;

function drawProgram(dice: Dice, options: ProgramsOptions, planted: readonly Operation[]): Program {
  const { minSteps = 1, maxSteps = Math.max(12, options.minSteps ?? 1) } = options;
  const dtype = options.dtype ?? (dice.chance(0.8) ? "float64" : "float32");
  const drawing = new Drawing(dice, dtype);
  drawing.input("float", drawShape(dice));
  if (dice.chance(0.5)) drawing.input("float", drawShape(dice));
  const steps = dice.from(minSteps, maxSteps);
  const plantAt = planted.length === 0 ? -1 : dice.below(steps);
  // What no output needs is no part of a program, so that more may have to be drawn than are left.
  const isShort = () => drawing.steps < steps || drawing.finish().steps.length < minSteps;
  for (let tries = 0; tries < 20 * steps && isShort(); tries++) {
    if (plantAt >= 0 && drawing.steps >= plantAt && !drawing.uses(planted)) drawing.force(dice.pick(planted));
    else {
      const again = drawing.uses(planted) && dice.chance(0.05);
      drawing.step(again ? dice.pick(planted) : dice.pick(dice.pick(families)));
    }
  }
  if (planted.length > 0 && !drawing.uses(planted)) drawing.force(dice.pick(planted));
  return drawing.finish();
}

const sizes = [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4];

/** A shape of up to three axes, sometimes with an axis of size 0. */
export function drawShape(dice: Dice, maxRank = 3): Shape {
  const shape = Array.from({ length: dice.from(0, maxRank) }, () =>
    dice.chance(0.01) ? 0 : dice.pick(sizes),
  );
  return sizeOf(shape) > 16 ? shape.map((n) => Math.min(n, 2)) : shape;
}

/** A program that is being drawn: its values so far, with their numbers. */
class Drawing {
  readonly #dice: Dice;
  readonly #dtype: DType;
  readonly #values = new Map<Node, { readonly tensor: Tensor; readonly kind: Kind }>();
  #inputs = 0;

  constructor(dice: Dice, dtype: DType) {
    this.#dice = dice;
    this.#dtype = dtype;
  }

  get steps(): number {
    return [...this.#values.keys()].filter(isStep).length;
  }

  uses(operations: readonly Operation[]): boolean {
    return [...this.#values.keys()].some((node) => isStep(node) && operations.includes(node.operation));
  }

  input(kind: Kind, shape: Shape, within?: Between): Node {
    const dice = this.#dice;
    const numbers =
      kind === "float"
        ? drawNumbers(dice, sizeOf(shape), within)
        : Array.from({ length: sizeOf(shape) }, () => dice.below(2));
    const values = this.#dtype === "float32" ? numbers.map(Math.fround) : numbers;
    const node: InputNode = { kind, shape, values, ...(within === undefined ? {} : { within }) };
    this.#values.set(node, { tensor: leafOf(node, this.#dtype), kind });
    this.#inputs++;
    return node;
  }

  /** Adds one operation on existing values or on new inputs; false where none fits. */
  step(operation: Operation): boolean {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const first = this.#operand(operation.operands[0]!, null);
      if (first === null) return false;
      const asked = operation.ask(this.#tensor(first), {
        dice: this.#dice,
        dtype: this.#dtype as DType,
        shapes: this.#of("float").map((node) => this.#tensor(node).shape),
      });
      if (asked === null) continue;
      const others = asked.others.map((shape, i) =>
        this.#operand(operation.operands[i + 1] ?? "float", shape),
      );
      if (others.some((other) => other === null)) continue;
      if (this.#add(operation, [first, ...(others as Node[])], asked.args)) return true;
    }
    return false;
  }

  /** Adds one operation in any case: on new inputs of the operation's own shapes if nothing else fits. */
  force(operation: Operation): void {
    if (this.step(operation)) return;
    for (let attempt = 0; attempt < 100; attempt++) {
      const shapes =
        (operation.examples ?? []).length > 0
          ? this.#dice.pick(operation.examples!)
          : operation.operands.map(() => drawShape(this.#dice));
      const operands = shapes.map((shape, i) => this.input("float", shape, operation.within?.[i]));
      const asked = operation.ask(this.#tensor(operands[0]!), {
        dice: this.#dice,
        dtype: this.#dtype,
        shapes,
      });
      if (asked !== null && this.#add(operation, operands, asked.args)) return;
    }
    throw new Error(
      `programs: no operands were found on which "${operation.name}" gives finite numbers of ${this.#dtype}; say which fit: shapes: [[[2, 3], [3]]], between: [low, high]`,
    );
  }

  /** The program whose outputs are all floats that no other value is made from. */
  finish(): Program {
    const kept = new Set(this.#values.keys());
    const ends = () => {
      const used = new Set([...kept].flatMap((node) => (isStep(node) ? node.operands : [])));
      return [...kept].filter((node) => isStep(node) && !used.has(node));
    };
    // Truth values and places that nothing uses hide what they were made from.
    for (let blind = null; blind !== undefined; ) {
      blind = ends().find((node) => this.#values.get(node)!.kind !== "float");
      if (blind !== undefined) kept.delete(blind);
    }
    const outputs = ends();
    return new Program(this.#dtype, outputs.length > 0 ? outputs : this.#of("float").slice(-1));
  }

  #tensor(node: Node): Tensor {
    return this.#values.get(node)!.tensor;
  }

  #of(kind: Kind): Node[] {
    return [...this.#values].filter(([, value]) => value.kind === kind).map(([node]) => node);
  }

  /** A value of a kind, and of a shape where one is asked for: an existing one, most likely a recent one, or a new one. */
  #operand(kind: Kind, shape: Shape | null): Node | null {
    const dice = this.#dice;
    const fitting = this.#of(kind).filter(
      (node) => shape === null || sameShape(this.#tensor(node).shape, shape),
    );
    if (fitting.length > 0 && dice.chance(0.93))
      return dice.chance(0.5)
        ? fitting.at(-1 - dice.below(Math.min(3, fitting.length)))!
        : dice.pick(fitting);
    if (kind !== "float") {
      // Truth values and places are made from floats, as in programs that people write.
      const before = this.#of(kind).length;
      this.step(dice.pick(kind === "bool" ? comparisons : orderings));
      const made = this.#of(kind).at(-1);
      const fits = made !== undefined && (shape === null || sameShape(this.#tensor(made).shape, shape));
      return this.#of(kind).length > before && fits ? made : null;
    }
    return this.#inputs < mostInputs ? this.input("float", shape ?? drawShape(dice)) : null;
  }

  #add(
    operation: Operation,
    operands: readonly Node[],
    args: Parameters<typeof callStep>[0]["args"],
  ): boolean {
    const led = operands.map((operand, i) => this.#led(operand, operation.within?.[i]));
    const tensors = led.map((operand) => this.#tensor(operand));
    if (!isInDomain(operation, tensors)) return false;
    const node = { operation, operands: led, args };
    const tensor = attempt(() => callStep(node, tensors));
    if (tensor === null || tensor.size > mostElements || tensor.rank > 4) return false;
    if (!Array.from(tensor.data as ArrayLike<number>).every((x) => Math.abs(x) <= largest)) return false;
    if (isFloat(tensor.dtype) && tensor.dtype !== this.#dtype) return false;
    const kind = isFloat(tensor.dtype) ? "float" : (tensor.dtype as Kind);
    this.#values.set(node, { tensor, kind });
    return true;
  }

  /** An operand inside an interval: the value itself where it lies there, else a guard applied to it. */
  #led(operand: Node, within: Between | undefined): Node {
    if (within === undefined) return operand;
    const data = Array.from(this.#tensor(operand).data as ArrayLike<number>);
    if (data.every((x) => isWithin(x, within)) || within.to < Infinity || within.from === -Infinity)
      return operand;
    const known = this.#values.size;
    this.#add(guards.positive, [operand], []);
    if (within.from !== 0) this.#add(guards.shift, [[...this.#values.keys()].at(-1)!], [within.from]);
    return this.#values.size > known ? [...this.#values.keys()].at(-1)! : operand;
  }
}

/** What a function gives, or null where it throws. */
export function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
