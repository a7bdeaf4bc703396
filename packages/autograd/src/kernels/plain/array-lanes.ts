// Lanes as arrays: an operation on lanes is a loop over numbers, with the bits that a vector instruction gives. So functions
// of elements have one result whether kernels have arrived or not. Whole numbers of 64 bits are pairs of words, the lower
// first, as they lie in memory.

import type { Lane, Lanes } from "../../expression/lanes.ts";

type Numbers = Float32Array | Float64Array;

/** Lanes, and the array that holds them: as numbers, and as words of 32 bits. */
export interface ArrayLane extends Lane {
  readonly numbers: Numbers;
  readonly words: Int32Array;
}

type OnNumbers = (to: Numbers, a: Numbers, b: Numbers, c: Numbers) => void;
type OnWords = (to: Int32Array, a: Int32Array, b: Int32Array, c: Int32Array) => void;

const SIGN = -(2 ** 31);

/** To the nearest whole number, ties to even, with the sign kept: from 2⁵² on, sums are whole. */
function nearest(x: number): number {
  const size = Math.abs(x);
  if (!(size < 2 ** 52)) return x;
  const whole = size + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -whole : whole;
}

/** To a whole number of 32 bits: the nearest to 0, or the bound that it lies beyond; 0 for NaN. */
const saturated = (x: number): number => Math.max(SIGN, Math.min(2 ** 31 - 1, x)) | 0;

