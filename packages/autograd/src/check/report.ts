// The result of a check, as data and as text.

import { formatNumber, printReadably } from "../array/print.ts";
import type { TaylorSlopes } from "./taylor.ts";

/** What a check concludes. "inconclusive" says that the point, or the function, does not let it be told. */
export type Verdict = "right" | "wrong" | "inconclusive";

/** The step whose own rule fails. */
export interface GuiltyStep {
  /** The primitive and its attributes, e.g. "map tanh". */
  readonly operation: string;
  /** The line of the user's code that made it; null where stacks don't tell. */
  readonly line: string | null;
  /** Shapes of its inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Whether its rule fails at order one or only at a higher one. */
  readonly order: number;
}

/** A disagreement, in the user's terms. */
export interface Disagreement {
  /** The order of the derivative. */
  readonly order: number;
  /** What was compared. */
  readonly test: string;
  /** What gave either number, where it was not the rules and a comparison. */
  readonly sides?: readonly [string, string];
  /** Which input, such as "input 2.weight"; null where several were mixed. */
  readonly input: string | null;
  /** The index in that input; null where several were mixed. */
  readonly index: readonly number[] | null;
  /** The derivative by the rules. */
  readonly analytic: number;
  /** What it was compared with, mostly a numerical derivative. */
  readonly numerical: number;
  /** How far apart the two may be: the error bar. */
  readonly error: number;
}

/** The outcome of a check. Prints readably. */
export class Report {
  /** The verdict on the derivatives at this point. */
  readonly verdict: Verdict;
  /** The highest order that passed. */
  readonly order: number;
  /** The comparisons that failed, the first ones only. */
  readonly disagreements: readonly Disagreement[];
  /** The step whose own rule fails; null where none does, or none was searched for. */
  readonly guilty: GuiltyStep | null;
  /** How fast the remainders of Taylor's formula fall; null where that was not asked. */
  readonly taylor: TaylorSlopes | null;
  /** What is wrong with f itself, as sentences: it is not deterministic, an input does not reach its result. */
  readonly findings: readonly string[];
  /** Why it is inconclusive, or what else is worth knowing. */
  readonly notes: readonly string[];
  /** How many comparisons were made. */
  readonly compared: number;
  /** How many comparisons had an error bar too wide to tell anything. */
  readonly undecided: number;
  /** How many comparisons were made at a kink. */
  readonly kinks: number;

  constructor(fields: Omit<Report, "toString">) {
    this.verdict = fields.verdict;
    this.order = fields.order;
    this.disagreements = fields.disagreements;
    this.guilty = fields.guilty;
    this.taylor = fields.taylor;
    this.findings = fields.findings;
    this.notes = fields.notes;
    this.compared = fields.compared;
    this.undecided = fields.undecided;
    this.kinks = fields.kinks;
  }

  /** The report as text, as consoles print it. */
  toString(): string {
    const [first] = this.disagreements;
    const lines = [
      `${this.verdict}: ${this.compared} comparisons to order ${this.order}${this.kinks > 0 ? `, ${this.kinks} at kinks` : ""}${this.undecided > 0 ? `, ${this.undecided} undecided` : ""}`,
    ];
    if (first !== undefined) {
      const [rules, comparison] = first.sides ?? ["by the rules", "by comparison"];
      const where =
        first.input === null
          ? "mixed over all inputs"
          : `of ${first.input}${first.index === null || first.index.length === 0 ? "" : `[${first.index.join(", ")}]`}`;
      lines.push(
        `  order ${first.order}, ${first.test}, ${where}: ${precise(first.analytic)} ${rules}, ${precise(first.numerical)} ± ${formatNumber(first.error)} ${comparison}`,
      );
    }
    if (this.guilty !== null) {
      const { operation, shapes, line, order } = this.guilty;
      lines.push(
        `  guilty step: ${operation} of ${shapes.map((shape) => `[${shape.join(", ")}]`).join(", ")}, whose own rule fails at order ${order}${line === null ? "" : `, made at ${line}`}`,
      );
    }
    const { withGradient, withHessian } = this.taylor ?? { withGradient: null, withHessian: null };
    if (withGradient !== null) {
      const cubic = withHessian === null ? "" : `, and with the Hessian ${withHessian.toFixed(2)} (3)`;
      lines.push(
        `  Taylor's remainder falls with slope ${withGradient.toFixed(2)} (2 where the gradient is right)${cubic}`,
      );
    }
    return [...lines, ...[...this.findings, ...this.notes].map((each) => `  ${each}`)].join("\n");
  }

  static {
    printReadably(Report.prototype);
  }
}

const precise = (value: number) => String(Number(value.toPrecision(12)));
