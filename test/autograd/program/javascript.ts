// A target for the tests: programs as JavaScript, an element at a time. Each step becomes a function that gives the
// element at a place of its result; none of the engine's code computes a number here, save the values of functions that
// JavaScript does not have or rounds otherwise: erf and its like, gamma functions, lerp, hypot, the normal quantile.

import {
  type Atom,
  type AtomName,
  type AtomTable,
  emitExpression,
  emitStep,
  type Program,
  type ProgramStep,
  type ProgramValue,
  type StepTable,
} from "@adjoint/autograd";
import { polygamma } from "../../../packages/autograd/src/expression/atoms/gamma.ts";
import {
  digamma,
  erf,
  erfc,
  erfInv,
  hypot,
  lerp,
  lgamma,
} from "../../../packages/autograd/src/expression/atoms/index.ts";
import { directionCosine } from "../../../packages/autograd/src/expression/atoms/plane.ts";
import { normalQuantile } from "../../../packages/autograd/src/primitives/normal-quantile.ts";
import { flat, places, same } from "../../support/tensors.ts";
import { threefryByTheBook } from "../primitives/threefry.ts";

type Place = readonly number[];
type Row = (x: Numbers, place: Place, axis: number) => number[];

/** What the emitted code has for a tensor. */
interface Numbers {
  readonly shape: Place;
  readonly data: readonly number[];
  at(place: Place): number;
}

const tensor = (shape: Place, at: (place: Place) => number): Numbers => numbers(shape, places(shape).map(at));
const numbers = (shape: Place, data: readonly number[]): Numbers => ({
  shape,
  data,
  at: (place) => data[flat(place, shape)]!,
});

const row: Row = (x, place, axis) =>
  Array.from({ length: x.shape[axis]! }, (_, i) => x.at(place.with(axis, i)));
const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);
const narrowed = (place: Place, shape: Place): Place =>
  place.slice(place.length - shape.length).map((i, axis) => (shape[axis] === 1 ? 0 : i));
const gated = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
const first = (values: readonly number[], best: (...values: number[]) => number): number => {
  const broken = values.findIndex(Number.isNaN);
  return broken >= 0 ? broken : values.indexOf(best(...values));
};
/** Where an element of a window lies in the whole. */
const inWhole = (place: Place, sizes: Place, strides: Place, dilations: Place): Place => {
  const rest = place.length - 2 * sizes.length;
  const within = sizes.map(
    (_, i) => place[rest + i]! * strides[i]! + place[rest + sizes.length + i]! * dilations[i]!,
  );
  return [...place.slice(0, rest), ...within];
};

type Data = readonly number[];
type Inner = (inputs: readonly Data[]) => { readonly outputs: readonly Data[] };

function repeated(goesOn: Inner, body: Inner, carries: number, given: readonly Data[]): readonly Data[] {
  const shared = given.slice(carries);
  let carried = given.slice(0, carries);
  while (goesOn([...carried, ...shared]).outputs[0]![0] !== 0)
    carried = [...body([...carried, ...shared]).outputs];
  return carried;
}

function scanned(
  body: Inner,
  along: {
    readonly carries: number;
    readonly scanned: number;
    readonly length: number;
    readonly reverse: boolean;
  },
  given: readonly Data[],
): readonly Data[] {
  const end = along.carries + along.scanned;
  const parts: Data[][] = [];
  let carried = given.slice(0, along.carries);
  for (let i = 0; i < along.length; i++) {
    const at = along.reverse ? along.length - 1 - i : i;
    const slices = given.slice(along.carries, end).map((data) => {
      const size = data.length / along.length;
      return data.slice(at * size, (at + 1) * size);
    });
    const { outputs } = body([...carried, ...slices, ...given.slice(end)]);
    carried = outputs.slice(0, along.carries);
    outputs.slice(along.carries).forEach((part, k) => {
      (parts[k] ??= [])[at] = part;
    });
  }
  return [...carried, ...parts.map((each) => each.flat())];
}

