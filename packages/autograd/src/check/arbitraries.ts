// What gradient properties draw from: shapes alone and in fitting groups, tensors inside a domain with special values among
// the numbers, expressions and activations. All shrink to the smallest and plainest values that still fail.

import type fc from "fast-check";
import { kindOf } from "../array/arguments.ts";
import { sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { type Activation, activation } from "../expression/activation.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { Expression, inputs, substitute } from "../expression/expression.ts";
import { text } from "../expression/text.ts";
import { atoms } from "../expression/vocabulary.ts";
import { tensor } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dice } from "./dice.ts";
import { Arbitrary, type FastCheck, fastCheck, isArbitrary } from "./fast-check.ts";
import { literal } from "./literal.ts";
import { anywhere, type Between, complexity, drawNumbers, isWithin, nicer } from "./numbers.ts";

/** The options of `shapes`, `broadcastableShapes` and `matmulShapes`. */
export interface ShapesOptions {
  /** The least number of axes; 0 by default. */
  readonly minRank?: number;
  /** The greatest number of axes; 3 by default. */
  readonly maxRank?: number;
  /** The least size of an axis; 1 by default. With 0, empty tensors are drawn, too. */
  readonly minSize?: number;
  /** The greatest size of an axis; 4 by default. */
  readonly maxSize?: number;
}

/** An arbitrary of fast-check: shapes. Throws Error where fast-check is not installed. */
export function shapes(options: ShapesOptions = {}): fc.Arbitrary<number[]> {
  const {
    minRank = 0,
    maxRank = Math.max(3, minRank),
    minSize = 1,
    maxSize = Math.max(4, minSize),
  } = options;
  const fc = fastCheck("shapes");
  return fc.array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank });
}

/**
 * An arbitrary: two shapes that broadcast together, either being the smaller at any axis. Throws Error where fast-check
 * is not installed.
 */
export function broadcastableShapes(options: ShapesOptions = {}): fc.Arbitrary<[Shape, Shape]> {
  const fc = fastCheck("broadcastableShapes");
  const narrowed = fc.constantFrom<"both" | "left" | "right">("both", "left", "right");
  const minRank = options.minRank ?? 0;
  return shapes(options).chain((shape) =>
    fc
      .tuple(
        fc.array(narrowed, { minLength: shape.length, maxLength: shape.length }),
        fc.nat({ max: shape.length - minRank }),
        fc.boolean(),
      )
      .map(([sides, dropped, ofLeft]): [Shape, Shape] => {
        const left = shape.map((n, axis) => (sides[axis] === "left" ? 1 : n));
        const right = shape.map((n, axis) => (sides[axis] === "right" ? 1 : n));
        return ofLeft ? [left.slice(dropped), right] : [left, right.slice(dropped)];
      }),
  );
}

/**
 * An arbitrary: three shapes, [m, k], [k, n] and that of their product, [m, n]; with batch axes, which broadcast, where
 * `maxBatch` allows. Throws Error where fast-check is not installed.
 */
export function matmulShapes(
  options: Pick<ShapesOptions, "minSize" | "maxSize"> & { readonly maxBatch?: number } = {},
): fc.Arbitrary<[Shape, Shape, Shape]> {
  const { minSize = 1, maxSize = 4, maxBatch = 1 } = options;
  const fc = fastCheck("matmulShapes");
  const size = fc.integer({ min: minSize, max: maxSize });
  const batch = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.boolean(), fc.boolean()), {
    maxLength: maxBatch,
  });
  return fc.tuple(size, size, size, batch).map(([m, k, n, axes]): [Shape, Shape, Shape] => {
    const of = (isSingle: (axis: [number, boolean, boolean]) => boolean) =>
      axes.map((axis) => (isSingle(axis) ? 1 : axis[0]));
    return [
      [...of(([, left]) => left), m, k],
      [...of(([, left, right]) => right && !left), k, n],
      [...of(() => false), m, n],
    ];
  });
}

/** The options of `tensors` and `tensorsOf`. */
export interface TensorsOptions {
  /** float64 by default. */
  readonly dtype?: "float32" | "float64";
  /** The lower end of the function's domain, which counts as outside: elements lie above it. −∞ by default. */
  readonly from?: number;
  /** The upper end of the function's domain, which counts as outside: elements lie below it. ∞ by default. */
  readonly to?: number;
}

/**
 * An arbitrary: tensors of one shape, or of shapes that are drawn; round, special, repeated and general numbers inside
 * the domain. Throws TypeError where the shapes are neither, Error where fast-check is not installed.
 */
export function tensors(
  options: TensorsOptions & { readonly shape?: Shape | fc.Arbitrary<Shape> } = {},
): fc.Arbitrary<Tensor> {
  const fc = fastCheck("tensors");
  const { shape = shapes() } = options;
  if (!isArbitrary(shape) && !isShape(shape))
    throw new TypeError(
      `tensors: got ${kindOf(shape)} where the shape belongs; give one, e.g. { shape: [2, 3] }, or an arbitrary of them, e.g. { shape: shapes() }`,
    );
  const of = isArbitrary(shape) ? shape : fc.constant(shape);
  return new TensorsArbitrary(
    "tensors",
    of.map((each): [Shape] => [each]),
    options,
  ).map(([only]) => only!);
}

