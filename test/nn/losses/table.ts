// Every loss in plain loops over plain numbers, by its definition, with what its operands are.

import { type DType, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { type Dice, tensorOf } from "../../support/tensors.ts";

/** What an operand holds. All are [...batch, n] but for labels and pairs, which are [...batch]. */
export type Kind = "real" | "probability" | "distribution" | "sign" | "label" | "pair";
export type Row = readonly number[];
export type Options = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly name: string;
  /** What beside its options tells an entry from others of its name. */
  readonly about?: string;
  readonly loss: (...inputs: never[]) => Tensor;
  readonly operands: readonly Kind[];
  /** In plain numbers; lists become tensors of the losses' type, of length 4. */
  readonly options?: Options;
  /** The losses of one row of each operand: one for each element, or one for the row. */
  readonly losses: (...operands: Row[]) => number[];
  readonly isOfRows?: boolean;
  /** How much a row counts in a mean; 1 by default. */
  readonly count?: (...operands: Row[]) => number;
  /** What becomes of a mean, for a function that is one of the mean only. */
  readonly ofMean?: (mean: number) => number;
  /** The reduction where none is asked for; "mean" by default. */
  readonly standard?: nn.Reduction;
}

export const classes = 4;
export const isFlat = (kind: Kind): boolean => kind === "label" || kind === "pair";

const eachOf =
  (f: (p: number, t: number, place: number) => number) =>
  (p: Row, t: Row): number[] =>
    p.map((value, i) => f(value, t[i]!, i));