/** b < a ? b : a, as the instructions have it: of zeros the first, and the first where one is NaN. Math.min differs. */
export function lesser(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

/** a < b ? b : a. */
export function greater(a: number, b: number): number {
  if (a < b) return b;
  return a;
}

/** Operations on so many lanes of one width, done at once. */
export class ArrayLanes implements Lanes {
  readonly bits: 32 | 64;
  readonly #count: number;
  /** Constants that have been asked for: they are the same in every run. */
  readonly #constants = new Map<number | bigint | string, ArrayLane>();
  /** The arrays of a run, in the order in which it takes them; the next run takes the same ones. */
  readonly #arrays: Pick<ArrayLane, "numbers" | "words">[] = [];
  #taken = 0;
  /** Lanes of 64 bits, for `wide`. */
  #wider: ArrayLanes | undefined;

  constructor(bits: 32 | 64, count: number) {
    this.bits = bits;
    this.#count = count;
  }

  /** Ends a run: what it made is overwritten by the next one. To make all arrays anew would take longer than to fill them. */
  restart(): void {
    this.#taken = 0;
    this.#wider?.restart();
  }

  #array(): Pick<ArrayLane, "numbers" | "words"> {
    const numbers = this.bits === 32 ? new Float32Array(this.#count) : new Float64Array(this.#count);
    return { numbers, words: new Int32Array(numbers.buffer) };
  }

  /** Lanes that hold anything. */
  make(kind: Lane["kind"]): ArrayLane {
    const { numbers, words } = (this.#arrays[this.#taken++] ??= this.#array());
    return { kind, numbers, words };
  }

  #numbers(operands: readonly Lane[], write: OnNumbers): ArrayLane {
    const result = this.make("float");
    const [a, b = a, c = a] = operands as readonly ArrayLane[];
    write(result.numbers, a!.numbers, b!.numbers, c!.numbers);
    return result;
  }

  #words(kind: Lane["kind"], operands: readonly Lane[], write: OnWords): ArrayLane {
    const result = this.make(kind);
    const [a, b = a, c = a] = operands as readonly ArrayLane[];
    write(result.words, a!.words, b!.words, c!.words);
    return result;
  }

  /** Number by number: for what is rarely asked for. */
  #each(a: Lane, value: (x: number) => number): ArrayLane {
    return this.#numbers([a], (to, x) => {
      for (let i = 0; i < to.length; i++) to[i] = value(x[i]!);
    });
  }

  constant(value: number): ArrayLane {
    // A Map takes 0 and −0 for one key.
    const key = Object.is(value, -0) ? "-0" : value;
    let lane = this.#constants.get(key);
    if (lane === undefined) {
      const { numbers, words } = this.#array();
      lane = { kind: "float", constant: value, numbers: numbers.fill(value), words };
      this.#constants.set(key, lane);
    }
    return lane;
  }

  pattern(value: bigint): ArrayLane {
    let lane = this.#constants.get(value);
    if (lane === undefined) {
      lane = { kind: "int", ...this.#array() };
      if (this.bits === 32) lane.words.fill(Number(BigInt.asIntN(32, value)));
      else new BigInt64Array(lane.words.buffer).fill(value);
      this.#constants.set(value, lane);
    }
    return lane;
  }

  add(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! + y[i]!;
    });
  }
  sub(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! - y[i]!;
    });
  }
  mul(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! * y[i]!;
    });
  }
  div(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! / y[i]!;
    });
  }
  neg(a: Lane): ArrayLane {
    return this.#each(a, (x) => -x);
  }
  abs(a: Lane): ArrayLane {
    return this.#each(a, Math.abs);
  }
  sqrt(a: Lane): ArrayLane {
    return this.#each(a, Math.sqrt);
  }
  floor(a: Lane): ArrayLane {
    return this.#each(a, Math.floor);
  }
  ceil(a: Lane): ArrayLane {
    return this.#each(a, Math.ceil);
  }
  trunc(a: Lane): ArrayLane {
    return this.#each(a, Math.trunc);
  }
  nearest(a: Lane): ArrayLane {
    return this.#each(a, nearest);
  }
  madd(a: Lane, b: Lane, c: Lane): ArrayLane {
    return this.#numbers([a, b, c], (to, x, y, z) => {
      for (let i = 0; i < to.length; i++) {
        // Where it is stored the product is rounded, as the sum is.
        to[i] = x[i]! * y[i]!;
        to[i]! += z[i]!;
      }
    });
  }
  lesser(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = lesser(x[i]!, y[i]!);
    });
  }
  greater(a: Lane, b: Lane): ArrayLane {
    return this.#numbers([a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = greater(x[i]!, y[i]!);
    });
  }

  /** A mask of the lanes where a comparison holds, of floats or of whole numbers. */
  #mask(a: Lane, b: Lane, holds: (x: number | bigint, y: number | bigint) => boolean): ArrayLane {
    const [x, y] = [a, b].map((lane) => {
      const { numbers, words } = lane as ArrayLane;
      if (lane.kind === "float") return numbers;
      return this.bits === 32 ? words : new BigInt64Array(words.buffer);
    });
    const perLane = this.bits / 32;
    return this.#words("mask", [a], (to) => {
      for (let i = 0; i < to.length; i++) {
        const lane = Math.floor(i / perLane);
        to[i] = holds(x![lane]!, y![lane]!) ? -1 : 0;
      }
    });
  }
  isEqual(a: Lane, b: Lane): ArrayLane {
    return this.#mask(a, b, (x, y) => x === y);
  }
  isNotEqual(a: Lane, b: Lane): ArrayLane {
    return this.#mask(a, b, (x, y) => x !== y);
  }
  isLess(a: Lane, b: Lane): ArrayLane {
    return this.#mask(a, b, (x, y) => x < y);
  }
  isLessEqual(a: Lane, b: Lane): ArrayLane {
    return this.#mask(a, b, (x, y) => x <= y);
  }

  choose(mask: Lane, a: Lane, b: Lane): ArrayLane {
    return this.#words(a.kind, [mask, a, b], (to, m, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = (x[i]! & m[i]!) | (y[i]! & ~m[i]!);
    });
  }
  and(a: Lane, b: Lane): ArrayLane {
    return this.#words(a.kind, [a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! & y[i]!;
    });
  }
  or(a: Lane, b: Lane): ArrayLane {
    return this.#words(a.kind, [a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! | y[i]!;
    });
  }
  xor(a: Lane, b: Lane): ArrayLane {
    return this.#words(a.kind, [a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! ^ y[i]!;
    });
  }
  andNot(a: Lane, b: Lane): ArrayLane {
    return this.#words(a.kind, [a, b], (to, x, y) => {
      for (let i = 0; i < to.length; i++) to[i] = x[i]! & ~y[i]!;
    });
  }
  not(a: Lane): ArrayLane {
    return this.#words(a.kind, [a], (to, x) => {
      for (let i = 0; i < to.length; i++) to[i] = ~x[i]!;
    });
  }

  asInt(a: Lane): ArrayLane {
    const { numbers, words } = a as ArrayLane;
    return { kind: "int", numbers, words };
  }
  asFloat(a: Lane): ArrayLane {
    const { numbers, words } = a as ArrayLane;
    return { kind: "float", numbers, words };
  }

  intAdd(a: Lane, b: Lane): ArrayLane {
    return this.#words("int", [a, b], (to, x, y) => {
      if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = x[i]! + y[i]!;
      else
        for (let i = 0; i < to.length; i += 2) {
          to[i] = x[i]! + y[i]!;
          to[i + 1] = x[i + 1]! + y[i + 1]! + Number(to[i]! >>> 0 < x[i]! >>> 0);
        }
    });
  }
  intSub(a: Lane, b: Lane): ArrayLane {
    return this.#words("int", [a, b], (to, x, y) => {
      if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = x[i]! - y[i]!;
      else
        for (let i = 0; i < to.length; i += 2) {
          to[i] = x[i]! - y[i]!;
          to[i + 1] = x[i + 1]! - y[i + 1]! - Number(x[i]! >>> 0 < y[i]! >>> 0);
        }
    });
  }
  intMul(a: Lane, b: Lane): ArrayLane {
    return this.#words("int", [a, b], (to, x, y) => {
      if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = Math.imul(x[i]!, y[i]!);
      else {
        const [result, left, right] = [to, x, y].map(({ buffer }) => new BigInt64Array(buffer));
        for (let i = 0; i < result!.length; i++) result![i] = left![i]! * right![i]!;
      }
    });
  }

  shiftLeft(a: Lane, by: number): ArrayLane {
    return this.#words("int", [a], (to, x) => {
      if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = x[i]! << by;
      else
        for (let i = 0; i < to.length; i += 2) {
          const low = x[i]!;
          to[i] = by < 32 ? low << by : 0;
          // Shifts count modulo 32, so that none at all needs two steps.
          to[i + 1] = by < 32 ? (x[i + 1]! << by) | ((low >>> 1) >>> (31 - by)) : low << (by - 32);
        }
    });
  }
  /** Bits moved down. From above a word come copies of its bits in `sign`, or zeros. */
  #down(a: Lane, by: number, shifted: (word: number, by: number) => number, sign: number): ArrayLane {
    return this.#words("int", [a], (to, x) => {
      if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = shifted(x[i]!, by);
      else
        for (let i = 0; i < to.length; i += 2) {
          const high = x[i + 1]!;
          to[i] = by < 32 ? (x[i]! >>> by) | ((high << 1) << (31 - by)) : shifted(high, by - 32);
          to[i + 1] = by < 32 ? shifted(high, by) : high & sign && -1;
        }
    });
  }
  shiftRight(a: Lane, by: number): ArrayLane {
    return this.#down(a, by, (word, bits) => word >> bits, SIGN);
  }
  shiftRightUnsigned(a: Lane, by: number): ArrayLane {
    return this.#down(a, by, (word, bits) => word >>> bits, 0);
  }

  toInt(a: Lane): ArrayLane {
    const { numbers } = a as ArrayLane;
    return this.#words("int", [a], (to) => this.#fill(to, (i) => saturated(numbers[i]!)));
  }
  toFloat(a: Lane): ArrayLane {
    const { words } = a as ArrayLane;
    return this.#numbers([a], (to) => {
      for (let i = 0; i < to.length; i++) to[i] = words[(i * this.bits) / 32]!;
    });
  }
  /** Sets whole numbers of 32 bits. */
  #fill(to: Int32Array, value: (lane: number) => number): void {
    if (this.bits === 32) for (let i = 0; i < to.length; i++) to[i] = value(i);
    else
      for (let i = 0; i < to.length; i += 2) {
        to[i] = value(i / 2);
        to[i + 1] = to[i]! >> 31;
      }
  }

  wide(compute: (lanes: Lanes, ...operands: Lane[]) => Lane, ...operands: Lane[]): ArrayLane {
    if (this.bits === 64) return compute(this, ...operands) as ArrayLane;
    const lanes = (this.#wider ??= new ArrayLanes(64, this.#count));
    const widened = operands.map((operand) => {
      const { numbers, words } = operand as ArrayLane;
      const lane = lanes.make(operand.kind);
      if (operand.kind === "float") lane.numbers.set(numbers);
      else lanes.#fill(lane.words, (i) => words[i]!);
      return lane;
    });
    const { kind, numbers, words } = compute(lanes, ...widened) as ArrayLane;
    const result = this.make(kind);
    if (kind === "float") result.numbers.set(numbers);
    else for (let i = 0; i < this.#count; i++) result.words[i] = words[2 * i]!;
    return result;
  }

  exceptWhere(
    mask: Lane,
    usual: Lane,
    value: (...operands: number[]) => number,
    ...operands: Lane[]
  ): ArrayLane {
    const isMeant = (mask as ArrayLane).words;
    const result = this.make(usual.kind);
    result.words.set((usual as ArrayLane).words);
    for (let i = 0; i < this.#count; i++) {
      if (isMeant[(i * this.bits) / 32] === 0) continue;
      const given = [0, 1, 2].map((k) => (operands[k] as ArrayLane | undefined)?.numbers[i] ?? 0);
      result.numbers[i] = value(...given);
    }
    return result;
  }
}
