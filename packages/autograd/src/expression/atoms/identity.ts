// The identity of an atom, as text: for tables and generated code, since a name may belong to several atoms.

import type { Atom } from "./atom.ts";

const serials = new WeakMap<Atom, number>();
let last = 0;

/**
 * An identifier that belongs to this atom alone, as long as the process runs: its name, as far as that is written in
 * letters and digits, and a number. Two atoms that users made may share a name.
 */
export function identifierOf(atom: Atom): string {
  let serial = serials.get(atom);
  if (serial === undefined) serials.set(atom, (serial = ++last));
  return `${atom.name.replace(/^\d|\W/g, "_")}_${serial}`;
}
