// The address follows what is shown, and opening an address shows what it says.

import { effect } from "@preact/signals";
import type { Lab } from "../lab/lab.ts";
import { linkOf } from "../lab/link.ts";
import { showStage } from "./lesson/steps.ts";
import { hashOf, type Place, placeOf } from "./place.ts";
import type { Session } from "./session.ts";
import { isExact, isTraining, mode, progress, settings, stage, zoom } from "./state.ts";

/** Browsers allow few changes of the address a second. */
const BETWEEN_CHANGES = 400;

/** What is shown now. */
export const placeNow = (): Place => ({
  mode: mode.value,
  stage: stage.value?.index ?? 0,
  isExact: isExact.value,
  zoom: zoom.value,
  steps: settings.value === undefined ? 0 : (progress.peek()?.step ?? 0),
  ...(settings.value === undefined ? {} : { net: linkOf(settings.value) }),
});

/** Shows what an address says. */
async function show(place: Place, lab: Lab, session: Session): Promise<void> {
  mode.value = place.mode;
  zoom.value = place.zoom;
  await showStage(lab, place.stage, place.isExact);
  if (place.mode !== "build") return;
  if (settings.value === undefined) await session.start(place.net, place.steps);
  else await session.openLink(place.net, place.steps);
}

/** Writes the address without an entry in the history. */
export const writeAddress = (): void => history.replaceState(null, "", `#${hashOf(placeNow())}`);

/** Shows what the address says now and whenever a person changes it, and keeps it up to date. */
export async function followAddress(lab: Lab, session: Session): Promise<void> {
  const first = placeOf(location.hash);
  addEventListener("hashchange", () => void show(placeOf(location.hash), lab, session));
  await show(first, lab, session);
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    // Read, so that each change of them is followed; steps are written when training stops.
    void [placeNow(), isTraining.value];
    clearTimeout(timer);
    timer = setTimeout(writeAddress, BETWEEN_CHANGES);
  });
  // A lesson's link may hold a network too: it is opened when one goes there.
  let isWaiting = first.mode !== "build";
  effect(() => {
    if (!isWaiting || mode.value !== "build") return;
    isWaiting = false;
    void session.start(first.net, first.steps);
  });
}
