// What a check of a whole statement (an activation, a primitive) finds: a report with the findings in words.

import { type Disagreement, Report } from "./report.ts";

/** The outcome of checking something that was stated: what contradicts the statement, sentence by sentence. */
export class StatementReport extends Report {
  // Its findings are what contradicts the statement; empty where nothing does.
  /** What was checked: an activation's or a primitive's name. */
  readonly subject: string;
  constructor(fields: Omit<StatementReport, "toString">) {
    super(fields);
    this.subject = fields.subject;
  }

  /** The report as text, as consoles print it. */
  override toString(): string {
    const [first] = super.toString().split("\n");
    return [
      `${this.subject} is ${first}`,
      ...this.findings.map((finding) => `  ${indented(finding)}`),
      ...this.notes.map((note) => `  note: ${indented(note)}`),
    ].join("\n");
  }
}

const indented = (text: string) => text.replaceAll("\n", "\n  ");

/** Findings as they are collected. */
export class Findings {
  readonly sentences: string[] = [];
  readonly notes: string[] = [];
  readonly disagreements: Disagreement[] = [];
  readonly #kinds = new Map<string, number>();
  compared = 0;
  undecided = 0;
  kinks = 0;

  /** Something that contradicts the statement. Further ones of the same kind are only counted, since one example is enough. */
  found(kind: string, sentence: string): void {
    const before = this.#kinds.get(kind) ?? 0;
    this.#kinds.set(kind, before + 1);
    if (before === 0) this.sentences.push(sentence);
  }

  /** Whether a comparison holds: one whose error bar is infinite tells nothing, and counts as undecided. */
  holds(actual: number, expected: number, error: number): boolean {
    this.compared++;
    if (Object.is(actual, expected) || Math.abs(actual - expected) <= error) return true;
    if (Number.isNaN(error) || error === Infinity) {
      this.undecided++;
      return true;
    }
    return false;
  }

  report(subject: string, order: number): StatementReport {
    const { compared, undecided, kinks, disagreements } = this;
    const findings = this.sentences.map((sentence, i) => {
      const more = [...this.#kinds.values()][i]! - 1;
      return more === 0 ? sentence : `${sentence} (and ${more} more like it)`;
    });
    const unclear = compared === 0 || undecided * 2 > compared;
    const verdict = findings.length > 0 ? "wrong" : unclear ? "inconclusive" : "right";
    const { notes } = this;
    // The findings say whose rule is wrong.
    const [guilty, taylor] = [null, null];
    return new StatementReport({
      subject,
      verdict,
      order,
      disagreements,
      guilty,
      taylor,
      notes,
      compared,
      undecided,
      kinks,
      findings,
    });
  }
}

/** A number for a sentence: enough digits to find it again. */
export const shown = (value: number): string =>
  Number.isNaN(value)
    ? "NaN"
    : Number.isFinite(value)
      ? String(Number(value.toPrecision(12)))
      : value > 0
        ? "∞"
        : "−∞";
