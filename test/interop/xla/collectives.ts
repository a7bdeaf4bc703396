// What the devices of a compiled program say to each other in a step, read from XLA's text of it.

const kinds = ["all-reduce", "all-gather", "reduce-scatter", "collective-permute", "all-to-all"] as const;

export interface Collective {
  readonly kind: (typeof kinds)[number];
  /** Its results on one device: element types as XLA calls them, and shapes. */
  readonly results: readonly { readonly type: string; readonly shape: readonly number[] }[];
}

/** The lines of each computation by its name, and the name of the one that runs. */
function computationsIn(hlo: string) {
  const all = new Map<string, string[]>();
  let entry = "";
  let lines: string[] = [];
  for (const line of hlo.split("\n")) {
    const [, isEntry, name] = /^(ENTRY )?%(\S+) \(.*\{$/.exec(line) ?? [];
    if (name === undefined) lines.push(line);
    else {
      if (isEntry !== undefined) entry = name;
      all.set(name, (lines = []));
    }
  }
  return { all, entry };
}

/**
 * The collectives that a step carries out. Of a conditional only the false branch counts: conditionals come from gated
 * products, which are computed again, by other means, where one has given NaN.
 */
export function collectivesIn(hlo: string): readonly Collective[] {
  const { all, entry } = computationsIn(hlo);
  const found: Collective[] = [];
  const pending = [entry];
  const seen = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const line of all.get(name) ?? []) {
      for (const [, called] of line.matchAll(
        /(?:calls|to_apply|body|condition|false_computation)=%([^\s,)]+)/g,
      ))
        pending.push(called!);
      const made = / = (.*?) ([a-z-]+)\(/.exec(line);
      const kind = kinds.find((each) => made?.[2] === each || made?.[2] === `${each}-start`);
      if (kind === undefined) continue;
      const results = [...made![1]!.matchAll(/([a-z]+\d*)\[([\d,]*)\]/g)].map(([, type, sizes]) => ({
        type: type!,
        shape: sizes === "" ? [] : sizes!.split(",").map(Number),
      }));
      found.push({ kind, results });
    }
  }
  return found;
}

/** How many collectives of each kind there are, for the kinds of which there is one. */
export const countsOf = (collectives: readonly Collective[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    kinds.flatMap((kind) => {
      const count = collectives.filter((each) => each.kind === kind).length;
      return count === 0 ? [] : [[kind, count]];
    }),
  );

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** How many numbers of one device are sums over devices. Truth values, one for each gated product, are left out. */
export const summedNumbers = (collectives: readonly Collective[]): number =>
  collectives
    .filter(({ kind }) => kind === "all-reduce")
    .flatMap(({ results }) => results)
    .reduce((sum, { type, shape }) => sum + (type === "pred" ? 0 : size(shape)), 0);
