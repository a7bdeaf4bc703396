// The vocabulary that expressions, scalars and tensors share: every atom and every compound, by name.
// A class takes its elementwise methods from here, so a new entry is a method of all three at once.

import type { Arity, Atom, ResultKind } from "./atoms/atom.ts";
import * as atomTable from "./atoms/index.ts";
import type { Compound } from "./compounds.ts";
import * as compoundTable from "./compounds.ts";

export type Definition = Atom | Compound<Arity, ResultKind>;

type Table = typeof atomTable & typeof compoundTable;

/** The names of the entries with N operands and the given result. */
export type Name<N extends Arity, R extends ResultKind = ResultKind> = {
  [K in keyof Table]: Table[K] extends { readonly arity: N; readonly result: R } ? K : never;
}[keyof Table];

/**
 * The entries with N operands. A type that maps `keyof Entries<N>` gives its members the docstrings of the entries, in
 * references and in editors (TypeScript 6; the language server of 7.0 shows none for mapped types); one that maps the union
 * `Name<N>` has none. It maps with `-?`, since members that the table and the files of the atoms both have count as
 * optional.
 */
export type Entries<N extends Arity> = Pick<Table & atomTable.AtomFiles, Name<N>>;

/** The elementwise methods of a carrier whose every method yields the carrier itself. */
export type PlainMethods<Self> = {
  readonly [K in keyof Entries<1>]-?: () => Self;
} & {
  readonly [K in keyof Entries<2>]-?: (other: Self | number) => Self;
} & {
  readonly [K in keyof Entries<3>]-?: (second: Self | number, third: Self | number) => Self;
};

// In the order of names: some bundlers keep that of definition, and a seed would draw other programs there.
const byName = <T extends Definition>(entries: readonly T[]): readonly T[] =>
  entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));

export const atoms: readonly Atom[] = byName(Object.values(atomTable) as unknown as readonly Atom[]);
export const vocabulary: readonly Definition[] = [
  ...atoms,
  ...byName(Object.values(compoundTable) as unknown as readonly Compound<Arity, ResultKind>[]),
];

export const isAtom = (definition: Definition): definition is Atom => "value" in definition;

type Method<Self> = (this: Self, ...others: never[]) => unknown;

/** A method of an entry, which first checks its operands where the entry says how. */
export function checked<M extends Method<never>>(entry: Definition, method: M): M {
  const check = isAtom(entry) ? undefined : entry.check;
  if (check === undefined) return method;
  return function (this: never, ...others: never[]) {
    check(others);
    return method.apply(this, others);
  } as M;
}

/** Gives a class one method for each entry of the vocabulary; called in the static block of the class. */
export function deriveMethods<Self extends object>(
  prototype: Self,
  method: (entry: Definition) => Method<Self>,
): void {
  for (const entry of vocabulary) {
    const value = checked(entry, method(entry));
    Object.defineProperty(value, "name", { value: entry.name });
    Object.defineProperty(prototype, entry.name, { value, writable: true, configurable: true });
  }
}
