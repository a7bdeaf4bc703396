// The curves of training: losses, accuracies, saturation and gradient norms.

import { useState } from "preact/hooks";
import { percentText, superscript } from "../draw/numbers.ts";
import { curves, opened, progress } from "../state.ts";
import { Chart } from "./chart.tsx";

const HEIGHT = 170;
const LOSS_HEIGHT = 230;
const wholePercent = (share: number): string => `${Math.round(100 * share)} %`;

/** Both losses. Drawn anew with each progress, since it reads that: the curves themselves are one object that grows. */
export function LossChart() {
  const [isLogarithmic, setLogarithmic] = useState(false);
  void progress.value;
  const { points } = curves.value;
  return (
    <section class="panel chart-panel" aria-labelledby="chart-loss">
      <h3 id="chart-loss">Loss</h3>
      <label class="tick-box">
        <input
          type="checkbox"
          checked={isLogarithmic}
          onChange={({ currentTarget }) => setLogarithmic(currentTarget.checked)}
        />
        logarithmic
      </label>
      <Chart
        title="loss"
        xs={points.map(({ step }) => step)}
        xName="step"
        isLogarithmic={isLogarithmic}
        series={[
          { name: "training", ys: points.map(({ trainingLoss }) => trainingLoss) },
          { name: "test", ys: points.map(({ testLoss }) => testLoss) },
        ]}
        height={LOSS_HEIGHT}
      />
    </section>
  );
}

/** Accuracies, norms of the gradients and saturation. */
export function Charts() {
  const now = progress.value!;
  const { points } = curves.value;
  const xs = points.map(({ step }) => step);
  const names = now.layers.map(({ name }) => name);
  return (
    <div class="charts">
      {opened.value!.data.isClassification && (
        <section class="panel chart-panel" aria-labelledby="chart-accuracy">
          <h3 id="chart-accuracy">Accuracy</h3>
          <Chart
            title="accuracy"
            xs={xs}
            xName="step"
            range={[0, 1]}
            format={percentText}
            tickFormat={wholePercent}
            series={[
              { name: "training", ys: points.map(({ trainingAccuracy }) => trainingAccuracy ?? null) },
              { name: "test", ys: points.map(({ testAccuracy }) => testAccuracy ?? null) },
            ]}
            height={HEIGHT}
          />
        </section>
      )}
      {now.gradientNorms.length > 0 && (
        <section class="panel chart-panel" aria-labelledby="chart-norms">
          <h3 id="chart-norms">Gradient norms</h3>
          <Chart
            title="norms of the gradients"
            xs={xs}
            xName="step"
            isLogarithmic
            series={now.gradientNorms.map((_, l) => ({
              name: `∇${superscript(l)}`,
              ys: points.map(({ gradientNorms }) => gradientNorms[l] ?? null),
            }))}
            height={HEIGHT}
          />
        </section>
      )}
      {now.saturation.some((share) => share !== null) && (
        <section class="panel chart-panel" aria-labelledby="chart-saturation">
          <h3 id="chart-saturation">Saturation</h3>
          <Chart
            title="share of activations near the limits of their range"
            xs={xs}
            xName="step"
            range={[0, 1]}
            format={percentText}
            tickFormat={wholePercent}
            series={now.saturation.map((_, l) => ({
              name: names[l + 1] ?? `layer ${l + 1}`,
              ys: points.map(({ saturation }) => saturation[l] ?? null),
            }))}
            height={HEIGHT}
          />
        </section>
      )}
    </div>
  );
}
