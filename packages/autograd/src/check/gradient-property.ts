// Gradient checks as fast-check properties: inputs are drawn and shrunk, and a failure prints a script that repeats it.

import type fc from "fast-check";
import { checkFunction, checkOptions, kindOf } from "../array/arguments.ts";
import { type CheckOptions, checkGradients } from "./check-gradients.ts";
import type { Program } from "./drawn-program.ts";
import { fastCheck, isArbitrary } from "./fast-check.ts";
import { literal } from "./literal.ts";
import type { Report, Verdict } from "./report.ts";
import { type Fragment, functionFragment, programFragment, snippet } from "./snippet.ts";

/** The options of `gradientProperty` and `assertGradients`. */
export interface GradientPropertyOptions extends CheckOptions {
  /** Lines of JavaScript that define or import what f uses, for the printed script; an f that uses nothing from outside needs none. */
  readonly source?: string;
}

/** How often each verdict was reached; inconclusive checks pass. */
export type Tally = Record<Verdict, number>;

/** A property for `fc.assert`, with the verdicts so far. */
export interface GradientProperty<T> extends fc.IPropertyWithHooks<[T]> {
  /** How often each verdict was reached so far. */
  readonly tally: Tally;
}

/** A gradient that is wrong: the report, and a script that shows it by itself. */
export class GradientError extends Error {
  /** What the check found. */
  readonly report: Report;
  /** A script that repeats the check. Run it with Node where the package is installed. */
  readonly snippet: string;

  constructor(report: Report, script: string) {
    super(`${report}\n\n${script}`);
    this.name = "GradientError";
    this.report = report;
    this.snippet = script;
  }
}

type Arbitraries<Ts extends readonly unknown[]> =
  | { readonly [K in keyof Ts]: fc.Arbitrary<Ts[K]> }
  | fc.Arbitrary<Readonly<Ts>>;

/**
 * The property that f's derivatives are right wherever its inputs are drawn: an arbitrary for each input, or one for
 * all of them (shapes that fit together). For `fc.assert`; `assertGradients` does the same and puts seed and path into
 * the script it prints. Fails with a GradientError, and with what f itself throws. Property-based testing: Claessen &
 * Hughes (2000), "QuickCheck".
 */
export function gradientProperty<Ts extends readonly unknown[]>(
  f: (...inputs: Ts) => unknown,
  arbitraries: Arbitraries<Ts>,
  options: GradientPropertyOptions = {},
): GradientProperty<Ts> {
  checkOptions("gradientProperty", options, ["order", "seed", "compiled", "source"]);
  const { source, ...checks } = options;
  const fc = fastCheck("gradientProperty");
  checkFunction("gradientProperty", f, "(x) => x.square().sum()");
  const given = Array.isArray(arbitraries) ? (arbitraries as readonly unknown[]) : [arbitraries];
  const other = given.find((each) => !isArbitrary(each));
  if (other !== undefined || given.includes(undefined))
    throw new TypeError(
      `gradientProperty: got ${kindOf(other)} where an arbitrary belongs; give one for each input, e.g. gradientProperty(f, [tensors()]), or one of all inputs together, e.g. gradientProperty(f, tensorsOf(matmulShapes()))`,
    );
  const all = (
    Array.isArray(arbitraries) ? fc.tuple(...(arbitraries as fc.Arbitrary<unknown>[])) : arbitraries
  ) as fc.Arbitrary<Ts>;
  return propertyOf(
    all,
    (inputs) => checkGradients(f as (...inputs: never[]) => unknown, inputs, checks),
    (inputs) => functionFragment(f, source, inputs.map(literal)),
    options,
  );
}

/**
 * The property that the derivatives of whole programs are right, for `fc.assert`. Fails with a GradientError. Throws
 * Error where fast-check is not installed. Programs are drawn as in Claessen & Hughes (2000), "QuickCheck".
 */
export function programProperty(
  programs: fc.Arbitrary<Program>,
  options: CheckOptions = {},
): GradientProperty<Program> {
  const check = (program: Program) =>
    checkGradients(program.run as (...inputs: never[]) => unknown, program.point, options);
  return propertyOf(programs, check, programFragment, options);
}

function propertyOf<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Report,
  fragment: (value: T) => Fragment,
  options: CheckOptions,
): GradientProperty<T> {
  const fc = fastCheck("programProperty");
  const tally: Tally = { right: 0, wrong: 0, inconclusive: 0 };
  const property = fc.property(arbitrary, (value) => {
    const report = check(value);
    tally[report.verdict]++;
    if (report.verdict === "wrong") throw new GradientError(report, snippet(fragment(value), options));
  });
  return Object.assign(property, { tally });
}

/**
 * Checks a gradient property as `fc.assert` does, and throws a GradientError whose script says the seed and the path
 * that lead to it. Throws Error where every check was inconclusive, for then nothing was tested. Returns the number of
 * each verdict. As `fc.assert`, after Claessen & Hughes (2000), "QuickCheck".
 */
export function assertGradients<T>(
  property: GradientProperty<T>,
  parameters: fc.Parameters<[T]> = {},
): Tally {
  const fc = fastCheck("assertGradients");
  const details = fc.check(property, parameters);
  const { errorInstance, seed, counterexamplePath, numShrinks } = details;
  if (details.failed) {
    if (!(errorInstance instanceof GradientError)) {
      fc.assert(property, {
        ...parameters,
        seed,
        ...(counterexamplePath === null ? {} : { path: counterexamplePath }),
      });
      throw errorInstance;
    }
    const found = `// found by fast-check and shrunk ${numShrinks} times; { seed: ${seed}, path: "${counterexamplePath}" } leads here again`;
    throw new GradientError(errorInstance.report, `${errorInstance.snippet}\n${found}`);
  }
  const { right, wrong, inconclusive } = property.tally;
  if (inconclusive > 0 && right + wrong === 0)
    throw new Error(
      `gradientProperty: all ${inconclusive} checks were inconclusive, so nothing was tested; draw points inside the domain and away from kinks`,
    );
  return property.tally;
}
