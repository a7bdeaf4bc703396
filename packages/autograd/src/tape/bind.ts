// Variables that read other values while a function runs.

import { type Interpreter, interpretWith, stateIn, stateNow } from "./interpreter.ts";
import { sameAs, watchedLeaf } from "./leaf.ts";
import { variableTrace } from "./trace.ts";
import { endLeaf, type Holder, type Holding, heldBy, holderOf, type Value } from "./value.ts";

/** What a variable held when it was first asked for, and what it holds now. */
interface Change {
  readonly first: Holding;
  readonly now: Holding;
}

/** Runs a function on copies of what variables hold; returns its result and what the copies hold in the end. */
function onCopies<T>(run: () => T): { readonly result: T; readonly changes: ReadonlyMap<Holder, Change> } {
  const changes = new Map<Holder, Change>();
  const copying: Interpreter = {
    stateOf(holder, below) {
      let change = changes.get(holder);
      if (change === undefined) {
        const { value, grad } = stateIn(below, holder);
        changes.set(holder, (change = { first: { value, grad }, now: { value, grad } }));
      }
      return change.now;
    },
  };
  return { result: interpretWith(copying, run), changes };
}

/** Gives each variable what its copy holds in the end. */
function keep(changes: ReadonlyMap<Holder, Change>): void {
  for (const [holder, { first, now }] of changes) {
    if (now.value !== first.value) holder.take(now);
    else if (now.grad !== first.grad) holder.setGrad(now.grad);
  }
}

/** Runs a function whose changes to variables are discarded afterwards. */
export const discarded = <T>(run: () => T): T => onCopies(run).result;

/** Runs a function whose changes to variables are made all together or, where it throws, not at all. */
export function allOrNothing<T>(run: () => T): T {
  const { result, changes } = onCopies(run);
  keep(changes);
  return result;
}

/**
 * Runs a function in which each variable holds the value at its place, through which derivatives flow. What the function
 * assigns to such a variable, or adds to its gradient, only the function sees; with `keeps`, it is kept afterwards.
 */
export function bound<T>(
  variables: readonly Value[],
  values: readonly Value[],
  run: () => T,
  keeps = false,
): T {
  const bindings = new Map<Holder, { readonly first: Holding; readonly now: BoundState }>();
  variables.forEach((variable, i) => {
    const holder = holderOf(variable)!;
    if (bindings.has(holder)) return;
    // What a variable holds now, where one is given: it may be assigned before anybody asks for derivatives.
    const given = heldBy(values[i]!);
    const first = { value: watchedLeaf(given, variableTrace, holder), grad: stateNow(holder).grad };
    bindings.set(holder, { first, now: new BoundState(first, given) });
  });
  if (bindings.size === 0) return run();
  const binding: Interpreter = {
    stateOf: (holder, below) => bindings.get(holder)?.now ?? stateIn(below, holder),
  };
  if (keeps) {
    const result = interpretWith(binding, run);
    keep(bindings);
    return result;
  }
  try {
    return interpretWith(binding, run);
  } finally {
    for (const { now } of bindings.values()) now.end();
  }
}

/**
 * The state of a variable while it is bound. Within the function, `backward` ends at the variable's leaves. After the
 * function has ended, the first leaf is the given value under another name, and an assigned one is a constant.
 */
class BoundState implements Holding {
  grad: Value | null;
  #value: Value;
  readonly #leaves: Value[];
  readonly #given: Value;

  constructor({ value, grad }: Holding, given: Value) {
    this.#value = value;
    this.grad = grad;
    this.#given = given;
    this.#leaves = [value];
  }

  get value(): Value {
    return this.#value;
  }

  set value(value: Value) {
    this.#value = value;
    this.#leaves.push(value);
  }

  end(): void {
    const [first, ...assigned] = this.#leaves;
    endLeaf(first!, sameAs(this.#given));
    // An assignment begins a new leaf: variables' derivatives don't reach what was assigned.
    for (const leaf of assigned) endLeaf(leaf, leaf.step);
  }
}
