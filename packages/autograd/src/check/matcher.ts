// Matchers for vitest (and other runners with `expect.extend`): the verdicts of checks as assertions.

import type { Activation } from "../expression/activation.ts";
import { checkActivation } from "./check-activation.ts";
import { type CheckOptions, checkGradients } from "./check-gradients.ts";
import type { Verdict } from "./report.ts";

/** What `expect.extend` expects of a matcher. */
export interface MatcherResult {
  /** Whether the assertion holds. */
  readonly pass: boolean;
  /** What the runner prints where it does not. */
  readonly message: () => string;
}

/** What the runner binds a matcher to. */
export interface MatcherContext {
  /** Whether the matcher is called after `.not`. */
  readonly isNot?: boolean;
}

interface Verdicts {
  readonly verdict: Verdict;
  toString(): string;
}

// An inconclusive check is evidence neither for nor against: it fails either way.
function judged(this_: MatcherContext | undefined, report: Verdicts, what: string): MatcherResult {
  const { verdict } = report;
  const isNot = this_?.isNot === true;
  return {
    pass: verdict === "inconclusive" ? isNot : verdict === "right",
    message: () => `expected ${what}${isNot ? " not to be right" : " to be right"}, but ${report.toString()}`,
  };
}

/**
 * For `expect.extend(gradientMatchers)`:
 *
 *     expect(f).toHaveRightGradients([x, y], { order: 2 })
 *     expect(mish).toBeARightActivation()
 *
 * An inconclusive check fails, also after `.not`. For TypeScript, declare them once, in a test or a setup file:
 *
 *     import type { GradientMatchers } from "@adjoint/autograd/check"
 *     declare module "vitest" {
 *       interface Matchers<T> extends GradientMatchers<T> {}
 *     }
 */
export const gradientMatchers: {
  /** The derivatives of a function at a point are right: `checkGradients`. */
  readonly toHaveRightGradients: (
    this: MatcherContext | undefined,
    received: (...inputs: never[]) => unknown,
    inputs: readonly unknown[],
    options?: CheckOptions,
  ) => MatcherResult;
  /** All that an activation says of itself is true: `checkActivation`. */
  readonly toBeARightActivation: (this: MatcherContext | undefined, received: Activation) => MatcherResult;
} = {
  toHaveRightGradients(received, inputs, options) {
    const name = received.name === "" ? "the function" : received.name;
    return judged(this, checkGradients(received, inputs, options), `the gradients of ${name}`);
  },
  toBeARightActivation(received) {
    return judged(this, checkActivation(received), `the activation ${received.name}`);
  },
};

/** The matchers' types, for the runner's own interface. */
export interface GradientMatchers<R> {
  /** The derivatives of a function at a point are right: `checkGradients`. */
  toHaveRightGradients(inputs: readonly unknown[], options?: CheckOptions): R;
  /** All that an activation says of itself is true: `checkActivation`. */
  toBeARightActivation(): R;
}
