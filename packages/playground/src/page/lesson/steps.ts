// Stepping through the lesson.

import { batch } from "@preact/signals";
import type { Lab, Stage } from "../../lab/lab.ts";
import { failure, isExact, stage, stageBefore } from "../state.ts";

/** The stage that was asked for last: answers to earlier questions are let go. */
let asked = { lab: undefined as Lab | undefined, index: 0, count: 0 };

/** Shows a stage of the lesson; below 0 is the first. */
export async function showStage(lab: Lab, index: number, exact: boolean = isExact.value): Promise<void> {
  const mine = { lab, index: Math.max(0, index), count: asked.count + 1 };
  asked = mine;
  try {
    const [now, before] = await Promise.all([
      lab.stage(mine.index, exact),
      mine.index > 0 ? lab.stage(mine.index - 1, exact) : undefined,
    ]);
    if (asked !== mine) return;
    batch(() => {
      isExact.value = exact;
      stage.value = now;
      stageBefore.value = before;
    });
  } catch (error) {
    failure.value = `The lesson's step ${mine.index + 1} could not be computed: ${String(error)}`;
  }
}

/** Goes forward or back from the stage that was asked for last, which may not be here yet. */
export const stepBy = (lab: Lab, by: number): Promise<void> => showStage(lab, asked.index + by);

/** What of a layer is another than in the stage before. */
export interface News {
  readonly x: boolean;
  readonly delta: boolean;
  readonly weight: boolean;
  readonly gradient: boolean;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** For each layer, what is new in a stage; in the first nothing is. */
export function newsOf(now: Stage, before: Stage | undefined): readonly News[] {
  return now.layers.map((layer, l) => {
    const old = before?.layers[l];
    const differs = (name: "x" | "delta" | "weight" | "gradient") =>
      old !== undefined && layer[name] !== undefined && !isSame(layer[name], old[name]);
    return {
      x: differs("x"),
      delta: differs("delta"),
      weight: differs("weight"),
      gradient: differs("gradient"),
    };
  });
}
