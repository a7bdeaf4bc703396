// The page's way to the laboratory: a worker, and a second one for judgements of activations, which take long and would hold
// up training.

import { proxy, type Remote, wrap } from "comlink";
import type { Lab } from "./lab.ts";

declare const Worker: new (url: URL, options: { readonly type: "module" }) => Parameters<typeof wrap>[0];

const start = (): Remote<Lab> =>
  wrap<Lab>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));

/** Starts the laboratory. */
export function connect(): Lab {
  const main = start();
  let spare: Remote<Lab> | null = null;
  const lab = main as unknown as Lab;
  return {
    choices: () => lab.choices(),
    stage: (index, exact) => lab.stage(index, exact),
    facts: (activation) => lab.facts(activation),
    verdict: (activation) => {
      spare ??= start();
      return (spare as unknown as Lab).verdict(activation);
    },
    suggest: (data) => lab.suggest(data),
    open: (settings) => lab.open(settings),
    train: (each) => lab.train(proxy(each)),
    pause: () => lab.pause(),
    steps: (count) => lab.steps(count),
    weight: (layer, from, to) => lab.weight(layer, from, to),
    activations: (layer) => lab.activations(layer),
    tape: () => lab.tape(),
    exported: (what) => lab.exported(what),
  };
}
