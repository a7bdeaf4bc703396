// One layer: the matrix that leads to it, the gradient of that matrix, how its x are spread, and its activation.

import { useEffect, useState } from "preact/hooks";
import { FactsList, useFacts } from "../build/facts.tsx";
import { WeightPanel } from "../build/weight.tsx";
import { superscript } from "../draw/numbers.ts";
import type { Session } from "../session.ts";
import { failure, isTraining, progress, settings, weight } from "../state.ts";
import { Heat } from "./heat.tsx";
import { Histogram } from "./histogram.tsx";

/** Milliseconds between two questions for the layer's x while training. */
const BETWEEN = 700;

/** The view of a layer, counted from 0 at the input; `layer` is at least 1. */
export function LayerView({ session, layer }: { readonly session: Session; readonly layer: number }) {
  const { layers, step } = progress.value!;
  const picture = layers[layer]!;
  const before = layers[layer - 1]!;
  const { hidden, outputActivation } = settings.value!;
  const activation = hidden[layer - 1]?.activation ?? outputActivation;
  const [values, setValues] = useState<Float32Array>();
  const isMoving = isTraining.value;
  const when = isMoving ? -1 : step;
  // `when` says that the values are others.
  useEffect(() => {
    let isOld = false;
    const ask = async () => {
      try {
        const answer = await session.lab.activations(layer);
        if (!isOld) setValues(answer);
      } catch (error) {
        failure.value = `The values of ${picture.name} could not be computed: ${String(error)}`;
      }
    };
    void ask();
    const timer = isMoving ? setInterval(() => void ask(), BETWEEN) : undefined;
    return () => {
      isOld = true;
      clearInterval(timer);
    };
  }, [session, layer, isMoving, when]);
  useEffect(() => {
    if (weight.value.layer !== layer - 1) weight.value = { layer: layer - 1, from: 0, to: 0 };
  }, [layer]);
  const known = useFacts(session.lab, activation, true);
  return (
    <section class="panel layer-view" aria-label={`Layer ${picture.name}`}>
      <div class="heats">
        {before.weight !== undefined && (
          <Heat name={`W${superscript(layer - 1)}`} matrix={before.weight} layer={layer - 1} />
        )}
        {before.gradient !== undefined && (
          <Heat name={`∇${superscript(layer - 1)}`} matrix={before.gradient} layer={layer - 1} />
        )}
      </div>
      <p class="hint">
        A row for each unit of {before.name}, the bias neuron first; a column for each unit of {picture.name}.
        Blue: positive; orange with a minus: negative.
      </p>
      <WeightPanel session={session} />
      {values !== undefined && (
        <section aria-labelledby="spread">
          <h3 id="spread">x over the training samples</h3>
          <Histogram values={values} />
        </section>
      )}
      <section aria-labelledby="layer-activation">
        <h3 id="layer-activation">Activation: {activation}</h3>
        <FactsList known={known} />
      </section>
    </section>
  );
}
