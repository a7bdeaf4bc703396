// Reverse mode on the scalar tape: the order in which segments are visited, and the pass over one segment. The pass
// is generated from the rules, or interpreted where generating code is not allowed. No operation is named here.

import { canGenerateCode, generate, makeFunction, type NumberFunction } from "../expression/to-function.ts";
import { cotangent, cotangents, functions, Kind } from "./rules.ts";
import { CAPACITY, Dependencies, type Place, type Segment } from "./segment.ts";

/** A cotangent and the node that receives it. */
export interface Arrival<T> {
  readonly index: number;
  readonly cotangent: T;
}

interface Visit<T> {
  readonly arrivals: Arrival<T>[];
  dependencies: Dependencies | null;
}

/**
 * Visits the segments that the roots depend on, newest first. `sweep` takes the cotangents that arrive in a segment.
 * It returns a function from the node of a crossing to its cotangent, which is undefined where there is none.
 */
export function descend<T>(
  roots: readonly { readonly place: Place; readonly cotangent: T }[],
  sweep: (
    segment: Segment,
    arrivals: readonly Arrival<T>[],
    dependencies: Dependencies | null,
  ) => (index: number) => T | undefined,
): void {
  const pending = new Map<Segment, Visit<T>>();
  const arrive = ({ segment, index, dependencies }: Place, cotangent: T) => {
    let visit = pending.get(segment);
    if (visit === undefined) pending.set(segment, (visit = { arrivals: [], dependencies: null }));
    visit.arrivals.push({ index, cotangent });
    visit.dependencies = Dependencies.join(visit.dependencies, dependencies);
  };
  for (const { place, cotangent } of roots) arrive(place, cotangent);
  while (pending.size > 0) {
    const segment = newest(pending.keys());
    const { arrivals, dependencies } = pending.get(segment)!;
    pending.delete(segment);
    const departure = sweep(segment, arrivals, dependencies);
    for (const { at, source } of dependencies?.crossings ?? []) {
      const cotangent = departure(at);
      if (cotangent !== undefined) arrive(source, cotangent);
    }
  }
}

function newest(segments: Iterable<Segment>): Segment {
  let found: Segment | null = null;
  for (const segment of segments) if (found === null || segment.serial > found.serial) found = segment;
  return found!;
}

// Work arrays of a pass over one segment. All zero between passes.
const adjoint = new Float64Array(CAPACITY);
const reached = new Uint8Array(CAPACITY);

/** Adds derivatives with respect to leaves to their `grad`, and stores those of intermediates on the tape. */
export function backward(roots: readonly { readonly place: Place; readonly cotangent: number }[]): void {
  descend(roots, (segment, arrivals, dependencies) => {
    let [high, low] = [0, CAPACITY];
    for (const { index, cotangent } of arrivals) {
      adjoint[index]! += cotangent;
      reached[index] = 1;
      high = Math.max(high, index);
      low = Math.min(low, segment.low[index]!);
    }
    try {
      scan(segment, high, low, adjoint, reached, dependencies);
    } catch (error) {
      // A user's function has thrown. The next pass must find zeros all the same.
      adjoint.fill(0);
      reached.fill(0);
      for (const { externalCall } of dependencies?.externalCalls ?? []) externalCall.cotangents.fill(0);
      throw error;
    }
    return (index) => {
      if (reached[index] === 0) return undefined;
      reached[index] = 0;
      return segment.grad[index]!;
    };
  });
}

/** Scans the nodes from `high` down to `low`. Those that stand for older segments' values stay marked in `reached`. */
export const scan: Pass = (segment, high, low, adjoint, reached, dependencies) => {
  pass ??= canGenerateCode() ? generatedPass() : interpretedPass;
  pass(segment, high, low, adjoint, reached, dependencies);
};

type Pass = (
  segment: Segment,
  high: number,
  low: number,
  adjoint: Float64Array,
  reached: Uint8Array,
  dependencies: Dependencies | null,
) => void;

let pass: Pass | undefined;

