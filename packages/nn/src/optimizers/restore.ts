// What was saved by path, given back to models and optimizers.

import { leaves, transaction, Variable } from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { variables } from "../layer.ts";
import type { TensorsByPath } from "./link.ts";
import { Stateful } from "./state.ts";

/** The names in a path such as `optimizer.state["0.weight"].mean`. */
function namesIn(path: string): string[] {
  const names: string[] = [];
  for (const [, plain, quoted] of path.matchAll(/(?:^|\.)([^.[\]"]+)|\[("(?:[^"\\]|\\.)*")\]/g))
    names.push(plain ?? (JSON.parse(quoted!) as string));
  return names;
}

const startsWith = (names: readonly string[], start: readonly string[]) =>
  start.every((name, i) => name === names[i]);

/**
 * Assigns saved tensors to the variables of a model, an optimizer, or anything that holds some, by the paths that `variables`
 * gives: `restore({ model, optimizer }, saved)` for what was saved of `variables({ model, optimizer })`. All or nothing. An
 * optimizer that has not made a step yet has no memory; it is made of what was saved.
 * Throws Error where the paths are others than those of the variables, and ShapeError or DTypeError where a tensor does not fit.
 */
export function restore(holder: object, saved: TensorsByPath): void {
  const known = variables(holder);
  const keepers = Object.entries(
    leaves(holder, (value): value is Stateful => value instanceof Stateful, { caller: "restore" }),
  ).map(([path, keeper]) => ({ keeper, at: namesIn(path) }));
  const adopted: (() => void)[] = [];
  transaction(() => {
    for (const [path, tensor] of Object.entries(saved)) {
      checkTensor("restore", `what was saved at "${path}"`, tensor);
      const variable = known[path];
      if (variable instanceof Variable) {
        variable.assign(tensor);
        continue;
      }
      const names = namesIn(path);
      const owner = keepers.find(({ at }) => startsWith(names, at));
      const keys = owner === undefined ? [] : names.slice(owner.at.length);
      if (owner === undefined || !owner.keeper.canAdopt(keys))
        throw new Error(
          `restore: there is no variable at "${path}"; restore into the same model, and an optimizer made with the same options`,
        );
      adopted.push(() => owner.keeper.adopt(keys, tensor));
    }
    const missing = Object.keys(known).find((path) => saved[path] === undefined);
    if (missing !== undefined)
      throw new Error(
        `restore: nothing was saved at "${missing}"; restore into the same model, and an optimizer made with the same options`,
      );
  });
  for (const adopt of adopted) adopt();
}
