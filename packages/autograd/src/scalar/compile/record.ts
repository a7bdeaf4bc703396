// Records a function of scalars: the function runs once on the scalar tape, and the nodes that its results need become
// a tape of their own, on which sources come first and steps follow in their order. program.ts runs that tape.

import { CompileError } from "../../array/errors.ts";
import { interpretWith } from "../../tape/interpreter.ts";
import { descend } from "../backward.ts";
import { ScalarInterpreter } from "../interpreter.ts";
import { functions, Kind } from "../rules.ts";
import { Leaf, type Place, Segment, tape } from "../segment.ts";

/** What a function does, as one segment that holds nothing else. */
export interface ScalarTape {
  /** Node k is operand k; then come constants, and from `first` on steps. */
  readonly segment: Segment;
  readonly first: number;
  /** The operands: first the arguments, then the values that the function takes from outside. */
  readonly taken: readonly (Leaf | Place)[];
  readonly results: readonly number[];
  /** The nodes on which `backward` was called, one entry for each call. */
  readonly seeds: readonly number[];
}

const advice = {
  value:
    "value: a Scalar's number is asked for while the function is being compiled, and would be the same in every call; choose with condition.select(a, b) instead of if, and read values outside",
  grad: "grad: a Scalar's grad is asked for while the function is being compiled, and would be the same in every call; return loss.gradient(inputs), or call backward inside and read grad outside",
  assign:
    "assign: a Scalar is assigned while the function is being compiled, and would not be in later calls; assign outside, after the call",
} as const;

export class ScalarRecording extends ScalarInterpreter {
  readonly #inner = new Set<Leaf>();
  readonly #seeds: (Leaf | Place)[] = [];
  readonly #before: Segment = tape.segment;
  /** An empty segment. What is recorded lies in the segments after it. */
  readonly #mark: Segment = new Segment(tape.segment.serial + 1, 0);

  leaf(leaf: Leaf): void {
    this.#inner.add(leaf);
  }

  backward(from: Leaf | Place): void {
    this.#seeds.push(from);
  }

  refuse(what: keyof typeof advice): never {
    throw new CompileError(`compile: ${advice[what]}`);
  }

  record<T>(run: () => T): T {
    tape.segment = this.#mark;
    try {
      return interpretWith(this, run);
    } finally {
      if (tape.segment === this.#mark) tape.segment = this.#before;
    }
  }

  /** Whether the function did anything with scalars. */
  get isTouched(): boolean {
    return tape.segment !== this.#before || this.#seeds.length > 0 || this.#inner.size > 0;
  }

