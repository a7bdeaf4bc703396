// The stages of the lesson, in the order of the slides: the sample, feedforward layer by layer, loss, δ layer by layer, ∇ layer by
// layer, update, and then the next pass.

import type { LayerPicture, Stage } from "../lab.ts";
import { nameOf } from "../training/pictures.ts";
import { type Equation, equationOf } from "./equations.ts";
import { erratumOf } from "./errata.ts";
import { type Pass, Passes } from "./pass.ts";

/** A stage of a pass: what is new in it. */
export interface Step {
  readonly kind: Stage["kind"];
  readonly layer?: number;
}

const LAST = 2;

/** The stages of one pass, in the lecture's order. */
export const steps: readonly Step[] = [
  { kind: "feedforward", layer: 1 },
  { kind: "feedforward", layer: 2 },
  { kind: "loss" },
  { kind: "backpropagation", layer: 2 },
  { kind: "backpropagation", layer: 1 },
  { kind: "gradient", layer: 1 },
  { kind: "gradient", layer: 0 },
  { kind: "update" },
];

/** So many passes are more than anyone steps through; δ is then 10⁻⁴. */
const MOST_PASSES = 10_000;

export class Lesson {
  readonly #passes = new Passes();

  /** The stage of an index, counted from 0 over all passes. Throws RangeError for an index that is none. */
  stage(index: number, exact: boolean): Stage {
    if (!Number.isInteger(index) || index < 0 || index > MOST_PASSES * steps.length)
      throw new RangeError(
        `stage: ${index} is none; they are counted from 0 to ${MOST_PASSES * steps.length}`,
      );
    const isStart = index === 0;
    const number = isStart ? 0 : Math.floor((index - 1) / steps.length);
    const place = isStart ? -1 : (index - 1) % steps.length;
    const step: Step = isStart ? { kind: "start", layer: 0 } : steps[place]!;
    const pass = this.#passes.at(number);
    const has = (kind: Stage["kind"], layer?: number) =>
      steps.slice(0, place + 1).some((each) => each.kind === kind && each.layer === layer);
    const { equation, numbers }: Equation = equationOf(step, pass, exact);
    return {
      index,
      kind: step.kind,
      ...(step.layer === undefined ? {} : { layer: step.layer }),
      title: titleOf(step, number),
      equation,
      numbers,
      layers: pass.x.map((x, l) => layerOf(pass, x, l, has)),
      ...(has("loss") ? { loss: pass.loss } : {}),
      ...(has("feedforward", LAST) ? { prediction: pass.x[LAST]! } : {}),
      errata: erratumOf(step, number),
    };
  }
}

function layerOf(
  pass: Pass,
  x: readonly number[],
  l: number,
  has: (kind: Stage["kind"], layer?: number) => boolean,
): LayerPicture {
  const isOutput = l === LAST;
  const weights = has("update") ? pass.updated : pass.weights;
  return {
    name: nameOf(l, LAST + 1),
    size: isOutput ? x.length : x.length - 1,
    hasBias: !isOutput,
    ...(l === 0 || has("feedforward", l) ? { x } : {}),
    ...(has("backpropagation", l) ? { delta: pass.delta[l]! } : {}),
    ...(isOutput ? {} : { weight: weights[l]! }),
    ...(has("gradient", l) ? { gradient: pass.gradients[l]! } : {}),
  };
}

function titleOf({ kind, layer }: Step, pass: number): string {
  const again = pass === 0 ? "" : `, pass ${pass + 1}`;
  switch (kind) {
    case "start":
      return "The sample and the first weights";
    case "feedforward":
      return `Feedforward to layer ${layer}${again}`;
    case "loss":
      return `Loss${again}`;
    case "backpropagation":
      return layer === LAST ? `δ of the output${again}` : `Backpropagate δ to layer ${layer}${again}`;
    case "gradient":
      return `Gradient of the weights from layer ${layer}${again}`;
    case "update":
      return `Update the weights${again}`;
  }
}
