// The panel of settings.

import type { Session } from "../session.ts";
import { choices, mistakes, settings } from "../state.ts";
import { Data } from "./data.tsx";
import { ChoiceField, NumberField } from "./fields.tsx";
import { Layers } from "./layers.tsx";

/** Where the window is wide, the panel is open from the beginning. */
const isWide = matchMedia("(min-width: 900px)").matches;

/** Everything that one chooses. Each change makes the network anew. */
export function SettingsPanel({ session }: { readonly session: Session }) {
  const { loss, optimizer, learningRate, batch, l2, dropout, seed } = settings.value!;
  const { losses, optimizers } = choices.value!;
  const count = mistakes.value.length;
  return (
    <details class="settings" open={isWide}>
      <summary>
        <h2>Settings</h2>
        {count > 0 && <span class="mistake-count">{count === 1 ? "1 mistake" : `${count} mistakes`}</span>}
      </summary>
      <section aria-labelledby="settings-data">
        <h3 id="settings-data">Data</h3>
        <Data session={session} />
      </section>
      <section aria-labelledby="settings-layers">
        <h3 id="settings-layers">Layers</h3>
        <Layers session={session} />
      </section>
      <section aria-labelledby="settings-training">
        <h3 id="settings-training">Training</h3>
        <ChoiceField
          label="loss"
          field="loss"
          value={loss}
          choices={losses}
          onChange={(name) => session.change({ loss: name })}
        />
        <ChoiceField
          label="optimizer"
          field="optimizer"
          value={optimizer}
          choices={optimizers}
          onChange={(name) => session.change({ optimizer: name })}
        />
        <div class="pair">
          <NumberField
            label="learning rate ρ"
            field="learningRate"
            value={learningRate}
            min={0}
            onChange={(value) => session.change({ learningRate: value })}
          />
          <NumberField
            label="batch"
            field="batch"
            value={batch}
            min={0}
            step={1}
            hint="0: all samples"
            onChange={(value) => session.change({ batch: value })}
          />
          <NumberField
            label="L2 weight α"
            field="l2"
            value={l2}
            min={0}
            onChange={(value) => session.change({ l2: value })}
          />
          <NumberField
            label="dropout"
            field="dropout"
            value={dropout}
            min={0}
            max={0.99}
            step={0.05}
            onChange={(value) => session.change({ dropout: value })}
          />
          <NumberField
            label="seed"
            field="seed"
            value={seed}
            min={0}
            step={1}
            onChange={(value) => session.change({ seed: value })}
          />
        </div>
      </section>
    </details>
  );
}
