// What the parent and its children say to each other, a line of JSON at a time.

/** Loss, norms of gradients: whatever all peers must agree on. */
export type Numbers = Readonly<Record<string, number>>;

export type Request =
  | { readonly do: "prepare"; readonly workload: string; readonly warmUp: number }
  | { readonly do: "round"; readonly seconds: number };

export type Reply =
  | { readonly versions: Readonly<Record<string, string>> }
  | { readonly cannot: string }
  | { readonly numbers: Numbers; readonly notes: readonly string[] }
  /** Seconds a step. */
  | { readonly time: number };

/** A workload that a peer has made ready. */
export interface Ready {
  /** Called once, before `step`: what comes out at the first values. */
  check(): Numbers;
  /** One step, done when it returns, or when the promise that it returns is kept. */
  step(): unknown;
  /** How many steps of this size make the workload's; 1 by default. */
  readonly parts?: number;
  /** Said under the table. */
  readonly notes?: () => readonly string[];
}

export interface Peer {
  readonly versions: Readonly<Record<string, string>>;
  /** By name of the workload. */
  readonly workloads: Readonly<Record<string, () => Ready>>;
  /** Why others are missing, in words. */
  readonly cannot?: Readonly<Record<string, string>>;
}

const norm = (values: ArrayLike<number>, from?: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
};

/** Norms of several gradients, by their places. */
export const norms = (gradients: readonly ArrayLike<number>[], name = "∇"): Numbers =>
  Object.fromEntries(gradients.map((each, i) => [`${name}${i}`, norm(each)]));

/**
 * A training step is checked by what it does: its loss, how far it moves each parameter, over the rate (for gradient
 * descent the gradient's norm), and the loss after three steps.
 */
export function training(
  step: () => number,
  parameters: () => readonly ArrayLike<number>[],
  rate: number,
): Ready {
  return {
    step,
    check() {
      const before = parameters().map((each) => Array.from(each));
      const loss = step();
      const moved = parameters().map((each, i) => [`∇${i}`, norm(each, before[i]) / rate]);
      step();
      step();
      return { loss, ...Object.fromEntries(moved), "loss after 3": step() };
    },
  };
}
