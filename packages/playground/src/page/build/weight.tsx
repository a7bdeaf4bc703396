// One weight: its value, its gradient, and how both have moved.

import { useEffect } from "preact/hooks";
import { shortText, superscript } from "../draw/numbers.ts";
import type { Session } from "../session.ts";
import { isTraining, progress, weight, weightHistory } from "../state.ts";
import { Chart } from "./chart.tsx";

/** Milliseconds between two questions for the history while training. */
const BETWEEN = 500;

/** Fields that choose the weight, and its history. */
export function WeightPanel({ session }: { readonly session: Session }) {
  const { layers, step } = progress.value!;
  const { layer, from, to } = weight.value;
  const picture = layers[layer];
  const isMoving = isTraining.value;
  // At rest the history is fetched when the step or the weight is another; while training, every so often.
  const when = isMoving ? -1 : step;
  // `when` says that there is more of the history.
  useEffect(() => {
    void session.lookAtWeight();
    if (!isMoving) return;
    const timer = setInterval(() => void session.lookAtWeight(), BETWEEN);
    return () => clearInterval(timer);
  }, [session, layer, from, to, isMoving, when]);
  if (picture?.weight === undefined) return null;
  const history = weightHistory.value;
  const choose = (part: Partial<typeof weight.value>) => {
    weight.value = { ...weight.value, ...part };
  };
  const w = picture.weight[from]?.[to];
  const g = picture.gradient?.[from]?.[to];
  return (
    <section class="weight" aria-labelledby="weight-title">
      <h3 id="weight-title">A weight</h3>
      <div class="weight-choice">
        <Pick
          label="between"
          value={layer}
          options={layers.slice(0, -1).map(({ name }, l) => `${name} → ${layers[l + 1]!.name}`)}
          onPick={(l) => choose({ layer: l, from: 0, to: 0 })}
        />
        <Pick
          label="from"
          value={from}
          options={picture.weight.map((_, i) => (i === 0 ? "bias" : `unit ${i}`))}
          onPick={(i) => choose({ from: i })}
        />
        <Pick
          label="to"
          value={to}
          options={(picture.weight[0] ?? []).map((_, i) => `unit ${i + 1}`)}
          onPick={(i) => choose({ to: i })}
        />
      </div>
      <dl class="outcome">
        <div>
          <dt>W{superscript(layer)}</dt>
          <dd>{w === undefined ? "–" : shortText(w)}</dd>
        </div>
        <div>
          <dt>∇{superscript(layer)}</dt>
          <dd>{g === undefined ? "–" : shortText(g)}</dd>
        </div>
      </dl>
      {history !== undefined && history.steps.length > 1 && (
        <Chart
          title="history of the weight"
          xs={history.steps}
          xName="step"
          series={[
            { name: "value", ys: history.values },
            { name: "gradient", ys: history.gradients },
          ]}
          height={130}
        />
      )}
    </section>
  );
}

function Pick({
  label,
  value,
  options,
  onPick,
}: {
  readonly label: string;
  readonly value: number;
  readonly options: readonly string[];
  readonly onPick: (index: number) => void;
}) {
  const id = `weight-${label}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={String(value)}
        onChange={({ currentTarget }) => onPick(Number(currentTarget.value))}
      >
        {options.map((option, i) => (
          <option key={option} value={String(i)}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}