/** The pass as one loop with a case for each operation, in which its rule is written out. */
function generatedPass(): Pass {
  const scope = new Map<string, unknown>([
    ["call", passCall],
    ["outside", passOutside],
  ]);
  const cases = functions.map((_, code) => (code < Kind.first ? "" : generatedCase(code, scope))).join("\n");
  const body = `
    const { code, a, b, value, grad, leaves } = segment;
    for (let i = high; i >= low; i--) {
      if (reached[i] === 0) continue;
      const g = adjoint[i], kind = code[i], p = a[i], q = b[i];
      grad[i] = g;
      adjoint[i] = 0;
      if (kind < ${Kind.first}) {
        if (kind === ${Kind.older}) continue;
        reached[i] = 0;
        if (kind === ${Kind.leaf}) leaves[p].grad += g;
        else if (kind === ${Kind.call}) call(segment, i, g, adjoint, reached);
        else if (kind !== ${Kind.constant}) outside(segment, i, g, adjoint, reached, dependencies);
        continue;
      }
      reached[i] = 0;
      reached[p] = 1;
      reached[q] = 1;
      // A zero cotangent contributes exactly zero, whatever the derivative is.
      if (g === 0) continue;
      switch (kind) {
        ${cases}
      }
    }`;
  return makeFunction<Pass>(["segment", "high", "low", "adjoint", "reached", "dependencies"], body, scope);
}

function generatedCase(code: number, scope: Map<string, unknown>): string {
  const fn = functions[code]!;
  const names = [...["value[p]", "value[q]"].slice(0, fn.arity), "value[i]", "g"];
  const additions = ["p", "q"].slice(0, fn.arity).map((operand, k) => {
    const rule = cotangent(fn, k);
    if (rule === null) return "";
    const { statements, results, functions } = generate([rule], names);
    for (const [name, value] of functions) scope.set(name, value);
    return `{ ${statements} adjoint[${operand}] += ${results[0]}; }`;
  });
  return `case ${code}: ${additions.join(" ")} break;`;
}

/** The same pass without generated code. */
const interpretedPass: Pass = (segment, high, low, adjoint, reached, dependencies) => {
  const { code, a, b, value, grad, leaves } = segment;
  for (let i = high; i >= low; i--) {
    if (reached[i] === 0) continue;
    const g = adjoint[i]!;
    grad[i] = g;
    adjoint[i] = 0;
    const kind = code[i]!;
    if (kind === Kind.older) continue;
    reached[i] = 0;
    if (kind === Kind.leaf) leaves[a[i]!]!.grad += g;
    else if (kind === Kind.call) passCall(segment, i, g, adjoint, reached);
    else if (kind >= Kind.first) {
      const fn = functions[kind]!;
      const operands = fn.arity === 1 ? [a[i]!] : [a[i]!, b[i]!];
      distribute(cotangents(fn), operands, value, i, g, adjoint, reached);
    } else if (kind !== Kind.constant) passOutside(segment, i, g, adjoint, reached, dependencies);
  }
};

/**
 * The backward step of an external call or of one of its results. A result adds its cotangent to those that the call
 * collects. The call itself is scanned after all its results, and adds to its operands' cotangents.
 */
function passOutside(
  segment: Segment,
  index: number,
  g: number,
  adjoint: Float64Array,
  reached: Uint8Array,
  dependencies: Dependencies | null,
): void {
  const isPart = segment.code[index] === Kind.part;
  const at = isPart ? segment.a[index]! : index;
  const { externalCall } = dependencies!.externalCalls.find((known) => known.at === at)!;
  if (isPart) {
    externalCall.cotangents[segment.b[index]!]! += g;
    reached[at] = 1;
    return;
  }
  const terms = externalCall.pull();
  externalCall.cotangents.fill(0);
  const { operands } = externalCall;
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (typeof operand === "number") {
      adjoint[operand]! += terms[k]!;
      reached[operand] = 1;
    } else operand.grad += terms[k]!;
  }
}

function passCall(
  segment: Segment,
  index: number,
  g: number,
  adjoint: Float64Array,
  reached: Uint8Array,
): void {
  const { fn, operands } = segment.calls[segment.a[index]!]!;
  distribute(cotangents(fn), operands, segment.value, index, g, adjoint, reached);
}

function distribute(
  rules: readonly (NumberFunction | null)[],
  operands: readonly number[],
  value: Float64Array,
  index: number,
  g: number,
  adjoint: Float64Array,
  reached: Uint8Array,
): void {
  for (const operand of operands) reached[operand] = 1;
  if (g === 0) return;
  const known = [...operands.map((operand) => value[operand]!), value[index]!, g];
  for (let k = 0; k < operands.length; k++) {
    const rule = rules[k]!;
    if (rule !== null) adjoint[operands[k]!]! += rule(...known);
  }
}