/**
 * Tensors of shapes that are drawn together, such as `tensorsOf(matmulShapes())`, or of those in a list; options for
 * all, or one each. Throws TypeError where the shapes are neither. Throws Error where fast-check is not installed.
 */
export function tensorsOf<Ss extends readonly Shape[]>(
  shapes: fc.Arbitrary<Ss> | Ss,
  options: TensorsOptions | readonly TensorsOptions[] = {},
): fc.Arbitrary<{ [K in keyof Ss]: Tensor }> {
  const fc = fastCheck("tensorsOf");
  if (!isArbitrary(shapes)) checkShapes("tensorsOf", shapes);
  const drawn = isArbitrary(shapes) ? shapes : fc.constant(shapes);
  return new TensorsArbitrary("tensorsOf", drawn, options) as unknown as fc.Arbitrary<{
    [K in keyof Ss]: Tensor;
  }>;
}

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0);

function checkShapes(operation: string, value: unknown): void {
  if (Array.isArray(value) && value.every(isShape)) return;
  const way = isShape(value) ? `[[${value.join(", ")}]]` : "[[2, 3], [3]]";
  const got = isShape(value)
    ? "one shape"
    : Array.isArray(value)
      ? "an array of other things"
      : kindOf(value);
  throw new TypeError(
    `${operation}: got ${got} where the list of shapes belongs; give a list, e.g. ${operation}(${way}), or an arbitrary of lists, e.g. ${operation}(matmulShapes())`,
  );
}

interface TensorsContext {
  readonly shapes: readonly Shape[];
  /** The context that the arbitrary of shapes needs when it shrinks them. */
  readonly shapesContext: unknown;
}

/** Shrinks shapes and values in any order: when a shape shrinks, the remaining values are kept. */
class TensorsArbitrary extends Arbitrary<Tensor[]> {
  readonly #operation: string;
  readonly #shapes: fc.Arbitrary<readonly Shape[]>;
  readonly #options: (i: number) => TensorsOptions;

