// Where one is in the playground, as the part of the address behind "#". What is behind "net" is the settings' own link.

/** How near one looks: at the whole network, at one layer, or at the operations of a training step. */
export type Zoom = "network" | "tape" | { readonly layer: number };

export interface Place {
  readonly mode: "lesson" | "build";
  /** The stage of the lesson, counted from 0. */
  readonly stage: number;
  readonly isExact: boolean;
  readonly zoom: Zoom;
  /** How many training steps have been made; whoever opens the link makes them again. */
  readonly steps: number;
  /** The settings as a link, where they have been chosen. */
  readonly net?: string;
}

const count = (text: string | null, most: number): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : 0;

/** More steps than these are not made again when a link is opened: it would take minutes. */
export const MOST_STEPS = 100_000;

/** The part of an address behind "#". */
export function hashOf(place: Place): string {
  const fields = new URLSearchParams();
  fields.set("mode", place.mode);
  if (place.stage > 0) fields.set("stage", String(place.stage));
  if (place.isExact) fields.set("digits", "all");
  if (typeof place.zoom === "object") fields.set("layer", String(place.zoom.layer));
  else if (place.zoom === "tape") fields.set("zoom", "tape");
  if (place.steps > 0) fields.set("steps", String(Math.min(place.steps, MOST_STEPS)));
  // The settings' link has only letters that may stand here as they are.
  return place.net === undefined ? fields.toString() : `${fields}&net=${place.net}`;
}

/** Reads what `hashOf` wrote. What it doesn't know it takes for the beginning; the settings' link is checked by whoever opens it. */
export function placeOf(hash: string): Place {
  const [, own, net] = /^#?(.*?)(?:&net=([^&]*))?$/s.exec(hash)!;
  const fields = new URLSearchParams(own);
  return {
    mode: fields.get("mode") === "build" ? "build" : "lesson",
    stage: count(fields.get("stage"), 10_000),
    isExact: fields.get("digits") === "all",
    zoom: fields.has("layer")
      ? { layer: count(fields.get("layer"), 100) }
      : fields.get("zoom") === "tape"
        ? "tape"
        : "network",
    steps: count(fields.get("steps"), MOST_STEPS),
    ...(net === undefined ? {} : { net }),
  };
}
