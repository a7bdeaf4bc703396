// A deliberate mistake in one place of the sources, which some test must notice.

export interface Mutation {
  /** Below packages/, e.g. "nn/src/losses.ts". */
  readonly file: string;
  /** Text that occurs exactly once in the file, and what takes its place. */
  readonly replace: string;
  readonly by: string;
  /** Files or folders below test/ that should notice, run in this order: the quickest that is likely to notice goes first. */
  readonly tests: readonly string[];
  /** Why nothing that can be observed changes. Such a mutation must survive. */
  readonly equivalent?: string;
}

/** Mutations of one file, each as [replace, by], or [replace, by, why they are equivalent]. */
export function mutationsOf(
  file: string,
  tests: readonly string[],
  changes: readonly (readonly [replace: string, by: string, equivalent?: string])[],
): Mutation[] {
  return changes.map(([replace, by, equivalent]) => ({
    file,
    replace,
    by,
    tests,
    ...(equivalent === undefined ? {} : { equivalent }),
  }));
}