/** What the emitted code calls. */
const library = {
  repeated,
  scanned,
  tensor,
  places,
  flat,
  same,
  row,
  sum,
  narrowed,
  gated,
  inWhole,
  first,
  lerp: lerp.value,
  hypot: hypot.value,
  directionCosine: directionCosine.value,
  erf: erf.value,
  erfc: erfc.value,
  erfInv: erfInv.value,
  lgamma: lgamma.value,
  digamma: digamma.value,
  polygamma: polygamma.value,
  toEven: (x: number): number => {
    const low = Math.floor(x);
    if (x - low !== 0.5) return Math.round(x);
    return low % 2 === 0 ? low : low + 1;
  },
  mod(a: number, b: number): number {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  },
  wrapped: (index: number, n: number): number => (index < 0 ? index + n : index),
  /** The numbers that are reduced to one place. */
  reduced: (x: Numbers, to: Place, axes: readonly number[]): number[] =>
    places(x.shape)
      .filter((from) => from.every((i, axis) => axes.includes(axis) || i === to[axis]))
      .map((from) => x.at(from)),
  summed: (x: Numbers, shape: Place, to: Place): number =>
    sum(
      places(x.shape)
        .filter((from) => same(narrowed(from, shape), to))
        .map((from) => x.at(from)),
    ),
  product: (a: Numbers, b: Numbers, place: Place, times: (x: number, y: number) => number): number => {
    const [batch, [i, j]] = [place.slice(0, -2), place.slice(-2) as [number, number]];
    return sum(
      Array.from({ length: a.shape.at(-1)! }, (_, k) =>
        times(a.at([...batch, i, k]), b.at([...batch, k, j])),
      ),
    );
  },
  recurrence: (factors: readonly number[], summands: readonly number[], reverse: boolean): number[] => {
    const y = [...summands];
    if (reverse) for (let k = y.length - 2; k >= 0; k--) y[k]! += gated(factors[k + 1]!, y[k + 1]!);
    else for (let k = 1; k < y.length; k++) y[k]! += gated(factors[k]!, y[k - 1]!);
    return y;
  },
  ordered: (values: readonly number[], descending: boolean): number[] => {
    const rank = (x: number) => (Number.isNaN(x) ? Infinity : x);
    const sign = descending ? -1 : 1;
    return values.map((_, i) => i).sort((i, j) => sign * (rank(values[i]!) - rank(values[j]!)) || i - j);
  },
  words: (key: Numbers, [place]: Place, use: number): [number, number] =>
    threefryByTheBook([key.at([0]), key.at([1])], [place!, use]),
  normalQuantile,
};

const comparison = (operator: string) => (a: string, b: string) => `Number(${a} ${operator} ${b})`;

