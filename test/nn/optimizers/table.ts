// Every exported optimizer and link: options, the same in plain loops over numbers, and the name of what PyTorch does.

import * as nn from "@adjoint/nn";
import type { trajectories } from "../data/trajectories.ts";

/** What one step makes of the numbers of one variable, with gradients, at step t = 1, 2, …. */
export type Plain = (w: readonly number[], g: readonly number[], t: number) => number[];

export interface Entry {
  /** The names of the exports that it is a test of. */
  readonly of: readonly (keyof typeof nn)[];
  readonly make: () => nn.Optimizer;
  /** A new one for each variable; null where variables depend on each other. */
  readonly plain: (() => Plain) | null;
  readonly torch?: keyof typeof trajectories;
  /** How often a step rounds a number, and how much larger errors become; 40 by default. */
  readonly roundings?: number;
}

/** A rule for one element, which keeps what it remembers in `m`. */
type Element = (w: number, g: number, m: Record<string, number>, t: number) => number;

const each =
  (rule: Element): (() => Plain) =>
  () => {
    const memories: Record<string, number>[] = [];
    return (w, g, t) => w.map((value, i) => rule(value, g[i]!, (memories[i] ??= {}), t));
  };

const { sqrt, sign, max, abs } = Math;

interface AdamNumbers {
  readonly b1?: number;
  readonly b2?: number;
  readonly eps?: number;
  readonly amsgrad?: boolean;
}

/** The direction of Adam. */
function adamStep(g: number, m: Record<string, number>, t: number, numbers: AdamNumbers = {}): number {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, amsgrad = false } = numbers;
  m.m = b1 * (m.m ?? 0) + (1 - b1) * g;
  m.v = b2 * (m.v ?? 0) + (1 - b2) * g * g;
  m.most = max(m.most ?? 0, m.v);
  return m.m / (1 - b1 ** t) / (sqrt((amsgrad ? m.most : m.v) / (1 - b2 ** t)) + eps);
}

function nadamStep(
  g: number,
  m: Record<string, number>,
  t: number,
  b1: number,
  b2: number,
  decay: number,
): number {
  const at = (k: number) => b1 * (1 - 0.5 * 0.96 ** (k * decay));
  m.p = (m.p ?? 1) * at(t);
  m.m = b1 * (m.m ?? 0) + (1 - b1) * g;
  m.v = b2 * (m.v ?? 0) + (1 - b2) * g * g;
  const root = sqrt(m.v / (1 - b2 ** t)) + 1e-8;
  return (((1 - at(t)) / (1 - m.p)) * g + (at(t + 1) / (1 - m.p * at(t + 1))) * m.m) / root;
}

const lamb =
  (rate: number, decay: number, numbers: AdamNumbers): (() => Plain) =>
  () => {
    const memories: Record<string, number>[] = [];
    return (w, g, t) => {
      const r = w.map((value, i) => adamStep(g[i]!, (memories[i] ??= {}), t, numbers) + decay * value);
      const [a, b] = [Math.hypot(...w), Math.hypot(...r)];
      const trust = a > 0 && b > 0 ? a / b : 1;
      return w.map((value, i) => value - rate * trust * r[i]!);
    };
  };

const rms = (g: number, m: Record<string, number>, decay: number, eps: number, centered: boolean) => {
  m.s = decay * (m.s ?? 0) + (1 - decay) * g * g;
  m.a = decay * (m.a ?? 0) + (1 - decay) * g;
  return g / (sqrt(centered ? m.s - m.a * m.a : m.s) + eps);
};

const adadelta = (g: number, m: Record<string, number>, decay: number, eps: number) => {
  m.s = decay * (m.s ?? 0) + (1 - decay) * g * g;
  const step = (sqrt((m.d ?? 0) + eps) / sqrt(m.s + eps)) * g;
  m.d = decay * (m.d ?? 0) + (1 - decay) * step * step;
  return step;
};

const descent = () => nn.sgd({ learningRate: 0.1 });

