// What can be saved: code, weights, curves.

import { toSafetensors, variables } from "@adjoint/nn";
import { csvFormatRows } from "d3-dsv";
import type { Exported } from "../lab.ts";
import { linkOf } from "../link.ts";
import type { Session } from "../training/session.ts";
import { codeOf } from "./code.ts";

export type Wanted = "code" | "safetensors" | "curves";

/** A file of what is wanted. Throws TypeError for anything else. */
export function fileOf(session: Session, what: Wanted): Exported {
  switch (what) {
    case "code":
      return { name: "network.ts", type: "text/typescript", content: codeOf(session) };
    case "safetensors":
      return { name: "network.safetensors", type: "application/octet-stream", content: weightsOf(session) };
    case "curves":
      return { name: "curves.csv", type: "text/csv", content: curvesOf(session) };
    default:
      throw new TypeError(
        `exported: there is no “${String(what)}”; ask for "code", "safetensors" or "curves"`,
      );
  }
}

/** Weights by the paths that the exported code's model has; what they belong to is in the metadata. */
function weightsOf({ network, settings, data, steps }: Session): Uint8Array {
  const { inputScale, targetScale, inputs, outputs } = data;
  // A table may be large and may be private; it does not belong to the weights.
  const { csv: _, ...named } = settings.data;
  const tensors = Object.entries(variables(network.model)).map(([path, { value }]) => [path, value]);
  return toSafetensors(Object.fromEntries(tensors), {
    metadata: {
      settings: linkOf({ ...settings, data: named }),
      steps: `${steps}`,
      inputs: JSON.stringify(inputs),
      outputs: JSON.stringify(outputs),
      scaling: JSON.stringify({ inputs: inputScale, target: targetScale }),
    },
  });
}

function curvesOf({ history, network: { layers } }: Session): string {
  const hidden = layers.slice(0, -1);
  const header = [
    "step",
    "epoch",
    "training loss",
    "test loss",
    "training accuracy",
    "test accuracy",
    ...layers.map((_, l) => `gradient norm W(${l})`),
    ...hidden.map((_, l) => `saturation hidden ${l + 1}`),
  ];
  const rows = history.curves.map((point) =>
    [
      point.step,
      point.epoch,
      point.trainingLoss,
      point.testLoss,
      point.trainingAccuracy,
      point.testAccuracy,
      ...point.gradientNorms,
      ...point.saturation,
    ].map((value) => (value === undefined || value === null ? "" : `${value}`)),
  );
  return `${csvFormatRows([header, ...rows])}\n`;
}
