// The layers over sequences, each with an independent definition; those that PyTorch has are named as in its data.

import { type DType, stack, Tensor, tensor, type Variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import * as plain from "./plain-sequences.ts";

/** Numbers by sample, time and feature. */
type Samples = readonly (readonly (readonly number[])[])[];

export interface Made {
  readonly model: object;
  run(...inputs: Tensor[]): Tensor[];
  /** The same by plain loops, each result flat. */
  plain(...inputs: Samples[]): number[][];
}

export interface SequenceCase {
  readonly name: string;
  /** The exports that it tests. */
  readonly covers: readonly string[];
  readonly inputs: readonly (readonly number[])[];
  /** Whether PyTorch's data have it. */
  readonly inPyTorch: boolean;
  make(dtype: DType): Made;
}

const rows = (variable: Variable) => variable.toArray() as number[][];
const row = (variable: Variable | null) => (variable === null ? null : (variable.toArray() as number[]));
const affineOf = ({ weight, bias }: { weight: Variable; bias: Variable | null }): plain.Affine => ({
  weight: rows(weight),
  bias: row(bias),
});
const key = () => nn.keys(1)();

type Carry = Tensor | nn.LstmCarry;
const partsOf = (carry: Carry) => (carry instanceof Tensor ? [carry] : [carry.hidden, carry.memory]);

interface RecurrentCase {
  readonly name: string;
  readonly covers: readonly string[];
  readonly make: (dtype: DType) => nn.Recurrent<Carry>;
  readonly step: plain.PlainStep;
  readonly hidden: number;
  /** How many tensors are carried. */
  readonly parts: number;
  readonly lengths?: number[];
  readonly fromState?: boolean;
  readonly inPyTorch?: boolean;
}

function recurrentCase(stated: RecurrentCase): SequenceCase {
  const { name, covers, step, hidden, parts, lengths, fromState = false, inPyTorch = true } = stated;
  const counted = lengths === undefined ? {} : { lengths: tensor(lengths, { dtype: "int32" }) };
  const count = stated.make("float64").cells.length;
  const states = Array.from({ length: fromState ? parts : 0 }, () => [count, 2, hidden]);
  return {
    name,
    covers,
    inputs: [[2, 3, 2], ...states],
    inPyTorch,
    make(dtype) {
      const model = stated.make(dtype);
      return {
        model,
        run(x, ...given) {
          const carries = Array.from({ length: given.length === 0 ? 0 : count }, (_, i): Carry => {
            const [a, b] = given.map((each) => each.slice(i));
            return b === undefined ? a! : { hidden: a!, memory: b };
          });
          const initial = carries.length === 0 ? {} : { initial: carries };
          const { outputs, last } = model.unroll(x!, { ...counted, ...initial });
          const each = last.map(partsOf);
          return [outputs, ...each[0]!.map((_, part) => stack(each.map((list) => list[part]!)))];
        },
        plain(xs, ...given) {
          const cells = model.cells.map((cell) => {
            const own = cell as unknown as Record<keyof plain.CellWeights, Variable>;
            const weights: plain.CellWeights = {
              inputWeight: rows(own.inputWeight),
              hiddenWeight: rows(own.hiddenWeight),
              inputBias: row(own.inputBias),
              hiddenBias: row(own.hiddenBias),
            };
            return weights;
          });
          const made = xs.map((sample, b) =>
            plain.unrolled(step, cells, model.directions, sample, {
              length: lengths?.[b] ?? sample.length,
              initial: cells.map((_, i) =>
                Array.from(
                  { length: parts },
                  (_, part) => given[part]?.[i]?.[b] ?? new Array<number>(hidden).fill(0),
                ),
              ),
            }),
          );
          const last = Array.from({ length: parts }, (_, part) =>
            cells.flatMap((_, i) => made.flatMap((sample) => sample.last[i]![part]!)),
          );
          return [made.flatMap(({ outputs }) => outputs.flat()), ...last];
        },
      };
    },
  };
}

const both = { layers: 2, bidirectional: true };

const recurrents: RecurrentCase[] = [
  {
    name: "plain, tanh",
    covers: ["plainRecurrent", "plainCell"],
    make: (dtype) => nn.plainRecurrent(2, 3, { dtype, key: key() }),
    ...{ step: plain.plainStep(Math.tanh), hidden: 3, parts: 1 },
  },
  {
    name: "plain, relu, no bias",
    covers: ["plainRecurrent", "plainCell"],
    make: (dtype) => nn.plainRecurrent(2, 3, { activation: nn.relu, bias: false, dtype, key: key() }),
    ...{ step: plain.plainStep((x) => Math.max(x, 0)), hidden: 3, parts: 1 },
  },
  {
    name: "plain, two layers, both ways, lengths",
    covers: ["plainRecurrent"],
    make: (dtype) => nn.plainRecurrent(2, 2, { ...both, dtype, key: key() }),
    ...{ step: plain.plainStep(Math.tanh), hidden: 2, parts: 1, lengths: [1, 3] },
  },
  {
    name: "lstm",
    covers: ["lstm", "lstmCell"],
    make: (dtype) => nn.lstm(2, 3, { dtype, key: key() }),
    ...{ step: plain.lstmStep, hidden: 3, parts: 2 },
  },
  {
    name: "lstm, from a state",
    covers: ["lstm", "lstmCell"],
    make: (dtype) => nn.lstm(2, 2, { dtype, key: key() }),
    ...{ step: plain.lstmStep, hidden: 2, parts: 2, fromState: true },
  },
  {
    name: "lstm, two layers, both ways, lengths",
    covers: ["lstm"],
    make: (dtype) => nn.lstm(2, 2, { ...both, dtype, key: key() }),
    ...{ step: plain.lstmStep, hidden: 2, parts: 2, lengths: [3, 2] },
  },
  {
    name: "gru",
    covers: ["gru", "gruCell"],
    make: (dtype) => nn.gru(2, 3, { dtype, key: key() }),
    ...{ step: plain.gruStep, hidden: 3, parts: 1 },
  },
  {
    name: "gru, no bias, from a state",
    covers: ["gru", "gruCell"],
    make: (dtype) => nn.gru(2, 2, { bias: false, dtype, key: key() }),
    ...{ step: plain.gruStep, hidden: 2, parts: 1, fromState: true },
  },
  {
    name: "gru, two layers, both ways, lengths",
    covers: ["gru"],
    make: (dtype) => nn.gru(2, 2, { ...both, dtype, key: key() }),
    ...{ step: plain.gruStep, hidden: 2, parts: 1, lengths: [3, 2] },
  },
  {
    name: "cells put together by hand, from a state with lengths",
    covers: ["recurrent", "lstmCell"],
    make: (dtype) =>
      nn.recurrent([
        nn.lstmCell(2, 2, { dtype, key: key() }),
        nn.lstmCell(2, 2, { dtype, bias: false, key: key() }),
      ]),
    ...{ step: plain.lstmStep, hidden: 2, parts: 2, fromState: true, lengths: [0, 2], inPyTorch: false },
  },
];

// ── Attention ───────────────────────────────────────────────────────────────────────────────────────────────────

type Sees = (query: number, key: number, sample: number) => boolean;
const everything: Sees = () => true;
const before: Sees = (i, j) => j <= i;

interface Attention {
  readonly heads: number;
  readonly query: nn.Dense;
  readonly key: nn.Dense;
  readonly value: nn.Dense;
  readonly output: nn.Dense;
}

const attended = (
  { heads, query, key, value, output }: Attention,
  rows: readonly [Samples[number], Samples[number], Samples[number]],
  sees: (query: number, key: number) => boolean,
) =>
  plain.attention(
    { query: affineOf(query), key: affineOf(key), value: affineOf(value), output: affineOf(output) },
    heads,
    rows,
    sees,
  );

interface AttentionCase {
  readonly name: string;
  readonly options: nn.AttentionOptions;
  readonly masks: nn.AttentionMasks;
  readonly sees: Sees;
  readonly inputs: readonly (readonly number[])[];
  readonly inPyTorch?: boolean;
}

const truths = (values: number[][]) => tensor(values).notEqual(0);

const attentions: AttentionCase[] = [
  { name: "attention", options: {}, masks: {}, sees: everything, inputs: [[2, 3, 4]] },
  {
    name: "attention, no bias, causal",
    ...{ options: { bias: false }, masks: { causal: true }, sees: before, inputs: [[2, 3, 4]] },
  },
  {
    name: "attention, other widths, padding",
    options: { keyWidth: 3, valueWidth: 2 },
    masks: {
      keyMask: truths([
        [1, 1, 0, 1],
        [1, 0, 0, 1],
      ]),
    },
    sees: (_, j, b) => j !== 2 && (j !== 1 || b === 0),
    inputs: [
      [2, 3, 4],
      [2, 4, 3],
      [2, 4, 2],
    ],
  },
  {
    name: "attention with a query that sees nothing, and masks that meet",
    options: { causal: true },
    masks: {
      mask: tensor([
        [
          [0, 1, 1],
          [1, 1, 0],
          [1, 1, 1],
        ],
        [
          [1, 1, 1],
          [0, 1, 1],
          [1, 0, 1],
        ],
      ]).notEqual(0),
      keyMask: truths([
        [1, 1, 1],
        [0, 1, 1],
      ]),
    },
    sees: (i, j, b) => before(i, j, b) && (b === 0 ? i !== 0 : j !== 0 && !(i === 2 && j === 1)),
    inputs: [[2, 3, 4]],
    inPyTorch: false,
  },
];

const attentionCase = ({
  name,
  options,
  masks,
  sees,
  inputs,
  inPyTorch = true,
}: AttentionCase): SequenceCase => ({
  name,
  covers: ["multiHeadAttention", "attentionWeights", "causalMask"],
  inputs,
  inPyTorch,
  make(dtype) {
    const model = nn.multiHeadAttention(4, 2, { ...options, dtype, key: key() });
    return {
      model,
      run(q, k = q, v = k) {
        const { outputs, weights } = model.attend(q!, k!, v!, masks);
        return [outputs, weights];
      },
      plain(q, k = q, v = k) {
        const all = q!.map((_, b) => attended(model, [q![b]!, k![b]!, v![b]!], (i, j) => sees(i, j, b)));
        return [all.flatMap(({ outputs }) => outputs.flat()), all.flatMap(({ weights }) => weights.flat(2))];
      },
    };
  },
});

// ── Transformers ────────────────────────────────────────────────────────────────────────────────────────────────

interface BlockCase {
  readonly name: string;
  readonly kind: "encoderBlock" | "decoderBlock";
  readonly heads: number;
  readonly options: nn.BlockOptions;
  readonly φ: (x: number) => number;
}

/** x·Φ(x), Φ by its power series: Σ (−1)ⁿ x²ⁿ⁺¹/(2ⁿ n! (2n + 1)). */
function gelu(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return x * (0.5 + sum / Math.sqrt(2 * Math.PI));
}
const relu = (x: number) => Math.max(0, x);

const blocks: BlockCase[] = [
  { name: "encoder block", kind: "encoderBlock", heads: 2, options: {}, φ: relu },
  {
    name: "encoder block, norm first, gelu, causal",
    kind: "encoderBlock",
    heads: 2,
    options: { normFirst: true, activation: nn.gelu, causal: true },
    φ: gelu,
  },
  { name: "decoder block", kind: "decoderBlock", heads: 2, options: {}, φ: relu },
  {
    name: "decoder block, norm first",
    kind: "decoderBlock",
    heads: 1,
    options: { normFirst: true },
    φ: relu,
  },
];

const blockCase = ({ name, kind, heads, options, φ }: BlockCase): SequenceCase => ({
  name,
  covers: [kind],
  inputs:
    kind === "encoderBlock"
      ? [[2, 3, 4]]
      : [
          [2, 3, 4],
          [2, 2, 4],
        ],
  inPyTorch: true,
  make(dtype) {
    const all: nn.BlockOptions = { hidden: 6, ...options, dtype, key: key() };
    const model = kind === "encoderBlock" ? nn.encoderBlock(4, heads, all) : nn.decoderBlock(4, heads, all);
    const isCausal = kind === "decoderBlock" || options.causal === true;
    return {
      model,
      run: (x, memory) => [
        "memoryAttention" in model ? model.forward(x!, { memory: memory! }) : model.forward(x!),
      ],
      plain(xs, memories) {
        const named = nn.variables(model);
        const norm = (which: string) => (x: readonly number[]) =>
          plain.normalized(
            { weight: row(named[`${which}.weight`]!)!, bias: row(named[`${which}.bias`]!)! },
            x,
          );
        const joined = (x: Samples[number], which: string, part: (x: Samples[number]) => Samples[number]) => {
          if (options.normFirst !== true)
            return part(x).map((each, t) => norm(which)(plain.plus(x[t]!, each)));
          return part(x.map(norm(which))).map((each, t) => plain.plus(x[t]!, each));
        };
        const sample = (x: Samples[number], memory: Samples[number] | undefined) => {
          let each = joined(
            x,
            "attentionNorm",
            (at) => attended(model.attention, [at, at, at], (i, j) => !isCausal || j <= i).outputs,
          );
          if ("memoryAttention" in model)
            each = joined(
              each,
              "memoryNorm",
              (at) => attended(model.memoryAttention, [at, memory!, memory!], () => true).outputs,
            );
          const [widen, narrow] = [affineOf(model.widen), affineOf(model.narrow)];
          return joined(each, "networkNorm", (at) =>
            at.map((z) =>
              plain.affine(plain.affine(z, widen.weight, widen.bias).map(φ), narrow.weight, narrow.bias),
            ),
          );
        };
        return [xs!.flatMap((x, b) => sample(x, memories?.[b]).flat())];
      },
    };
  },
});

// ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────

const positions: SequenceCase[] = [
  {
    name: "sinusoidal positions",
    ...{ covers: ["sinusoids", "sinusoidalPositions"], inputs: [[2, 3, 4]], inPyTorch: false },
    make: () => ({
      model: {},
      run: (x) => [nn.sinusoidalPositions(x!)],
      plain: (xs) => [
        xs!.flatMap((x) =>
          x.flatMap((at, t) =>
            at.map((z, i) => z + (i % 2 === 0 ? Math.sin : Math.cos)(t / 10_000 ** ((i - (i % 2)) / 4))),
          ),
        ),
      ],
    }),
  },
  {
    name: "learned positions",
    ...{ covers: ["learnedPositions"], inputs: [[2, 3, 4]], inPyTorch: false },
    make(dtype) {
      const model = nn.learnedPositions(5, 4, { dtype, key: key() });
      return {
        model,
        run: (x) => [model.forward(x!)],
        plain: (xs) => [xs!.flatMap((x) => x.flatMap((at, t) => plain.plus(at, rows(model.weight)[t]!)))],
      };
    },
  },
  {
    name: "rotary positions",
    ...{ covers: ["rotary"], inputs: [[2, 3, 4]], inPyTorch: false },
    make: () => ({
      model: {},
      run: (x) => [nn.rotary(x!)],
      plain: (xs) => [
        xs!.flatMap((x) =>
          x.flatMap((at, t) =>
            at.map((z, i) => {
              const angle = t / 10_000 ** ((2 * (i % 2)) / 4);
              return z * Math.cos(angle) + (i < 2 ? -at[i + 2]! : at[i - 2]!) * Math.sin(angle);
            }),
          ),
        ),
      ],
    }),
  },
];

export const sequenceCases: readonly SequenceCase[] = [
  ...recurrents.map(recurrentCase),
  ...attentions.map(attentionCase),
  ...blocks.map(blockCase),
  ...positions,
];
