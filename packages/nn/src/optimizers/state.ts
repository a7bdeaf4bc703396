// The memory of an optimizer: variables in plain fields by path, made where they are first asked for.

import { type DType, full, type Tensor, type Variable, variable } from "@adjoint/autograd";
import { hasShape } from "../arguments.ts";
import type { Keeper } from "../files/keeper.ts";
import type { Memory } from "./link.ts";

type Fields = Record<string, Variable>;

const isLike = (kept: Variable, shape: readonly number[], dtype: DType) =>
  kept.dtype === dtype && hasShape(kept, shape);

/** What has memory: `variables` finds it, and `load` may make it before anybody asks for it. */
export class Stateful implements Keeper {
  /** Its name, for errors. */
  readonly name: string;
  /** What is remembered for each variable, by its path: `state["0.weight"].mean`. */
  readonly state: Record<string, Fields> = {};
  /** What is remembered for all variables together. */
  readonly common: Fields = {};
  /** The variables to which the paths belong. */
  readonly #owners = new Map<string, Variable>();
  readonly #paths = new Map<Variable, string>();
  /** What was made of something saved and nobody has asked for yet. */
  readonly #unasked = new Set<Variable>();
  /** How to undo what the running step has made, in its order; null where none runs. */
  #undo: (() => void)[] | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** Throws Error where a path has belonged to another variable, or a variable to another path. */
  protected claim(path: string, owner: Variable): void {
    const known = this.#owners.get(path);
    if (known !== undefined && known !== owner)
      throw new Error(
        `${this.name}: "${path}" was another variable in an earlier step, whose memory must not be mixed with this one's; give each its own path, e.g. step({ encoder: a, decoder: b }), or make an optimizer for each`,
      );
    const before = this.#paths.get(owner);
    if (before !== undefined && before !== path)
      throw new Error(
        `${this.name}: the variable at "${path}" was at "${before}" in an earlier step, where its memory is; give the same paths in each step, e.g. step(variables(model))`,
      );
    if (known !== undefined) return;
    this.#owners.set(path, owner);
    this.#paths.set(owner, path);
    this.#undo?.push(() => {
      this.#owners.delete(path);
      this.#paths.delete(owner);
    });
  }

  /**
   * Memory for one step. Two links that use one name for one variable have two memories: the second one's is called
   * "mean2". The order of the links tells which is which, so that it is the same in each step.
   */
  protected memories(values: Readonly<Record<string, Tensor>>): (path: string | null) => Memory {
    const taken = new Map<string | null, Set<string>>();
    return (path) => {
      const own = new Map<string, Variable>();
      return (name, shape = path === null ? [] : values[path]!.shape, start = 0) => {
        const known = own.get(name);
        if (known !== undefined) return known;
        const others = taken.get(path) ?? new Set();
        taken.set(path, others);
        let unique = name;
        for (let k = 2; others.has(unique); k++) unique = `${name}${k}`;
        others.add(unique);
        const dtype = path === null ? "float64" : values[path]!.dtype;
        const kept = this.#kept(path, unique, shape, dtype, start);
        own.set(name, kept);
        return kept;
      };
    };
  }

  #kept(path: string | null, name: string, shape: readonly number[], dtype: DType, start: number): Variable {
    const fields = this.#fieldsOf(path);
    const present = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const where = path === null ? name : `${path} ${name}`;
    if (present === undefined) {
      const made = variable(full(shape, start, { dtype }), { name: where, trainable: false });
      fields[name] = made;
      this.#undo?.push(() => delete fields[name]);
      return made;
    }
    if (!isLike(present, shape, dtype))
      throw new Error(
        `${this.name}: the memory "${where}" is ${present.dtype} [${present.shape.join(", ")}] and the step needs ${dtype} [${shape.join(", ")}]; load what was saved of the same optimizer for the same model`,
      );
    this.#unasked.delete(present);
    return present;
  }

  /** Throws Error where what was loaded for these paths, or for all together, is not what a step has asked for. */
  protected checkAsked(paths: readonly string[]): void {
    if (this.#unasked.size === 0) return;
    const places = [null, ...paths].map((path) => [path, this.#fieldsOf(path)] as const);
    for (const [path, fields] of places)
      for (const [name, each] of Object.entries(fields))
        if (this.#unasked.has(each))
          throw new Error(
            `${this.name}: the memory "${path === null ? name : `${path} ${name}`}" was loaded and no step asks for it; load what was saved of the same optimizer`,
          );
  }

  #fieldsOf(path: string | null): Fields {
    if (path === null) return this.common;
    // A path may be "constructor", which every object has.
    if (!Object.hasOwn(this.state, path)) {
      this.state[path] = {};
      this.#undo?.push(() => delete this.state[path]);
    }
    return this.state[path]!;
  }

  /** Whether there may be memory at keys such as ["state", "0.weight", "mean"]. */
  canAdopt(keys: readonly string[]): boolean {
    return keys.length === 3 ? keys[0] === "state" : keys.length === 2 && keys[0] === "common";
  }

  /** Makes memory there, of what was saved, in its shape. */
  adopt(keys: readonly string[], saved: Tensor): void {
    const name = keys.at(-1)!;
    const path = keys.length === 3 ? keys[1]! : null;
    const label = path === null ? name : `${path} ${name}`;
    const made = variable(saved, { name: label, trainable: false });
    this.#fieldsOf(path)[name] = made;
    this.#unasked.add(made);
  }

  /** Runs a function and, where it throws, forgets what was made for it. */
  protected forgettingFailures<T>(run: () => T): T {
    const outer = this.#undo;
    const own: (() => void)[] = [];
    this.#undo = own;
    try {
      const result = run();
      outer?.push(...own);
      return result;
    } catch (error) {
      for (const undo of own.reverse()) undo();
      throw error;
    } finally {
      this.#undo = outer;
    }
  }
}