const atomTable: AtomTable<string> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (x) => `-${x}`,
  reciprocal: (x) => `1 / ${x}`,
  square: (x) => `${x} * ${x}`,
  sqrt: (x) => `Math.sqrt(${x})`,
  pow: (a, b) => `Math.pow(${a}, ${b})`,
  rsqrt: (x) => `1 / Math.sqrt(${x})`,
  lerp: (a, b, t) => `library.lerp(${a}, ${b}, ${t})`,
  powerSlope: (a, b) => `${b} === 0 ? 0 : ${b} * Math.pow(${a}, ${b} - 1)`,
  powerLog: (y, a, b) => `${y} === 0 || (${a} === 0 && ${b} === 0) ? 0 : ${y} * Math.log(${a})`,
  gate: (a, b) => `library.gated(${a}, ${b})`,
  exp: (x) => `Math.exp(${x})`,
  exp2: (x) => `Math.pow(2, ${x})`,
  expm1: (x) => `Math.expm1(${x})`,
  log: (x) => `Math.log(${x})`,
  log1p: (x) => `Math.log1p(${x})`,
  log2: (x) => `Math.log2(${x})`,
  log10: (x) => `Math.log10(${x})`,
  logAddExp: (a, b) =>
    `Math.max(${a}, ${b}) + Math.log1p(Math.exp(-Math.abs(${a} === ${b} ? 0 : ${a} - ${b})))`,
  xlogy: (a, b) => `${a} === 0 && ${b} === ${b} ? 0 : ${a} * Math.log(${b})`,
  logistic: (x) => `${x} >= 0 ? 1 / (1 + Math.exp(-${x})) : Math.exp(${x}) / (1 + Math.exp(${x}))`,
  softplus: (x) => `Math.max(${x}, 0) + Math.log1p(Math.exp(-Math.abs(${x})))`,
  erf: (x) => `library.erf(${x})`,
  erfc: (x) => `library.erfc(${x})`,
  erfInv: (x) => `library.erfInv(${x})`,
  lgamma: (x) => `library.lgamma(${x})`,
  digamma: (x) => `library.digamma(${x})`,
  polygamma: (x, order) => `library.polygamma(${x}, ${order})`,
  sin: (x) => `Math.sin(${x})`,
  cos: (x) => `Math.cos(${x})`,
  tan: (x) => `Math.tan(${x})`,
  sinh: (x) => `Math.sinh(${x})`,
  cosh: (x) => `Math.cosh(${x})`,
  tanh: (x) => `Math.tanh(${x})`,
  asin: (x) => `Math.asin(${x})`,
  acos: (x) => `Math.acos(${x})`,
  atan: (x) => `Math.atan(${x})`,
  asinh: (x) => `Math.asinh(${x})`,
  acosh: (x) => `Math.acosh(${x})`,
  atanh: (x) => `Math.atanh(${x})`,
  oneMinusSquare: (x) => `(1 - ${x}) * (1 + ${x})`,
  atan2: (y, x) => `Math.atan2(${y}, ${x})`,
  hypot: (a, b) => `library.hypot(${a}, ${b})`,
  directionCosine: (a, b) => `library.directionCosine(${a}, ${b})`,
  abs: (x) => `Math.abs(${x})`,
  sign: (x) => `Math.sign(${x})`,
  floor: (x) => `Math.floor(${x})`,
  ceil: (x) => `Math.ceil(${x})`,
  trunc: (x) => `Math.trunc(${x})`,
  round: (x) => `library.toEven(${x})`,
  mod: (a, b) => `library.mod(${a}, ${b})`,
  isNaN: (x) => `Number(Number.isNaN(${x}))`,
  isFinite: (x) => `Number(Number.isFinite(${x}))`,
  isInfinite: (x) => `Number(${x} === Infinity || ${x} === -Infinity)`,
  maximum: (a, b) => `Math.max(${a}, ${b})`,
  minimum: (a, b) => `Math.min(${a}, ${b})`,
  equal: comparison("==="),
  notEqual: comparison("!=="),
  less: comparison("<"),
  lessEqual: comparison("<="),
  greater: comparison(">"),
  greaterEqual: comparison(">="),
  and: (a, b) => `${a} && ${b}`,
  or: (a, b) => `${a} || ${b}`,
  not: (a) => `Number(!${a})`,
  select: (condition, a, b) => `${condition} ? ${a} : ${b}`,
  apart: (a, b) => `${a} === ${b} ? 0 : ${a} - ${b}`,
  // That of the engine differs from these by its last bits, which are no part of what a target has to compute.
  portableLog: (x) => `Math.log(${x})`,
  normalQuantile: (x) => `library.normalQuantile(${x})`,
  lacking: (y) => `${y} > -0.5 ? -Math.expm1(${y}) : 1`,
  constant: (value) => `${value}`,
  default(atom) {
    throw new Error(`no JavaScript for the atom ${atom.name}`);
  },
};

/** The same table, whose entries put each atom into a line of its own. */
function inLines(lines: string[]): AtomTable<string> {
  const named = (text: string) => `e${lines.push(`const e${lines.length} = ${text};`) - 1}`;
  const entries = Object.entries(atomTable) as [AtomName, (...operands: string[]) => string][];
  return {
    ...(Object.fromEntries(
      entries.map(([name, entry]) => [name, (...operands: string[]) => named(entry(...operands))]),
    ) as unknown as AtomTable<string>),
    constant: (value) => `(${Object.is(value, -0) ? "-0" : value})`,
    default: (atom: Atom, operands) => named(atomTable.default(atom, operands)),
  };
}

