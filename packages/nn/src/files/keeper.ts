// What makes variables only when they are first asked for, as an optimizer makes its memory in its first step. What was
// saved of it is given back before that.

import { leaves, type Tensor } from "@adjoint/autograd";

/** Something that can make variables of what was saved. */
export interface Keeper {
  /** Whether a variable may come to lie in it at keys such as ["state", "0.weight", "mean"]. */
  canAdopt(keys: readonly string[]): boolean;
  /** Makes the variable there. */
  adopt(keys: readonly string[], saved: Tensor): void;
}

const isKeeper = (value: unknown): value is Keeper =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Partial<Keeper>).canAdopt === "function" &&
  typeof (value as Partial<Keeper>).adopt === "function";

/** The keys in a path such as `optimizer.state["0.weight"].mean`. */
function keysIn(path: string): string[] {
  const keys: string[] = [];
  for (const [, plain, quoted] of path.matchAll(/(?:^|\.)([^.[\]"]+)|\[("(?:[^"\\]|\\.)*")\]/g)) {
    if (plain !== undefined) keys.push(plain);
    else
      try {
        keys.push(JSON.parse(quoted!) as string);
      } catch {
        // A path that nothing here has written leads nowhere.
        return [];
      }
  }
  return keys;
}

/** A function that tells, for a path at which there is no variable, how to make one there of what was saved; null for none. */
export function adopterIn(
  model: object,
  caller: string,
): (path: string, saved: Tensor) => (() => void) | null {
  const keepers = Object.entries(leaves(model, isKeeper, { caller })).map(([path, keeper]) => ({
    keeper,
    start: keysIn(path),
  }));
  return (path, saved) => {
    const keys = keysIn(path);
    for (const { keeper, start } of keepers) {
      const rest = keys.slice(start.length);
      if (start.every((key, i) => key === keys[i]) && keeper.canAdopt(rest))
        return () => keeper.adopt(rest, saved);
    }
    return null;
  };
}
