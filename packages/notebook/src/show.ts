// show(value): what one would rather look at than read. As text in a terminal, as a picture in the report.

import { types } from "node:util";
import { type Link, lineInScript, link } from "./run/link.ts";
import { textOf } from "./text/text.ts";
import { checkShowOptions, type ShowOptions } from "./values/kind.ts";
import { bundleOf, viewOfBundle } from "./values/pictures.ts";
import { viewOf } from "./values/table.ts";
import { checkOptions, kindOf } from "./views/check.ts";
import { type GroupOptions, groupOf } from "./views/group.ts";
import type { GroupView, View } from "./views/view.ts";

/** What was shown. Notebooks that follow the Jupyter convention display it as the value of a cell. */
export interface Shown {
  /** The view. */
  readonly view: View;
}

/**
 * A view of a value at this moment, as plain data: nothing in it changes later. Never throws for a value: what goes
 * wrong while it is read is shown as an error. Throws TypeError or RangeError for options that can't be meant.
 */
export function view(value: unknown, options: ShowOptions = {}): View {
  checkShowOptions("view", options);
  return viewOf(value, options);
}

/**
 * Shows a value as what it is best seen as: a tensor as number, table, image, heat map, histogram or curve, a program as a
 * graph, a model as a network and a table, an activation with its derivatives, a history as curves, and so on; `options.as`
 * chooses. Prints text where the script runs by itself; where a runner makes a report, it is drawn there.
 * Throws TypeError or RangeError for options that can't be meant, and never for a value.
 */
export function show(value: unknown, options: ShowOptions = {}): Shown {
  checkShowOptions("show", options);
  const bundle = bundleOf(value);
  return types.isPromise(bundle) ? later(bundle, options) : sent(viewOf(value, options));
}

/** Shows what a value displays itself as, when it is there. */
function later(bundle: Promise<unknown>, options: ShowOptions): Shown {
  const runner = link();
  // Known only now: the stack will be another by then.
  const place = placeIn(runner);
  const work = bundle
    .then(
      (found) => viewOfBundle(found, options),
      (error: unknown) => viewOf(error, options),
    )
    .then((found) => tell(found, runner, place));
  runner?.pending?.add(work);
  void work.finally(() => runner?.pending?.delete(work));
  return displayed({ kind: "text", text: "(it is being drawn)" });
}

/** Sends a view to the runner, or prints it. */
export function sent(view: View): Shown {
  const runner = link();
  const place = placeIn(runner);
  try {
    tell(view, runner, place);
    return displayed(view);
  } catch (error) {
    // What only looks like a view, or holds what can't be copied to another process, such as a function.
    const said: View = { kind: "text", text: `(this ${view.kind} view can't be shown: ${String(error)})` };
    tell(said, runner, place);
    return displayed(said);
  }
}

/** The cell that runs and the line that shows; null where nobody asks. */
const placeIn = (runner: Link | null) =>
  runner === null ? null : { cell: runner.cell(), line: runner.line?.() ?? lineInScript(runner.script) };

function tell(view: View, runner: Link | null, place: ReturnType<typeof placeIn>): void {
  if (runner === null || place === null) {
    console.log(printed(view));
    return;
  }
  runner.send({ kind: "shown", ...place, view });
  if (!runner.wantsText) return;
  if (runner.print !== undefined) runner.print(`${printed(view)}\n`);
  else console.log(printed(view));
}

/** A view as text for the standard output. */
function printed(view: View): string {
  const { stdout, env } = process;
  // Colours only where somebody looks: https://no-color.org
  const colour = stdout.isTTY === true && (env.NO_COLOR ?? "") === "";
  return textOf(view, { width: stdout.columns ?? 80, colour });
}

/** A view that notebooks can display. */
function displayed(view: View): Shown {
  const display = async () => {
    const text = textOf(view, { width: 80, colour: false });
    try {
      // What draws is loaded only where somebody looks at drawings.
      const { htmlOf, svgOf } = await import("./html/index.ts");
      const picture = await svgOf(view, { theme: "light" });
      return {
        "text/plain": text,
        "text/html": await htmlOf(view),
        ...(picture === undefined ? {} : { "image/svg+xml": picture }),
      };
    } catch (error) {
      return { "text/plain": `${text}\n(it could not be drawn: ${String(error)})` };
    }
  };
  return Object.defineProperty({ view }, Symbol.for("Jupyter.display"), { value: display });
}

/**
 * Several values as one view, one under the other or in a row: `show(group([model, history], { title: "Run 1" }))`. With
 * `range: "common"`, heat maps and fields whose numbers have one name have one range of colours, so that equal colours are equal
 * numbers. Throws TypeError for what is no array, and for options that can't be meant.
 */
export function group(values: readonly unknown[], options: GroupOptions = {}): GroupView {
  if (!Array.isArray(values))
    throw new TypeError(`group: got ${kindOf(values)} where values belong; write them in brackets`);
  checkOptions("group", options, ["title", "arrangement", "range"]);
  const { arrangement = "column", range = "own" } = options;
  if (arrangement !== "row" && arrangement !== "column")
    throw new TypeError(`group: arrangement is "${String(arrangement)}" and must be "row" or "column"`);
  if (range !== "own" && range !== "common")
    throw new TypeError(
      `group: range is "${String(range)}" and must be "own" or "common"; a range in numbers belongs to each heat map`,
    );
  return groupOf(
    values.map((value) => viewOf(value, {})),
    options,
  );
}