export const table: Readonly<Record<string, Entry>> = {
  sgd: {
    of: ["sgd"],
    make: () => nn.sgd({ learningRate: 0.02 }),
    plain: each((w, g) => w - 0.02 * g),
    torch: "sgd",
  },
  "sgd with momentum": {
    of: ["sgd"],
    make: () => nn.sgd({ learningRate: 0.01, momentum: 0.9 }),
    plain: each((w, g, m) => w - 0.01 * (m.v = 0.9 * (m.v ?? 0) + g)),
    torch: "sgd momentum",
  },
  "sgd with nesterov and weight decay": {
    of: ["sgd"],
    make: () => nn.sgd({ learningRate: 0.01, momentum: 0.8, nesterov: true, weightDecay: 0.1 }),
    plain: each((w, g, m) => {
      const slope = g + 0.1 * w;
      m.v = 0.8 * (m.v ?? 0) + slope;
      return w - 0.01 * (slope + 0.8 * m.v);
    }),
    torch: "sgd nesterov",
  },
  "sgd with momentum and weight decay": {
    of: ["sgd"],
    make: () => nn.sgd({ learningRate: 0.05, momentum: 0.8, weightDecay: 0.3 }),
    plain: each((w, g, m) => {
      m.v = 0.8 * (m.v ?? 0) + g + 0.3 * w;
      return w - 0.05 * m.v;
    }),
  },
  adagrad: {
    of: ["adagrad"],
    make: () => nn.adagrad({ learningRate: 0.1 }),
    plain: each((w, g, m) => w - (0.1 * g) / (sqrt((m.s = (m.s ?? 0) + g * g)) + 1e-10)),
    torch: "adagrad",
  },
  "adagrad with a first sum": {
    of: ["adagrad"],
    make: () => nn.adagrad({ learningRate: 0.2, initialSum: 0.3, epsilon: 1e-3 }),
    plain: each((w, g, m) => w - (0.2 * g) / (sqrt((m.s = (m.s ?? 0.3) + g * g)) + 1e-3)),
    torch: "adagrad sum",
  },
  adadelta: {
    of: ["adadelta"],
    make: () => nn.adadelta(),
    plain: each((w, g, m) => w - adadelta(g, m, 0.9, 1e-6)),
    torch: "adadelta",
  },
  "adadelta with options": {
    of: ["adadelta"],
    make: () => nn.adadelta({ learningRate: 2, decay: 0.7, epsilon: 1e-3 }),
    plain: each((w, g, m) => w - 2 * adadelta(g, m, 0.7, 1e-3)),
    torch: "adadelta decay",
  },
  rmsProp: {
    of: ["rmsProp"],
    make: () => nn.rmsProp({ learningRate: 0.02 }),
    plain: each((w, g, m) => w - 0.02 * rms(g, m, 0.99, 1e-8, false)),
    torch: "rmsProp",
  },
  "rmsProp with momentum": {
    of: ["rmsProp"],
    make: () => nn.rmsProp({ learningRate: 0.02, decay: 0.8, epsilon: 1e-2, momentum: 0.7 }),
    plain: each((w, g, m) => w - 0.02 * (m.v = 0.7 * (m.v ?? 0) + rms(g, m, 0.8, 1e-2, false))),
    torch: "rmsProp momentum",
  },
  "rmsProp, centered": {
    of: ["rmsProp"],
    make: () => nn.rmsProp({ learningRate: 0.02, decay: 0.9, momentum: 0.5, centered: true }),
    plain: each((w, g, m) => w - 0.02 * (m.v = 0.5 * (m.v ?? 0) + rms(g, m, 0.9, 1e-8, true))),
    torch: "rmsProp centered",
    // The difference of mean square and squared mean loses up to a factor of ten.
    roundings: 400,
  },
  adam: {
    of: ["adam"],
    make: () => nn.adam({ learningRate: 0.1 }),
    plain: each((w, g, m, t) => w - 0.1 * adamStep(g, m, t)),
    torch: "adam",
    // 1 − 0.999ᵗ loses up to a factor of a thousand, by the plain loop's subtraction.
    roundings: 1000,
  },
  "adam with options": {
    of: ["adam"],
    make: () => nn.adam({ learningRate: 0.05, betas: [0.8, 0.95], epsilon: 1e-3 }),
    plain: each((w, g, m, t) => w - 0.05 * adamStep(g, m, t, { b1: 0.8, b2: 0.95, eps: 1e-3 })),
    torch: "adam betas",
  },
  "adam after L2": {
    of: ["adam", "weightDecay", "chain"],
    make: () => nn.chain(nn.weightDecay(0.2), nn.adam({ learningRate: 0.1 })),
    plain: each((w, g, m, t) => w - 0.1 * adamStep(g + 0.2 * w, m, t)),
    torch: "adam l2",
    roundings: 1000,
  },
  "adam without memory of means": {
    of: ["adam"],
    make: () => nn.adam({ learningRate: 0.05, betas: [0, 0], epsilon: 0.1 }),
    plain: each((w, g) => w - (0.05 * g) / (abs(g) + 0.1)),
  },
  amsgrad: {
    of: ["adam"],
    make: () => nn.adam({ learningRate: 0.2, betas: [0.5, 0.6], amsgrad: true }),
    plain: each((w, g, m, t) => w - 0.2 * adamStep(g, m, t, { b1: 0.5, b2: 0.6, amsgrad: true })),
    torch: "amsgrad",
  },
  adamw: {
    of: ["adamw"],
    make: () => nn.adamw({ learningRate: 0.1 }),
    plain: each((w, g, m, t) => w - 0.1 * 0.01 * w - 0.1 * adamStep(g, m, t)),
    torch: "adamw",
    roundings: 1000,
  },
  "adamw with options": {
    of: ["adamw"],
    make: () => nn.adamw({ learningRate: 0.1, weightDecay: 0.5, amsgrad: true }),
    plain: each((w, g, m, t) => w - 0.1 * 0.5 * w - 0.1 * adamStep(g, m, t, { amsgrad: true })),
    torch: "adamw decay",
    roundings: 1000,
  },
  "adamw as a chain": {
    of: ["adam", "weightDecay", "chain"],
    make: () => nn.chain(nn.adam({ learningRate: 0.1, amsgrad: true }), nn.weightDecay(0.5)),
    plain: each((w, g, m, t) => w - 0.1 * 0.5 * w - 0.1 * adamStep(g, m, t, { amsgrad: true })),
    torch: "adamw decay",
    roundings: 1000,
  },
  nadam: {
    of: ["nadam"],
    make: () => nn.nadam({ learningRate: 0.1 }),
    plain: each((w, g, m, t) => w - 0.1 * nadamStep(g, m, t, 0.9, 0.999, 4e-3)),
    torch: "nadam",
    roundings: 1000,
  },
  "nadam with options": {
    of: ["nadam"],
    make: () => nn.nadam({ learningRate: 0.05, betas: [0.7, 0.9], momentumDecay: 0.1 }),
    plain: each((w, g, m, t) => w - 0.05 * nadamStep(g, m, t, 0.7, 0.9, 0.1)),
    torch: "nadam decay",
  },
  lion: {
    of: ["lion"],
    make: () => nn.lion({ learningRate: 0.01 }),
    plain: each((w, g, m) => {
      const direction = sign(0.9 * (m.m ?? 0) + (1 - 0.9) * g);
      m.m = 0.99 * (m.m ?? 0) + (1 - 0.99) * g;
      return w - 0.01 * direction;
    }),
    torch: "lion",
  },
  "lion with options": {
    of: ["lion"],
    make: () => nn.lion({ learningRate: 0.02, betas: [0.8, 0.7], weightDecay: 0.3 }),
    plain: each((w, g, m) => {
      const direction = sign(0.8 * (m.m ?? 0) + (1 - 0.8) * g);
      m.m = 0.7 * (m.m ?? 0) + (1 - 0.7) * g;
      return w - 0.02 * (direction + 0.3 * w);
    }),
    torch: "lion decay",
  },
  lamb: {
    of: ["lamb"],
    make: () => nn.lamb({ learningRate: 0.05 }),
    plain: lamb(0.05, 0, { eps: 1e-6 }),
    torch: "lamb",
    roundings: 1000,
  },
  "lamb with options": {
    of: ["lamb"],
    make: () => nn.lamb({ learningRate: 0.1, betas: [0.8, 0.9], epsilon: 1e-3, weightDecay: 0.2 }),
    plain: lamb(0.1, 0.2, { b1: 0.8, b2: 0.9, eps: 1e-3 }),
    torch: "lamb decay",
    roundings: 100,
  },
  clipByValue: {
    of: ["clipByValue", "chain"],
    make: () => nn.chain(nn.clipByValue(0.7), descent()),
    plain: each((w, g) => w - 0.1 * (abs(g) > 0.7 ? 0.7 * sign(g) : g)),
    torch: "clipByValue",
  },
  clipByGlobalNorm: {
    of: ["clipByGlobalNorm", "chain"],
    make: () => nn.chain(nn.clipByGlobalNorm(1.5), descent()),
    plain: null,
    torch: "clipByGlobalNorm",
  },
  scaleBy: {
    of: ["scaleBy", "chain"],
    make: () =>
      nn.chain(
        nn.scaleBy(0.5),
        nn.sgd({ learningRate: 0.2 }),
        nn.scaleBy((step) => step.add(1)),
      ),
    plain: each((w, g, _m, t) => w - 0.1 * t * g),
  },
  "groups by path": {
    of: ["only", "scaleBy", "weightDecay", "adam", "chain"],
    make: () =>
      nn.chain(
        nn.adam({ learningRate: 0.02 }),
        nn.only((path) => path === "a", nn.weightDecay(0.3)),
        nn.only((path) => path === "b", nn.scaleBy(10)),
      ),
    plain: null,
    torch: "groups",
  },
  "groups with optimizers of their own": {
    of: ["only", "adamw", "chain"],
    make: () =>
      nn.chain(
        nn.only((path) => path === "a", nn.adamw({ learningRate: 0.02, weightDecay: 0.3 })),
        nn.only((path) => path === "b", nn.adam({ learningRate: 0.2 })),
      ),
    plain: null,
    torch: "groups",
  },
  "a rule of one's own": {
    of: ["optimizer", "link"],
    make: () =>
      nn.optimizer(
        "mine",
        0.1,
        ({ gradient }) => gradient.sign(),
        nn.link("half", ({ gradient, value }) => gradient.add(value).mul(0.5)),
      ),
    plain: each((w, g) => w - 0.1 * 0.5 * (sign(g) + w)),
  },
  "one accumulated step": {
    of: ["accumulate", "chain"],
    make: () =>
      nn.chain(nn.accumulate(1, nn.adam({ learningRate: 0.05, betas: [0.8, 0.95], epsilon: 1e-3 }))),
    plain: each((w, g, m, t) => w - 0.05 * adamStep(g, m, t, { b1: 0.8, b2: 0.95, eps: 1e-3 })),
    torch: "adam betas",
  },
};
