// What is known of an activation: its curve, its derivative, ψ, its kinks, and later the checker's verdict.

import { useEffect, useState } from "preact/hooks";
import type { ActivationFacts, Lab, Mistake, Verdict } from "../../lab/lab.ts";
import { shortText } from "../draw/numbers.ts";
import { CurvePicture } from "./curve.tsx";

const PATIENCE_FOR_FACTS = 120;
const PATIENCE_FOR_VERDICT = 600;

export interface Known {
  readonly facts?: ActivationFacts;
  readonly verdict?: Verdict;
  readonly mistake?: Mistake;
}

/** Asks for the facts of an activation a moment after it was typed, and for the verdict when nothing more is typed. */
export function useFacts(lab: Lab, activation: string, wantsVerdict: boolean): Known {
  const [known, setKnown] = useState<Known & { of?: string }>({});
  useEffect(() => {
    let isOld = false;
    const ask = async () => {
      const facts = await lab.facts(activation);
      if (isOld) return;
      setKnown(
        "mistakes" in facts ? { of: activation, mistake: facts.mistakes[0]! } : { of: activation, facts },
      );
    };
    const judge = async () => {
      const verdict = await lab.verdict(activation);
      if (!isOld && !("mistakes" in verdict)) setKnown((before) => ({ ...before, verdict }));
    };
    const timers = [
      setTimeout(() => void ask(), PATIENCE_FOR_FACTS),
      ...(wantsVerdict ? [setTimeout(() => void judge(), PATIENCE_FOR_VERDICT)] : []),
    ];
    return () => {
      isOld = true;
      timers.forEach(clearTimeout);
    };
  }, [lab, activation, wantsVerdict]);
  // A mistake of what stood there before is none of what stands there now.
  return known.of === activation ? known : known.facts === undefined ? {} : { facts: known.facts };
}

/** The facts, as a list beside the curve. */
export function FactsList({ known: { facts, verdict, mistake } }: { readonly known: Known }) {
  if (mistake !== undefined || facts === undefined) return null;
  return (
    <div class="facts">
      <CurvePicture facts={facts} />
      <dl>
        <div>
          <dt>φ(x)</dt>
          <dd>{facts.formula}</dd>
        </div>
        <div>
          <dt>φ′(x)</dt>
          <dd>{facts.derivative}</dd>
        </div>
        <div>
          <dt>ψ(y)</dt>
          <dd>{facts.psi ?? `none: ${facts.whyNoPsi ?? "no reason is known"}`}</dd>
        </div>
        <div>
          <dt>kinks</dt>
          <dd>
            {facts.kinks.length === 0 ? "none" : facts.kinks.map((x) => `x = ${shortText(x)}`).join(", ")}
          </dd>
        </div>
        <div aria-live="polite">
          <dt>checked</dt>
          <dd>
            {verdict === undefined ? (
              "being checked…"
            ) : (
              <>
                <strong class={`verdict ${verdict.verdict}`}>{verdict.verdict}</strong>
                <details>
                  <summary>report</summary>
                  <pre class="scrolls">{verdict.report}</pre>
                </details>
              </>
            )}
          </dd>
        </div>
      </dl>
    </div>
  );
}
