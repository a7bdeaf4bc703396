// Runs an experiment in this process, as a quick run, and collects what it shows.

import type { Layer, View } from "@adjoint/notebook";

interface Event {
  readonly kind: string;
  readonly view?: View;
}

type Titled<K extends View["kind"]> = Extract<View, { kind: K }>;

/** A view, and for a group its parts, too. */
const withParts = (view: View): View[] =>
  view.kind === "group" ? [view, ...view.parts.flatMap(withParts)] : [view];

/** What an experiment showed, in order, with what stands in groups. */
export class Shown {
  readonly views: readonly View[];

  constructor(views: readonly View[]) {
    this.views = views.flatMap(withParts);
  }

  /** The only view of a kind whose title contains these words. */
  titled<K extends View["kind"]>(kind: K, words: string): Titled<K> {
    const titleOf = (view: View) => ("title" in view ? view.title : "");
    const found = this.views.filter((view) => view.kind === kind && titleOf(view).includes(words));
    if (found.length !== 1)
      throw new Error(
        `${found.length} views of kind ${kind} have "${words}" in their titles; shown were ${this.views.map((view) => `${view.kind} "${titleOf(view)}"`).join(", ")}`,
      );
    return found[0] as Titled<K>;
  }

  /** A table's rows as records by the columns' names. Numbers are numbers again. */
  rows(words: string): Record<string, string | number>[] {
    const { columns, rows } = this.titled("table", words);
    const read = (cell: string) => {
      const number = Number(cell.replaceAll("−", "-").replaceAll(",", ""));
      return cell === "" || Number.isNaN(number) ? cell : number;
    };
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, read(row[i]!)])));
  }

  /** The field of a chart. */
  field(words: string): Extract<Layer, { mark: "field" }> {
    const found = this.titled("chart", words).layers.find((layer) => layer.mark === "field");
    if (found === undefined) throw new Error(`the chart "${words}" has no field`);
    return found;
  }

  /** The only line or dots of a name in a chart. */
  layer(words: string, name: string): { readonly x: readonly number[]; readonly y: readonly number[] } {
    const layers = this.titled("chart", words).layers.filter(
      (layer) => layer.name === name && (layer.mark === "line" || layer.mark === "dots"),
    );
    if (layers.length !== 1)
      throw new Error(`the chart "${words}" has ${layers.length} lines named "${name}"`);
    return layers[0] as { readonly x: readonly number[]; readonly y: readonly number[] };
  }

  /** The y values of the only line or dots of a name in a chart. */
  ys(words: string, name: string): readonly number[] {
    return this.layer(words, name).y;
  }

  /** What was measured, by words that are in the finding's sentence. */
  measured(words: string): number {
    const found = this.views.filter((view) => view.kind === "finding" && view.what.includes(words));
    if (found.length !== 1) throw new Error(`${found.length} findings contain "${words}"`);
    return (found[0] as Titled<"finding">).measured;
  }

  /** The findings that a full run is held against and that lie outside of what is written. */
  strays(): string[] {
    return this.views.flatMap((view) =>
      view.kind === "finding" && view.isCompared && !(Math.abs(view.measured - view.expected) <= view.spread)
        ? [`${view.what}: ${view.measured}, written ${view.expected} ± ${view.spread}`]
        : [],
    );
  }
}

/** Runs packages/examples/src/NAME.ts: quickly, or in full where tests are run in depth. */
export async function runExperiment(name: string): Promise<Shown> {
  const place = Symbol.for("adjoint.notebook");
  const views: View[] = [];
  const pending = new Set<Promise<unknown>>();
  const link = {
    cell: () => 0,
    send(event: Event) {
      if (event.kind === "shown") views.push(event.view!);
    },
    isConnected: true,
    wantsText: false,
    line: () => null,
    pending,
  };
  const surroundings = globalThis as { [place: symbol]: unknown };
  surroundings[place] = link;
  const before = process.env.ADJOINT_FAST;
  if (process.env.ADJOINT_DEEP !== "1") process.env.ADJOINT_FAST = "1";
  try {
    await import(`../../packages/examples/src/${name}.ts`);
    await Promise.all(pending);
  } finally {
    delete surroundings[place];
    if (before === undefined) delete process.env.ADJOINT_FAST;
    else process.env.ADJOINT_FAST = before;
  }
  return new Shown(views);
}
