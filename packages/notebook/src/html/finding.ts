// What was measured beside what is written about it: a sign, and the same in words.

import type { FindingView } from "../views/view.ts";
import { type Markup, markup } from "./markup.ts";
import { numberText } from "./number.ts";

/** Whether the measured value lies where it is written to lie; NaN never does. */
function agrees({ measured, expected, spread }: FindingView): boolean {
  return measured === expected || Math.abs(measured - expected) <= spread;
}

/** A finding as a line. */
export function drawFinding(view: FindingView): Markup {
  const { what, measured, expected, spread, unit, isCompared } = view;
  const [state, sign, word] = !isCompared
    ? ["open", "○", "not compared"]
    : agrees(view)
      ? ["good", "✓", "as written"]
      : ["bad", "✗", "differs from what is written"];
  const unitText = unit === "" ? "" : ` ${unit}`;
  const written = `${numberText(expected)}${spread === 0 ? "" : ` ± ${numberText(spread)}`}${unitText}`;
  return markup`<div class="adj-finding adj-${state}"><span class="adj-sign" aria-hidden="true">${sign}</span><span class="adj-what">${what}</span><span class="adj-values"><b>${numberText(measured)}${unitText}</b> <span>written: ${written}</span></span><span class="adj-verdict">${word}</span></div>`;
}