const sum = (row: Row): number => row.reduce((total, value) => total + value, 0);
const unlessZero = (factor: number, value: () => number): number => (factor === 0 ? 0 : factor * value());
const logistic = (z: number) => 1 / (1 + Math.exp(-z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const length = (row: Row) => Math.hypot(...row);
const minus = (a: Row, b: Row) => a.map((value, i) => value - b[i]!);
const distance = (a: Row, b: Row) => length(minus(a, b));

/** −log softmax of each class. */
function costs(logits: Row): number[] {
  const top = Math.max(...logits);
  const log = top + Math.log(sum(logits.map((z) => Math.exp(z - top))));
  return logits.map((z) => log - z);
}

interface Cross {
  readonly labelSmoothing?: number;
  readonly classWeights?: Row;
  readonly ignoreLabel?: number;
}

/** PyTorch's CrossEntropyLoss, as its documentation defines it. */
function crossEntropies({ labelSmoothing: share = 0, classWeights, ignoreLabel }: Cross) {
  const weight = (c: number) => classWeights?.[c] ?? 1;
  const ofRow = (logits: Row, row: Row) =>
    sum(
      costs(logits).map((cost, c) =>
        unlessZero(weight(c) * ((1 - share) * row[c]! + share / row.length), () => cost),
      ),
    );
  return {
    ofRow: (logits: Row, row: Row) => [ofRow(logits, row)],
    ofLabel: (logits: Row, [label]: Row) => [
      label === ignoreLabel
        ? 0
        : ofRow(
            logits,
            logits.map((_, c) => Number(c === label)),
          ),
    ],
    count: (_: Row, [label]: Row) => (label === ignoreLabel ? 0 : weight(label!)),
  };
}

const crossOptions: readonly Cross[] = [
  {},
  { labelSmoothing: 0.125 },
  { classWeights: [0.5, 2, 0, 1.25] },
  { ignoreLabel: 0 },
  { labelSmoothing: 0.125, classWeights: [0.5, 2, 0, 1.25] },
  { labelSmoothing: 0.125, ignoreLabel: 0 },
  { classWeights: [0.5, 2, 0, 1.25], ignoreLabel: 0 },
  { labelSmoothing: 0.125, classWeights: [0.5, 2, 0, 1.25], ignoreLabel: 0 },
];

const ofLabels = (name: string, loss: Entry["loss"], options: Cross, rest: Partial<Entry> = {}): Entry => {
  const { ofLabel, count } = crossEntropies(options);
  const operands = ["real", "label"] as const;
  return { name, loss, operands, options: { ...options }, losses: ofLabel, count, isOfRows: true, ...rest };
};

const huber = (delta: number) =>
  eachOf((p, t) => {
    const d = Math.abs(p - t);
    return d <= delta ? d ** 2 / 2 : delta * (d - delta / 2);
  });

const pinball = (level: (place: number) => number) =>
  eachOf((p, t, i) => Math.max(level(i) * (t - p), (level(i) - 1) * (t - p)));

const focal = (gamma: number, alpha: number) =>
  eachOf((z, y) => {
    const p = logistic(z);
    return alpha * y * (1 - p) ** gamma * softplus(-z) + (1 - alpha) * (1 - y) * p ** gamma * softplus(z);
  });

const contrastive =
  (margin: number) =>
  (a: Row, b: Row, [differs]: Row) => {
    const d = distance(a, b);
    return [((1 - differs!) * d ** 2) / 2 + (differs! * Math.max(0, margin - d) ** 2) / 2];
  };

const tripletMargin = (margin: number, swap: boolean) => (a: Row, p: Row, n: Row) => {
  const far = swap ? Math.min(distance(a, n), distance(p, n)) : distance(a, n);
  return [Math.max(0, distance(a, p) - far + margin)];
};

const twoReal = ["real", "real"] as const;
const binary = (p: number, y: number) =>
  -unlessZero(y, () => Math.log(p)) - unlessZero(1 - y, () => Math.log1p(-p));

/** Losses with each of their options. */
export const table: readonly Entry[] = [
  {
    name: "absoluteError",
    loss: nn.absoluteError,
    operands: twoReal,
    losses: eachOf((p, t) => Math.abs(p - t)),
  },
  {
    name: "meanSquaredError",
    loss: nn.meanSquaredError,
    operands: twoReal,
    losses: eachOf((p, t) => (p - t) ** 2),
  },
  {
    name: "sumSquaredError",
    loss: nn.sumSquaredError,
    operands: twoReal,
    losses: eachOf((p, t) => (p - t) ** 2),
    standard: "sum",
  },
  {
    name: "negLogLoss",
    loss: nn.negLogLoss,
    operands: ["probability", "probability"],
    losses: eachOf(binary),
  },
  {
    name: "negLogLossWithLogits",
    loss: nn.negLogLossWithLogits,
    operands: ["real", "probability"],
    losses: eachOf((z, y) => binary(logistic(z), y)),
  },
  {
    name: "hinge",
    loss: nn.hinge,
    operands: ["real", "sign"],
    losses: eachOf((p, t) => Math.max(0, 1 - p * t)),
  },
  { name: "huber", loss: nn.huber, operands: twoReal, losses: huber(1) },
  { name: "huber", loss: nn.huber, operands: twoReal, options: { delta: 0.5 }, losses: huber(0.5) },
  { name: "pinball", loss: nn.pinball, operands: twoReal, losses: pinball(() => 0.5) },
  {
    name: "pinball",
    loss: nn.pinball,
    operands: twoReal,
    options: { level: 0.875 },
    losses: pinball(() => 0.875),
  },
  {
    name: "pinball",
    loss: nn.pinball,
    operands: twoReal,
    options: { level: [0.125, 0.25, 0.5, 0.75] },
    losses: pinball((place) => [0.125, 0.25, 0.5, 0.75][place]!),
  },
  { name: "focal", loss: nn.focal, operands: ["real", "probability"], losses: focal(2, 0.25) },
  {
    name: "focal",
    loss: nn.focal,
    operands: ["real", "probability"],
    options: { gamma: 0.5, alpha: 0.75 },
    losses: focal(0.5, 0.75),
  },
  {
    name: "focal",
    loss: nn.focal,
    operands: ["real", "probability"],
    options: { gamma: 0, alpha: 0.5 },
    losses: focal(0, 0.5),
  },
  {
    name: "klDivergence",
    loss: nn.klDivergence,
    operands: ["distribution", "distribution"],
    losses: (p, y) => [sum(y.map((value, i) => unlessZero(value, () => Math.log(value / p[i]!))))],
    isOfRows: true,
  },
  {
    name: "crossEntropyOfProbabilities",
    loss: nn.crossEntropyOfProbabilities,
    operands: ["distribution", "distribution"],
    losses: (p, y) => [sum(y.map((value, i) => unlessZero(value, () => -Math.log(p[i]!))))],
    isOfRows: true,
  },
  {
    name: "cosineDistance",
    loss: nn.cosineDistance,
    operands: twoReal,
    losses: (a, b) => [1 - sum(a.map((value, i) => value * b[i]!)) / (length(a) * length(b))],
    isOfRows: true,
  },
  {
    name: "contrastive",
    loss: nn.contrastive,
    operands: ["real", "real", "pair"],
    losses: contrastive(1),
    isOfRows: true,
  },
  {
    name: "contrastive",
    loss: nn.contrastive,
    operands: ["real", "real", "pair"],
    options: { margin: 3 },
    losses: contrastive(3),
    isOfRows: true,
  },
  {
    name: "tripletMargin",
    loss: nn.tripletMargin,
    operands: ["real", "real", "real"],
    losses: tripletMargin(1, false),
    isOfRows: true,
  },
  {
    name: "tripletMargin",
    loss: nn.tripletMargin,
    operands: ["real", "real", "real"],
    options: { margin: 2.5, swap: true },
    losses: tripletMargin(2.5, true),
    isOfRows: true,
  },
  ...crossOptions.map((options) => ofLabels("crossEntropy", nn.crossEntropy, options)),
  ...crossOptions.slice(0, 5).flatMap((options): Entry[] =>
    options.ignoreLabel === undefined
      ? [
          {
            name: "crossEntropy",
            about: "of rows",
            loss: nn.crossEntropy,
            operands: ["real", "distribution"],
            options: { ...options },
            losses: crossEntropies(options).ofRow,
            isOfRows: true,
          },
        ]
      : [],
  ),
  ...[crossOptions[0]!, crossOptions[7]!].map((options) =>
    ofLabels("perplexity", nn.perplexity, options, { ofMean: Math.exp }),
  ),
];

/** How an entry is called in the names of tests, and in the figures of PyTorch. */
export function titleOf({ name, about, options = {} }: Entry): string {
  const given = Object.entries(options).map(
    ([option, value]) => `${option}: ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`,
  );
  return [name, about, given.length === 0 ? undefined : `{ ${given.join(", ")} }`]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** An entry's loss of these operands, with its own options and these. */
export function lossOf(entry: Entry, operands: readonly Tensor[], dtype: DType, rest: Options = {}): Tensor {
  const own = Object.entries(entry.options ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) ? tensor(value as number[], { dtype }) : value,
  ]);
  return entry.loss(...(operands as never[]), { ...Object.fromEntries(own), ...rest } as never);
}

/** Numbers of a kind that both float types have, in rows of n: multiples of 2⁻¹⁵, save for distributions, which are rounded. */
export function drawRows(kind: Kind, rows: number, n: number, dice: Dice): number[][] {
  const share = () => dice.below(2 ** 12 + 1) / 2 ** 12;
  const number: Record<Kind, () => number> = {
    real: () => (share() - 0.5) * 4,
    // Well inside, where logarithms are of moderate size.
    probability: () => 1 / 16 + share() * (7 / 8),
    distribution: () => 1 / 16 + share(),
    sign: () => 2 * dice.below(2) - 1,
    label: () => dice.below(n),
    pair: () => share(),
  };
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: isFlat(kind) ? 1 : n }, number[kind]);
    return kind === "distribution" ? row.map((value) => Math.fround(value / sum(row))) : row;
  });
}

/** Rows as a tensor [...batch, n], or [...batch] for labels and pairs. */
export function tensorOfRows(
  kind: Kind,
  rows: readonly Row[],
  batch: readonly number[],
  n: number,
  dtype: DType,
): Tensor {
  return tensorOf(rows.flat(), isFlat(kind) ? batch : [...batch, n], kind === "label" ? "int32" : dtype);
}