const nameOf = ({ id }: ProgramValue) => `v${id}`;
const text = (value: unknown) => JSON.stringify(value);

/** An element as the result's type has it. */
const rounded = ({ dtype }: ProgramValue, element: string) =>
  dtype === "float32" ? `Math.fround(${element})` : element;

const at = (place: string) => (step: ProgramStep) => `${nameOf(step.inputs[0]!)}.at(${place})`;
const same0 = at("place");
const extreme =
  (of: "max" | "min") =>
  ({ inputs: [x], attributes: { axes } }: { inputs: ProgramStep["inputs"]; attributes: { axes: Place } }) =>
    `Math.${of}(...library.reduced(${nameOf(x!)}, place, ${text(axes)}))`;
const product =
  (times: string) =>
  ({ inputs: [a, b] }: ProgramStep) =>
    `library.product(${nameOf(a!)}, ${nameOf(b!)}, place, ${times})`;
const words = ({ inputs: [key] }: ProgramStep, use: number) =>
  `library.words(${nameOf(key!)}, place, ${use})`;
/** The highest bits of the two words, so many of each, as one whole number. */
const highBits = (step: ProgramStep, high: number, low: number) =>
  `((([a, b]) => (a >>> ${32 - high}) * ${2 ** low} + ${low === 0 ? 0 : `(b >>> ${32 - low})`})(${words(step, 0)}))`;

/** A program inside a step, as a function of the data of its inputs. */
const functionOf = (program: Parameters<typeof statements>[0]) =>
  `((inputs) => {\n${statements(program, stepTable, [])}\n})`;
const dataOf = (inputs: readonly ProgramValue[]) => `[${inputs.map((x) => `${nameOf(x)}.data`).join(", ")}]`;
/** The elements of a step's results, from an expression of their data. */
const elementsOf = (outputs: readonly ProgramValue[], made: string) =>
  outputs.map(({ shape }, i) => `numbers(${text(shape)}, ${made}[${i}]).at(place)`);

/** For each primitive, the element at `place` of the result; a list of them where there are several results. */
type Entries = StepTable<string | readonly string[]>;

