// Who is watching. Every transform that differentiates opens a trace; a tensor carries the set of traces it depends
// on, and is recorded only while one of them is open. Nested transforms can't confuse each other's
// perturbations, because each follows its own trace.

// Variables of the module, since engines read static fields slowly, and every call of a compiled function asks these.
let count = 0;
let running = 0;
let unseen = -1;

/** One watcher. Steps that depend on it are recorded while it is open. */
export class Trace {
  /** Later traces lie within earlier ones. */
  readonly id: number = count++;
  open = true;

  /** Whether any transform is running its function. */
  static get isRunning(): boolean {
    return running > 0;
  }

  /** How often the tape of variables has been swept by user code, rather than by transforms. */
  static sweepsOfVariables = 0;

  /** Runs a function and then closes this trace, also where the function throws. */
  during<T>(run: () => T): T {
    running++;
    try {
      return run();
    } finally {
      running--;
      this.open = false;
    }
  }

  /** Runs a function that no trace made before sees. */
  static unseen<T>(run: () => T): T {
    const before = unseen;
    unseen = count - 1;
    try {
      return run();
    } finally {
      unseen = before;
    }
  }

  /** A number that changes where `unseen` begins and ends. */
  static get unseenSince(): number {
    return unseen;
  }

  /** Whether steps that depend on it are recorded. */
  get isRecording(): boolean {
    return this.open && this.id > unseen;
  }

  /** Runs a function with this trace open. */
  within<T>(run: () => T): T {
    const before = this.open;
    this.open = true;
    try {
      return run();
    } finally {
      this.open = before;
    }
  }

  /** Runs a function with this trace closed, so that what it computes is not recorded for it. */
  without<T>(run: () => T): T {
    const before = this.open;
    this.open = false;
    try {
      return run();
    } finally {
      this.open = before;
    }
  }
}

/** A set of traces, newest first. It nearly always has one or two, and is nearly always shared. */
export interface TraceSet {
  readonly trace: Trace;
  readonly rest: TraceSet | null;
}

/** The trace of all variables: always open, except while `backward` runs. */
export const variableTrace: Trace = new Trace();
export const variableTraces: TraceSet = { trace: variableTrace, rest: null };

export function includes(set: TraceSet | null, trace: Trace): boolean {
  for (let entry = set; entry !== null; entry = entry.rest) if (entry.trace === trace) return true;
  return false;
}

/** The traces of a set that are recorded. */
export function openTraces(set: TraceSet | null): TraceSet | null {
  if (set === null) return null;
  const rest = openTraces(set.rest);
  if (!set.trace.isRecording) return rest;
  return rest === set.rest ? set : { trace: set.trace, rest };
}

/** Whether any trace of a set is open, not counting one. */
export function hasOpen(set: TraceSet | null, aside: Trace | null = null): boolean {
  for (let entry = set; entry !== null; entry = entry.rest)
    if (entry.trace.open && entry.trace !== aside) return true;
  return false;
}

/** A set without one of its traces. */
export function without(set: TraceSet | null, trace: Trace): TraceSet | null {
  if (set === null || !includes(set, trace)) return set;
  return set.trace === trace ? set.rest : { trace: set.trace, rest: without(set.rest, trace) };
}

/** Every open trace of either set. */
export function union(a: TraceSet | null, b: TraceSet | null): TraceSet | null {
  return a === b || b === null ? openTraces(a) : merge(openTraces(a), openTraces(b));
}

/** Every trace of either set. */
export function merge(a: TraceSet | null, b: TraceSet | null): TraceSet | null {
  if (a === null || a === b) return b;
  if (b === null) return a;
  if (a.trace === b.trace) {
    const rest = merge(a.rest, b.rest);
    return rest === a.rest ? a : rest === b.rest ? b : { trace: a.trace, rest };
  }
  const [newer, older] = a.trace.id > b.trace.id ? [a, b] : [b, a];
  const rest = merge(newer.rest, older);
  return rest === newer.rest ? newer : { trace: newer.trace, rest };
}