  constructor(
    operation: string,
    shapes: fc.Arbitrary<readonly Shape[]>,
    options: TensorsOptions | readonly TensorsOptions[],
  ) {
    super();
    this.#operation = operation;
    this.#shapes = shapes;
    this.#options = (i) =>
      Array.isArray(options) ? ((options as TensorsOptions[])[i] ?? {}) : (options as TensorsOptions);
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<Tensor[]> {
    const drawn = this.#shapes.generate(random, bias);
    checkShapes(this.#operation, drawn.value);
    const dice = new Dice(random.nextInt());
    const tensors = drawn.value.map((shape, i) =>
      this.#tensor(i, shape, drawNumbers(dice, sizeOf(shape), this.#within(i))),
    );
    return this.#value(tensors, { shapes: drawn.value, shapesContext: drawn.context });
  }

  canShrinkWithoutContext(_value: unknown): _value is Tensor[] {
    return false;
  }

  shrink(tensors: Tensor[], context: unknown): fc.Stream<fc.Value<Tensor[]>> {
    const { shapes, shapesContext } = context as TensorsContext;
    const smaller = this.#shapes.shrink(shapes, shapesContext).flatMap((next) =>
      [false, true]
        .map((end) =>
          this.#value(
            next.value.map((shape, i) => this.#tensor(i, shape, cropped(tensors[i]!, shape, end))),
            { shapes: next.value, shapesContext: next.context },
          ),
        )
        [Symbol.iterator](),
    );
    return smaller.join(
      new (fastCheck(this.#operation).Stream)(this.#nicer(tensors, context as TensorsContext)),
    );
  }

  *#nicer(tensors: Tensor[], context: TensorsContext): IterableIterator<fc.Value<Tensor[]>> {
    for (const [i, each] of tensors.entries()) {
      const numbers = Array.from(each.data as ArrayLike<number>);
      for (const values of nicerLists(numbers, this.#within(i)))
        yield this.#value(tensors.with(i, this.#tensor(i, each.shape, values)), context);
    }
  }

  #within(i: number): Between {
    return { ...anywhere, ...this.#options(i) };
  }

  #tensor(i: number, shape: Shape, values: readonly number[]): Tensor {
    return tensor(values, { dtype: this.#options(i).dtype ?? "float64", shape });
  }

  #value(tensors: Tensor[], context: TensorsContext): fc.Value<Tensor[]> {
    for (const each of tensors) printable(each, () => literal(each));
    return new (fastCheck(this.#operation).Value)(tensors, context);
  }
}

/** The elements that a smaller tensor keeps: the first along every axis, or the last; axes are aligned at the last. */
function cropped(from: Tensor, shape: Shape, end: boolean): number[] {
  const data = Array.from(from.data as ArrayLike<number>);
  const extra = from.rank - shape.length;
  return Array.from({ length: sizeOf(shape) }, (_, place) => {
    let rest = place;
    let position = 0;
    let stride = 1;
    for (let axis = from.rank - 1; axis >= 0; axis--) {
      const [n, wide] = [shape[axis - extra] ?? 1, from.shape[axis]!];
      const i = end ? wide - n + (rest % n) : rest % n;
      position += Math.min(Math.max(i, 0), wide - 1) * stride;
      rest = Math.floor(rest / n);
      stride *= wide;
    }
    return data[position] ?? 1;
  });
}

/** Lists of simpler numbers: all equal, all rounded, then one at a time. */
export function* nicerLists(numbers: readonly number[], within: Between): IterableIterator<number[]> {
  const worth = (list: readonly number[]) => list.reduce((sum, x) => sum + complexity(x), 0);
  const isBetter = (list: readonly number[]) =>
    worth(list) < worth(numbers) && list.every((x) => isWithin(x, within));
  const ways: ((x: number) => number)[] = [
    () => 0,
    () => 1,
    () => 2,
    () => 0.5,
    (x) => Math.round(x) + 0,
    (x) => Math.round(4 * x) / 4 + 0,
  ];
  for (const way of ways) {
    const list = numbers.map(way);
    if (isBetter(list)) yield list;
  }
  for (const [i, x] of numbers.entries())
    for (const other of nicer(x)) if (isWithin(other, within)) yield numbers.with(i, other);
}

// ── Expressions ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The options of `expressions` and `activations`. */
export interface ExpressionsOptions {
  /** The number of inputs; 1 by default. */
  readonly arity?: number;
  /**
   * The greatest number of atoms that are applied, 6 by default, not counting what leads operands into their domain.
   */
  readonly maxSteps?: number;
  /** Only atoms without kinks, jumps and poles. */
  readonly smooth?: boolean;
}

const isSmooth = (atom: Atom) =>
  atom.kinks === undefined && atom.result === "same" && !kindsOf(atom).includes("bool");

const kindsOf = (atom: Atom): readonly string[] =>
  typeof atom.operands === "string" ? [atom.operands] : atom.operands;

const constantsOf = (fc: FastCheck) => fc.constantFrom(1, -1, 2, 0.5, -0.5, 3, 0.3);

// Recent results are likelier operands than older ones, so that expressions get deep.
const reachOf = (fc: FastCheck) =>
  fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(6) });

/**
 * An arbitrary: functions of elements over the whole vocabulary. Parts are shared, operands are brought to where an
 * atom is smooth (log of a softplus), truth values are made by comparisons. They shrink to fewer atoms. Throws Error
 * where fast-check is not installed.
 */
export function expressions(options: ExpressionsOptions = {}): fc.Arbitrary<Expression> {
  const { arity = 1, maxSteps = 6, smooth = false } = options;
  const fc = fastCheck("expressions");
  const [constants, reach] = [constantsOf(fc), reachOf(fc)];
  const step = fc.record({
    atom: fc.constantFrom(...(smooth ? atoms.filter(isSmooth) : atoms)),
    back: fc.tuple(reach, reach, reach),
  });
  return fc
    .record({
      first: fc.tuple(constants, constants),
      program: fc.array(step, { minLength: 1, maxLength: maxSteps }),
    })
    .map(({ first, program }) => {
      const results = [...first.map(Expression.constant), ...inputs(arity)];
      for (const { atom, back } of program) {
        const operands = Array.from({ length: atom.arity }, (_, i) =>
          fitting(atom, i, results[Math.max(0, results.length - 1 - back[i]!)]!),
        );
        results.push(Expression.apply(atom, operands));
      }
      const last = results.at(-1)!;
      const result = last.atom?.result === "bool" ? last.select(results[2]!, first[0]) : last;
      return printable(result, () => text(result));
    });
}

/**
 * An arbitrary: random activations, of one input. They shrink to fewer atoms. Throws Error where fast-check is not
 * installed.
 */
export function activations(options: Omit<ExpressionsOptions, "arity"> = {}): fc.Arbitrary<Activation> {
  return expressions(options).map((expression) => {
    const drawn = activation("drawn", (x) => substitute(expression, [x]));
    return printable(drawn, () => String(drawn));
  });
}

/** An expression made to fit as an atom's operand: a truth value where one is wanted, inside the smooth interval. */
function fitting(atom: Atom, operand: number, expression: Expression): Expression {
  const isTruth = expression.atom?.result === "bool";
  if ((typeof atom.operands === "string" ? atom.operands : atom.operands[operand]) === "bool")
    return isTruth ? expression : expression.greater(0.3);
  const number = isTruth ? expression.select(1, 0) : expression;
  const { from, to } = atom.smoothOn?.[operand] ?? anywhere;
  if (from > -Infinity && to < Infinity)
    return number
      .logistic()
      .mul(to - from)
      .add(from);
  if (from > -Infinity) return number.softplus().add(from);
  return to < Infinity ? number.softplus().neg().add(to) : number;
}

/** A counterexample, as fast-check is to print it. */
function printable<T extends object>(value: T, print: () => string): T {
  return Object.defineProperty(value, fastCheck("drawing").toStringMethod, {
    value: print,
    configurable: true,
  });
}