const stepTable: Entries = {
  map({ attributes: { fn }, inputs }) {
    const lines: string[] = [];
    const result = emitExpression(
      inLines(lines),
      fn.expression,
      inputs.map((x) => `${nameOf(x)}.at(place)`),
    );
    return `(() => { ${lines.join(" ")} return ${result}; })()`;
  },
  identity: same0,
  constantIn: same0,
  stopGradient: same0,
  // The programs inside, run once for every element: slow, and plain.
  region: ({ attributes: { program }, inputs, outputs }) =>
    elementsOf(outputs, `${functionOf(program)}(${dataOf(inputs)}).outputs`),
  cond: ({ attributes: { onTrue, onFalse }, inputs: [condition, ...inputs], outputs }) =>
    elementsOf(
      outputs,
      `(${nameOf(condition!)}.data[0] !== 0 ? ${functionOf(onTrue)} : ${functionOf(onFalse)})(${dataOf(inputs)}).outputs`,
    ),
  whileLoop: ({ attributes: { condition, body, carries }, inputs, outputs }) =>
    elementsOf(
      outputs,
      `library.repeated(${functionOf(condition)}, ${functionOf(body)}, ${carries}, ${dataOf(inputs)})`,
    ),
  scan: ({ attributes: { body, carries, scanned, length, reverse }, inputs, outputs }) =>
    elementsOf(
      outputs,
      `library.scanned(${functionOf(body)}, ${text({ carries, scanned, length, reverse })}, ${dataOf(inputs)})`,
    ),
  guarded: same0,
  cast: ({ attributes: { dtype }, inputs: [x] }) => {
    const element = `${nameOf(x!)}.at(place)`;
    const casts = {
      float64: element,
      float32: element,
      int32: `${element} | 0`,
      bool: `Number(${element} !== 0)`,
    };
    return casts[dtype];
  },
  broadcastTo: (step) => at(`library.narrowed(place, ${text(step.inputs[0]!.shape)})`)(step),
  sumTo: ({ inputs: [x], attributes: { shape } }) => `library.summed(${nameOf(x!)}, ${text(shape)}, place)`,
  mean: ({ inputs: [x], attributes: { shape, divisor } }) =>
    `library.summed(${nameOf(x!)}, ${text(shape)}, place) / ${divisor}`,
  reshape: ({ inputs: [x], attributes: { shape } }) =>
    `${nameOf(x!)}.data[library.flat(place, ${text(shape)})]`,
  permute: (step) =>
    at(
      `${text(step.attributes.order)}.map((_, axis) => place[${text(step.attributes.order)}.indexOf(axis)])`,
    )(step),
  slice: (step) => {
    const { starts, steps } = step.attributes;
    return at(`place.map((i, axis) => ${text(starts)}[axis] + i * ${text(steps)}[axis])`)(step);
  },
  pad: ({ inputs: [x], attributes: { before, between } }) =>
    `((from) => from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < ${text(x!.shape)}[axis]) ? ${nameOf(x!)}.at(from) : 0)` +
    `(place.map((i, axis) => (i - ${text(before)}[axis]) / (${text(between)}[axis] + 1)))`,
  concat: ({ inputs, attributes: { axis } }) => {
    let start = 0;
    const choices = inputs.map((x) => {
      const from = start;
      start += x.shape[axis]!;
      return `place[${axis}] < ${start} ? ${nameOf(x)}.at(place.with(${axis}, place[${axis}] - ${from})) : `;
    });
    return `${choices.join("")}NaN`;
  },
  flip: (step) => {
    const { axes } = step.attributes;
    const sizes = text(step.inputs[0]!.shape);
    return at(`place.map((i, axis) => ${text(axes)}.includes(axis) ? ${sizes}[axis] - 1 - i : i)`)(step);
  },
  matmul: product("(x, y) => x * y"),
  gatedMatmul: product("library.gated"),
  max: extreme("max"),
  min: extreme("min"),
  argExtreme: ({ inputs: [x], attributes: { axis, smallest } }) =>
    `library.first(library.row(${nameOf(x!)}, place, ${axis}), Math.${smallest ? "min" : "max"})`,
  argsort: ({ inputs: [x], attributes: { axis, descending } }) =>
    `library.ordered(library.row(${nameOf(x!)}, place, ${axis}), ${descending})[place[${axis}]]`,
  cumsum: ({ inputs: [x], attributes: { axis, reverse } }) => {
    const numbers = `library.row(${nameOf(x!)}, place, ${axis})`;
    return `library.sum(${numbers}.slice(${reverse ? `place[${axis}]` : `0, place[${axis}] + 1`}))`;
  },
  cumprod: ({ inputs: [x], attributes: { axis } }) =>
    `library.row(${nameOf(x!)}, place, ${axis}).slice(0, place[${axis}] + 1).reduce((y, x) => y * x, 1)`,
  cummax: ({ inputs: [x], attributes: { axis } }) =>
    `Math.max(...library.row(${nameOf(x!)}, place, ${axis}).slice(0, place[${axis}] + 1))`,
  recurrence: ({ inputs: [a, b], attributes: { axis, reverse } }) =>
    `library.recurrence(library.row(${nameOf(a!)}, place, ${axis}), library.row(${nameOf(b!)}, place, ${axis}), ${reverse})[place[${axis}]]`,
  logSoftmax: ({ inputs: [x], attributes: { axis } }) =>
    `((row, largest) => (${nameOf(x!)}.at(place) - largest) - ` +
    `Math.log1p(row.filter((y) => y === largest).length - 1 + library.sum(row.filter((y) => y !== largest).map((y) => Math.exp(y - largest)))))` +
    `(library.row(${nameOf(x!)}, place, ${axis}), Math.max(...library.row(${nameOf(x!)}, place, ${axis})))`,
  takeAlong: ({ inputs: [x, indices], attributes: { axis } }) =>
    `${nameOf(x!)}.at(place.with(${axis}, library.wrapped(${nameOf(indices!)}.at(place), ${x!.shape[axis]})))`,
  addAlong: ({ inputs: [x, indices], attributes: { axis, shape } }) =>
    `library.sum(library.row(${nameOf(x!)}, place, ${axis}).filter((_, i) => ` +
    `library.wrapped(${nameOf(indices!)}.at(place.with(${axis}, i)), ${shape[axis]}) === place[${axis}]))`,
  oneHot: ({ inputs: [indices] }) => `Number(${nameOf(indices!)}.at(place.with(-1, 0)) === place.at(-1))`,
  windows: (step) => {
    const { sizes, strides, dilations } = step.attributes;
    return at(`library.inWhole(place, ${text(sizes)}, ${text(strides)}, ${text(dilations)})`)(step);
  },
  overlapAdd: ({ inputs: [x], attributes: { sizes, strides, dilations } }) =>
    `library.sum(library.places(${text(x!.shape)}).filter((from) => library.same(library.inWhole(from, ${text(sizes)}, ${text(strides)}, ${text(dilations)}), place))` +
    `.map((from) => ${nameOf(x!)}.at(from)))`,
  randomBits: (step) => `${words(step, 0)}[0]`,
  splitKey: (step) => `${words(step, 1)}[0]`,
  randomUniform: (step) =>
    step.attributes.dtype === "float32"
      ? `${highBits(step, 24, 0)} / 2 ** 24`
      : `${highBits(step, 27, 26)} / 2 ** 53`,
  randomNormal: (step) => `library.normalQuantile((${highBits(step, 26, 26)} + 0.5) / 2 ** 52)`,
  default({ primitive }) {
    throw new Error(`no JavaScript for the primitive ${primitive.name}`);
  },
};

