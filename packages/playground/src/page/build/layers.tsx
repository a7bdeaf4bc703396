// The layers: their widths and activations.

import type { LayerSettings } from "../../lab/lab.ts";
import type { Session } from "../session.ts";
import { choices, settings } from "../state.ts";
import { FactsList, useFacts } from "./facts.tsx";
import { MistakeText, mistakeAt, NumberField } from "./fields.tsx";
import { FormulaField } from "./formula.tsx";

const MOST_LAYERS = 6;
/** What a formula begins with. */
const FIRST_FORMULA = "x * logistic(x)";

/** The rows of the hidden layers and of the output. */
export function Layers({ session }: { readonly session: Session }) {
  const { hidden, outputActivation } = settings.value!;
  const change = (next: readonly LayerSettings[]) => session.change({ hidden: next });
  const at = (i: number, part: Partial<LayerSettings>) =>
    change(hidden.map((layer, j) => (i === j ? { ...layer, ...part } : layer)));
  const mistake = mistakeAt("hidden");
  return (
    <>
      <ol class="layers" aria-label="Hidden layers">
        {hidden.map((layer, i) => (
          <li key={i}>
            <div class="layer-row">
              <NumberField
                label={
                  <>
                    units <span class="unseen">of hidden layer {i + 1}</span>
                  </>
                }
                field={`hidden.${i}.units`}
                value={layer.units}
                min={1}
                max={128}
                step={1}
                onChange={(units) => at(i, { units })}
              />
              <ActivationField
                session={session}
                label={`hidden layer ${i + 1}`}
                field={`hidden.${i}.activation`}
                value={layer.activation}
                onChange={(activation) => at(i, { activation })}
              />
              <button
                type="button"
                class="small remove"
                aria-label={`Remove hidden layer ${i + 1}`}
                onClick={() => change(hidden.filter((_, j) => j !== i))}
              >
                ×
              </button>
            </div>
          </li>
        ))}
      </ol>
      <MistakeText id="layers-mistake" mistake={mistake} />
      <button
        type="button"
        disabled={hidden.length >= MOST_LAYERS}
        onClick={() => change([...hidden, hidden.at(-1) ?? { units: 4, activation: "tanh" }])}
      >
        Add a layer
      </button>
      <div class="layer-row output">
        <ActivationField
          session={session}
          label="the output"
          field="outputActivation"
          value={outputActivation}
          onChange={(activation) => session.change({ outputActivation: activation })}
        />
      </div>
    </>
  );
}

function ActivationField({
  session,
  label,
  field,
  value,
  onChange,
}: {
  readonly session: Session;
  readonly label: string;
  readonly field: string;
  readonly value: string;
  readonly onChange: (activation: string) => void;
}) {
  const named = choices.value!.activations;
  const isNamed = named.some(({ name }) => name === value);
  const id = field.replaceAll(".", "-");
  const mistake = isNamed ? mistakeAt(field) : undefined;
  return (
    <>
      <div class="field">
        <label for={id}>
          activation <span class="unseen">of {label}</span>
        </label>
        <select
          id={id}
          value={isNamed ? value : ""}
          aria-invalid={mistake !== undefined}
          aria-describedby={`${id}-mistake`}
          onChange={({ currentTarget }) => onChange(currentTarget.value || FIRST_FORMULA)}
        >
          {named.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          <option value="">your own formula</option>
        </select>
      </div>
      <div class="more">
        {isNamed ? (
          <>
            <MistakeText id={`${id}-mistake`} mistake={mistake} />
            <NamedFacts session={session} activation={value} />
          </>
        ) : (
          <FormulaField
            lab={session.lab}
            label={`φ(x) of ${label}`}
            field={field}
            value={value}
            onChange={onChange}
          />
        )}
      </div>
    </>
  );
}

function NamedFacts({ session, activation }: { readonly session: Session; readonly activation: string }) {
  return (
    <details class="named-facts">
      <summary>
        about {activation} <span class="unseen">: curve, derivative, ψ</span>
      </summary>
      <Facts session={session} activation={activation} />
    </details>
  );
}

function Facts({ session, activation }: { readonly session: Session; readonly activation: string }) {
  return <FactsList known={useFacts(session.lab, activation, true)} />;
}
