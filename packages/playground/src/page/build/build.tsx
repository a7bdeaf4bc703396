// The second mode: a network of one's own.

import { useEffect } from "preact/hooks";
import type { Zoom } from "../place.ts";
import type { Session } from "../session.ts";
import { choices, mistakes, opened, progress, settings, zoom } from "../state.ts";
import { LayerView } from "../zoom/layer.tsx";
import { TapeView } from "../zoom/tape.tsx";
import { Charts, LossChart } from "./charts.tsx";
import { Controls, Status } from "./controls.tsx";
import { Network } from "./network.tsx";
import { Prediction } from "./plot.tsx";
import { SettingsPanel } from "./settings.tsx";
import { WeightPanel } from "./weight.tsx";

/** Settings, the network at three levels, its predictions and curves. */
export function Build({ session }: { readonly session: Session }) {
  if (choices.value === undefined || settings.value === undefined)
    return <p class="waiting">The laboratory is starting…</p>;
  const isOpen = opened.value !== undefined && progress.value !== undefined;
  return (
    <div class="build">
      <h2 class="unseen">Build your own</h2>
      <Controls session={session} />
      <SettingsPanel session={session} />
      {isOpen ? (
        <div class={zoom.value === "tape" ? "views wide" : "views"}>
          <div class="levels">
            <Status />
            <ZoomChoice />
            <Zoomed session={session} />
          </div>
          <div class="side">
            <Prediction />
            <LossChart />
          </div>
          <Charts />
        </div>
      ) : (
        <p class={mistakes.value.length > 0 ? "ended" : "waiting"}>
          {mistakes.value.length > 0
            ? `These settings make no network: ${mistakes.value[0]!.message}`
            : "The network is being made…"}
        </p>
      )}
    </div>
  );
}

/** The levels: the whole network, each layer of weights, the operations of one step. */
function ZoomChoice() {
  const { layers } = progress.value!;
  const now = zoom.value;
  const levels: readonly { readonly title: string; readonly to: Zoom; readonly isHere: boolean }[] = [
    { title: "Network", to: "network", isHere: now === "network" },
    ...layers.slice(1).map(({ name }, i) => ({
      title: name,
      to: { layer: i + 1 },
      isHere: typeof now === "object" && now.layer === i + 1,
    })),
    { title: "Tape of a step", to: "tape", isHere: now === "tape" },
  ];
  return (
    <nav class="zoom" aria-label="How near to look">
      {levels.map(({ title, to, isHere }) => (
        <button
          type="button"
          key={title}
          aria-current={isHere ? "true" : undefined}
          onClick={() => {
            zoom.value = to;
          }}
        >
          {title}
        </button>
      ))}
    </nav>
  );
}

function Zoomed({ session }: { readonly session: Session }) {
  const now = zoom.value;
  const { layers } = progress.value!;
  const isGone = typeof now === "object" && (now.layer < 1 || now.layer >= layers.length);
  useEffect(() => {
    if (isGone) zoom.value = "network";
  }, [isGone]);
  if (now === "tape") return <TapeView session={session} />;
  if (typeof now === "object" && !isGone) return <LayerView session={session} layer={now.layer} />;
  return (
    <section class="panel" aria-label="The network">
      <Network />
      <WeightPanel session={session} />
    </section>
  );
}