/** What the emitted code is given and what it returns: elements, row-major. */
export interface Emitted {
  readonly code: string;
  run(
    inputs: readonly (readonly number[])[],
    variables: readonly (readonly number[])[],
  ): {
    readonly outputs: readonly (readonly number[])[];
    /** What each variable that is assigned holds in the end. */
    readonly assigned: readonly (readonly number[])[];
  };
}

/** The statements of a program, and what they return. */
function statements(
  program: Pick<Program, "values" | "steps" | "outputs" | "outcomes">,
  entries: Entries,
  variables: readonly string[],
): string {
  const from = ({ origin }: ProgramValue): string => {
    switch (origin.kind) {
      case "argument":
        return `inputs[${origin.place}]`;
      case "variable":
        return `variables[${variables.indexOf(origin.variable.name)}]`;
      case "constant":
        return `[${Array.from(origin.array.data)}]`;
      case "gradient":
      case "step":
        throw new Error(`no JavaScript for a ${origin.kind} here`);
    }
  };
  const given = program.values
    .filter(({ origin }) => origin.kind !== "step")
    .map((value) => `const ${nameOf(value)} = numbers(${text(value.shape)}, ${from(value)});`);
  const made = program.steps.flatMap((step) => {
    const emitted = emitStep(entries, step);
    return step.outputs.map((output, i) => {
      const element = rounded(output, typeof emitted === "string" ? emitted : emitted[i]!);
      return `const ${nameOf(output)} = library.tensor(${text(output.shape)}, (place) => ${element});`;
    });
  });
  const assigned = program.outcomes.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const elements = (values: readonly ProgramValue[]) =>
    `[${values.map((value) => `${nameOf(value)}.data`).join(", ")}]`;
  const result = `return { outputs: ${elements(program.outputs)}, assigned: ${elements(assigned)} };`;
  return [...given, ...made, result].join("\n");
}

/** A program as JavaScript. `table` exchanges entries. */
export function javascriptOf(program: Program, table: Partial<Entries> = {}): Emitted {
  const names = program.variables.map(({ name }) => name);
  const code = statements(program, { ...stepTable, ...table }, names);
  // oxlint-disable-next-line typescript/no-implied-eval -- running what was emitted is the purpose
  const run = new Function("library", "numbers", "inputs", "variables", code) as (
    ...args: unknown[]
  ) => ReturnType<Emitted["run"]>;
  return { code, run: (inputs, variables) => run(library, numbers, inputs, variables) };
}
