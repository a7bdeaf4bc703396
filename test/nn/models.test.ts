// Transforms over variables(model), for random models: they are what the same transforms give over a tree of plain tensors
// for a twin of the model that takes its weights as arguments. Eagerly bit for bit, since both do the same operations in
// the same order; in programs up to what rounding elsewhere explains.

import { compile, grad, type Tensor, type Tree, type Variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { difference } from "../autograd/compile/uncertainty.ts";
import { runs } from "../support/runs.ts";
import { Dice, digits, tensorOf } from "../support/tensors.ts";
import { Builder, type FloatType, type Part } from "./models.ts";
import {
  type Asked,
  gradientsLeft,
  isSmallEnough,
  leavesOf,
  questions,
  refilled,
  type Side,
  transforms,
} from "./questions.ts";

type Losses = (y: Tensor, target: Tensor) => Tensor;
const losses: readonly Losses[] = [
  (y, target) => nn.meanSquaredError(y, target),
  (y, target) => nn.huber(y, target),
  (y, target) => nn.negLogLossWithLogits(y, target.logistic()),
  (y, target) => y.sub(target).square().sum(),
  (y, target) => y.mul(target).tanh().sum().add(y.square().mean()),
];

interface Drawn {
  readonly text: string;
  readonly part: Part;
  readonly moving: Readonly<Record<string, Variable>>;
  readonly model: Side;
  readonly twin: Side;
  /** All of the model's variables, where some are whole numbers. */
  readonly withWhole: Readonly<Record<string, Variable>> | null;
  readonly x: Tensor;
  readonly other: Tensor;
  readonly precision: FloatType;
  readonly dice: Dice;
}

function draw(seed: number): Drawn | null {
  const dice = new Dice(seed);
  const dtype = dice.below(2) === 0 ? "float32" : "float64";
  const [batch, inputs] = [1 + dice.below(3), 1 + dice.below(3)];
  const part = new Builder(dice, dtype).chain(inputs);
  const all = Object.entries(nn.variables(part.held)).filter(([, each]) => !part.assigned!.includes(each));
  // Some stay as they are: those of whole numbers, and now and then others.
  const floats = all.filter(([, each]) => each.dtype !== "int32");
  const some = dice.below(3) === 0 ? floats.filter(() => dice.below(2) === 0) : floats;
  if (some.length === 0) return null;
  const moving = Object.fromEntries(some);
  const names = new Map(some.map(([name, each]) => [each, name]));
  const row = (rows: number, columns: number) =>
    tensorOf(digits(rows * columns, dice), [rows, columns], dtype);
  const target = row(batch, part.outputs);
  const loss = losses[dice.below(losses.length)]!;
  const decay = dice.below(2) === 0 ? some[dice.below(some.length)]![1] : null;
  const penalised = (value: Tensor, weight: Tensor | null) =>
    weight === null ? value : value.add(weight.square().sum().cast(dtype).mul(0.25));
  // The variables as a record, as a list or as a Map: the twin's tree has the same form.
  const shape = dice.below(3);
  const shaped = (entries: readonly (readonly [string, Tensor])[]): Tree =>
    shape === 0
      ? Object.fromEntries(entries)
      : shape === 1
        ? entries.map(([, each]) => each)
        : { weights: new Map(entries) };
  const output = (_: unknown, x: Tensor) => part.forward(x);
  const outputOf = (at: Tree, x: Tensor) => {
    const given = new Map(some.map(([name], i) => [name, leavesOf(at)[i]!]));
    return part.twin(x, (of) => (names.has(of) ? given.get(names.get(of)!)! : of.value.detach()));
  };
  const decayed = (at: Tree) => decay && leavesOf(at)[[...names.keys()].indexOf(decay)]!;
  return {
    text: `${part.text}, ${loss.toString()}, ${Object.keys(moving).join(", ")} (seed ${seed}, ${dtype})`,
    part,
    moving,
    model: { at: shaped(some), output, loss: (at, x) => penalised(loss(output(at, x), target), decay) },
    twin: {
      at: shaped(some.map(([name, each]) => [name, each.value.detach()])),
      output: outputOf,
      loss: (at, x) => penalised(loss(outputOf(at, x), target), decayed(at)),
    },
    withWhole: floats.length < all.length ? Object.fromEntries(all) : null,
    x: row(batch, inputs),
    other: row(batch, inputs),
    precision: [dtype, ...all.map(([, each]) => each.dtype)].includes("float32") ? "float32" : "float64",
    dice,
  };
}

/** The numbers of a tree of tensors. */
const numbersOf = (tree: unknown): Float64Array =>
  Float64Array.from(leavesOf(tree).flatMap((each) => Array.from(each.data as ArrayLike<number>)));

/** Same forms, types and numbers: a zero's sign apart. */
function expectSame(actual: unknown, expected: unknown, where: string): void {
  const shapes = (tree: unknown) => leavesOf(tree).map(({ dtype, shape }) => `${dtype} [${shape.join()}]`);
  expect(shapes(actual), where).toEqual(shapes(expected));
  expect(
    Array.from(numbersOf(actual), (each) => each + 0),
    where,
  ).toEqual(Array.from(numbersOf(expected), (each) => each + 0));
}

/** Whether all numbers of an answer are moderate. */
const isModerate = (answer: unknown) =>
  (answer instanceof Float64Array ? answer : numbersOf(answer)).every((each) => Math.abs(each) < 2 ** 60);

const tally = { models: 0, eager: 0, whole: 0, compiled: 0, nested: 0 };

function checkModel({ model, twin, withWhole, x, other, dice, text, precision, part }: Drawn): void {
  const tangent = refilled(twin.at, (each) => tensorOf(digits(each.size, dice), each.shape, each.dtype));
  const output = twin.output(twin.at, x);
  const cotangent = tensorOf(digits(output.size, dice), output.shape, output.dtype);
  const size = leavesOf(twin.at).reduce((sum, each) => sum + each.size, 0);
  const asked = (side: Side, input: Tensor): Asked => ({ side, x: input, tangent, cotangent });
  const assigns = part.assigned!.length > 0;
  tally.models++;

  const all = questions.filter(({ isByVariables = false }) => !(isByVariables && assigns));
  const eagerly = all.filter(({ name }) => isSmallEnough(name, size, 12));
  for (const { name, overVariables, explicit } of dice.shuffled(eagerly).slice(0, 8)) {
    const expected = explicit(asked(twin, x));
    if (!isModerate(expected)) continue;
    expectSame(overVariables(asked(model, x)), expected, `${name} of ${text}`);
    tally.eager++;
  }

  if (withWhole !== null) {
    const whole = Object.keys(withWhole).find((path) => withWhole[path]!.dtype === "int32")!;
    const of = () => grad((_: Tree) => model.loss(model.at, x))(withWhole);
    expect(of, text).toThrow(/^grad: the argument.* is int32, which has no derivative/);
    expect(of, text).toThrow(whole.split(".").at(-1)!);
    tally.whole++;
  }

  // In a program, which is called with two inputs.
  const short = all.filter(({ name }) => isSmallEnough(name, size, 6));
  const { name, overVariables, explicit } = short[dice.below(short.length)]!;
  const compiled = compile((input: Tensor) => leavesOf(overVariables(asked(model, input))));
  for (const input of [x, other]) {
    const compute = () => numbersOf(explicit(asked(twin, input)));
    const expected = compute();
    if (!isModerate(expected)) continue;
    const found = difference(numbersOf(compiled(input)), compute, precision, expected);
    expect(found, `compiled: ${name} of ${text}`).toBeNull();
    tally.compiled++;
  }

  // Of compiled functions: within a transform these run as they are written.
  const [loss, outputs] = [compile(model.loss), compile(model.output)];
  const around = Object.entries(transforms).filter(([name]) => isSmallEnough(name, size, 12));
  const [outer, transform] = around[dice.below(around.length)]!;
  const expected = transform(asked(twin, x));
  if (isModerate(expected)) {
    const actual = transform(asked({ at: model.at, loss, output: outputs }, x));
    expectSame(actual, expected, `${outer} of compiled ${text}`);
    tally.nested++;
  }

  // backward of a compiled loss, unless the loss assigns what it is made from.
  if (assigns) return;
  loss(model.at, x).backward();
  const left = numbersOf(gradientsLeft(model.at));
  const compute = () => numbersOf(grad(twin.loss)(twin.at, x));
  const gradient = compute();
  if (isModerate(gradient))
    expect(difference(left, compute, precision, gradient), `backward of compiled ${text}`).toBeNull();
}

test("transforms over the variables of random models are those over trees of plain tensors", () => {
  const count = runs(200, 5000);
  for (let seed = 1; tally.models < count; seed++) {
    const drawn = draw(seed);
    if (drawn !== null) checkModel(drawn);
  }
  expect(tally.eager).toBeGreaterThan(7 * count);
  expect(tally.whole).toBeGreaterThan(count / 20);
  expect(tally.compiled).toBeGreaterThan(1.8 * count);
  expect(tally.nested).toBeGreaterThan(0.9 * count);
}, 1_200_000);
