// How hard tests try. `npm test` repeats the same cases every time, so that a red run is about the change that was
// made; `npm run test:deep` draws new and more ones, and prints the seed that repeats them.

const isDeep = process.env["ADJOINT_DEEP"] === "1";

/** The number of runs: the first in a normal run, the second in a deep one. */
export function runs(normal: number, deep: number): number {
  return isDeep ? deep : normal;
}

const seed = Number(process.env["ADJOINT_SEED"] ?? (isDeep ? Date.now() % 2 ** 31 : 1));
if (isDeep) console.log(`ADJOINT_SEED=${seed} repeats this deep run`);

/** What `fc.assert` takes: as many runs as `runs` says, from a seed that is fixed in a normal run. */
export function trials(
  normal: number,
  deep: number = normal * 20,
): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: runs(normal, deep), seed };
}