  /** The recorded nodes that the results need, as a tape. `given` are the leaves that stand for the arguments. */
  tapeOf(given: readonly Leaf[], results: readonly (Leaf | Place)[]): ScalarTape {
    const ends = [...results, ...this.#seeds];
    const visits = this.#visits(ends);
    const sources = new Sources(given, this.#inner);
    const isOutside = (place: Place) => place.segment.serial <= this.#mark.serial;
    const images = new Map<Segment, Int32Array>();
    const imageOf = (end: Leaf | Place) => {
      if (end instanceof Leaf || isOutside(end)) return sources.of(end);
      return images.get(end.segment)![end.index]!;
    };
    // Sources are counted before steps are numbered.
    for (const { segment, isNeeded, crossings } of visits) {
      for (let i = 0; i < segment.size; i++) {
        if (isNeeded[i] === 0) continue;
        const kind = segment.code[i];
        if (kind === Kind.leaf) sources.of(segment.leaves[segment.a[i]!]!);
        else if (kind === Kind.constant) sources.constant(segment.value[i]!);
        else if (kind === Kind.older && isOutside(crossings.get(i)!)) sources.of(crossings.get(i)!);
      }
    }
    for (const end of ends) if (end instanceof Leaf || isOutside(end)) sources.of(end);
    const steps = visits.reduce((sum, { count }) => sum + count, 0);
    const own = new Segment(0, sources.size + steps);
    sources.writeTo(own);
    const first = own.size;
    for (const { segment, isNeeded, crossings } of visits) {
      const image = new Int32Array(segment.size);
      images.set(segment, image);
      for (let i = 0; i < segment.size; i++) {
        if (isNeeded[i] === 0) continue;
        const kind = segment.code[i];
        if (kind === Kind.leaf) image[i] = sources.of(segment.leaves[segment.a[i]!]!);
        else if (kind === Kind.constant) image[i] = sources.constant(segment.value[i]!);
        else if (kind === Kind.older) image[i] = imageOf(crossings.get(i)!);
        else image[i] = copyStep(segment, i, own, image);
      }
    }
    return {
      segment: own,
      first,
      taken: sources.taken,
      results: results.map(imageOf),
      seeds: this.#seeds.map(imageOf),
    };
  }

  /** The recorded segments that some values depend on, oldest first, and which of their nodes are needed. */
  #visits(ends: readonly (Leaf | Place)[]): Visit[] {
    const visits: Visit[] = [];
    const roots = ends.flatMap((end) =>
      end instanceof Leaf || end.segment.serial <= this.#mark.serial ? [] : [{ place: end, cotangent: true }],
    );
    descend(roots, (segment, arrivals, dependencies) => {
      const isNeeded = new Uint8Array(segment.size);
      for (const { index } of arrivals) isNeeded[index] = 1;
      let count = 0;
      for (let i = segment.size - 1; i >= 0; i--) {
        const step = isNeeded[i] === 0 ? null : segment.read(i, functions);
        if (step === null) continue;
        count++;
        for (const operand of step.operands) isNeeded[operand] = 1;
      }
      const crossings = new Map((dependencies?.crossings ?? []).map(({ at, source }) => [at, source]));
      visits.push({ segment, isNeeded, crossings, count });
      return (index) => {
        const isInside = crossings.get(index)!.segment.serial > this.#mark.serial;
        return isInside && isNeeded[index] === 1 ? true : undefined;
      };
    });
    return visits.reverse();
  }
}

interface Visit {
  readonly segment: Segment;
  readonly isNeeded: Uint8Array;
  readonly crossings: ReadonlyMap<number, Place>;
  /** How many steps are needed. */
  readonly count: number;
}

function copyStep(from: Segment, index: number, to: Segment, image: Int32Array): number {
  const at = to.size++;
  const code = from.code[index]!;
  to.code[at] = code;
  if (code === Kind.call) {
    const { fn, operands } = from.calls[from.a[index]!]!;
    to.a[at] = to.calls.length;
    to.calls.push({ fn, operands: operands.map((operand) => image[operand]!) });
  } else {
    to.a[at] = image[from.a[index]!]!;
    to.b[at] = image[from.b[index]!]!;
  }
  return at;
}

/** The nodes of a tape that have no operands, each once. */
class Sources {
  readonly taken: (Leaf | Place)[] = [];
  readonly #constants: number[] = [];
  readonly #known = new Map<Leaf | number | string, number>();
  readonly #inner: ReadonlySet<Leaf>;
  /** Until all sources are known, operands are numbered from 0 upwards and constants from −1 downwards. */
  #isComplete = false;

  constructor(given: readonly Leaf[], inner: ReadonlySet<Leaf>) {
    for (const leaf of given) this.#known.set(leaf, this.taken.push(leaf) - 1);
    this.#inner = inner;
  }

  get size(): number {
    return this.taken.length + this.#constants.length;
  }

  of(source: Leaf | Place): number {
    const isLeaf = source instanceof Leaf;
    const key = isLeaf ? source : `${source.segment.serial} ${source.index}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // A leaf that the function makes has the same value in every call.
    if (isLeaf && this.#inner.has(source)) return this.constant(source.value);
    const place = this.taken.push(source) - 1;
    this.#known.set(key, place);
    return place;
  }

  constant(value: number): number {
    const key = Object.is(value, -0) ? "-0" : value;
    let place = this.#known.get(key);
    if (place === undefined) this.#known.set(key, (place = -this.#constants.push(value)));
    return this.#isComplete ? this.taken.length - 1 - place : place;
  }

  writeTo(segment: Segment): void {
    this.#isComplete = true;
    this.taken.forEach((_, place) => {
      segment.a[segment.source(Kind.leaf, NaN)] = place;
    });
    for (const value of this.#constants) segment.source(Kind.constant, value);
  }
}
