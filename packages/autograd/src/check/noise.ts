// How uncertain computed numbers are: the computation is repeated with other last bits in every operand,
// different ones each time, and the change of the outcome is the noise. No analysis of operations is needed.
// After stochastic arithmetic: Vignes (1974); Parker (1997), "Monte Carlo arithmetic".

import { isFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import { type Interposition, interpose } from "../tape/interpose.ts";
import { emptyLike } from "./in-double.ts";
import type { Stream } from "./random.ts";

/** Bits kept of float32's 24: coarse enough that rounding inside operations is covered, too. */
export const keptBits32 = 21;
// Bits kept of float64's 53. Coarser than rounding, so that disturbed results differ by more than rounding could.
const keptBits = 49;
/** How often a computation is repeated with other last bits. */
const repetitions = 5;
// A rounding error practically never exceeds this many times the largest of five deviations.
const caution = 8;
/** Numbers of float32 below 2⁻¹²⁶ lie no closer to each other than those just above; cells don't shrink there either. */
const leastCell32 = 2 ** (-126 - keptBits32);
/** Below this, rounding no longer shrinks with the numbers. */
const leastNormal = 2 ** -1022;

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/**
 * A number in the same cell of a grid of 2^bits cells an octave; which one, the cell and the salt decide. Equal numbers
 * stay equal, zero stays zero, and applying it twice is applying it once: ties remain ties, wherever their two sides were computed.
 * Different cells move independently, so that what a difference cancels shows. The salt also says where in the octave cells
 * begin: two numbers so close that rounding makes them one are in one cell nearly always, not on two sides of a boundary always.
 */
function moved(value: number, bits: number, salt: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const size = Math.abs(value);
  const leastStep = bits > keptBits32 ? 0 : leastCell32;
  const step = Math.max(cellAt(size, bits), leastStep);
  if (step === 0) return value;
  // In eighths of a cell, which float64 holds beside cells of 49 bits.
  const begin = eighth(hash(-1, salt));
  const cell = Math.floor(size / step + begin / 8);
  const octave = 8 * 2 ** bits;
  const isLowest = size < 2 ** bits * step;
  const [low, high] = isLowest ? [0, octave] : [octave, 2 * octave];
  // The last cell of an octave and the first of the next are one, since rounding makes one of numbers on both sides, too.
  if (!isLowest && begin > 0) {
    const isLast = cell === 2 ** (bits + 1);
    const end = (isLast ? 2 : 1) * 2 ** bits * step;
    const isFirst = cell === 2 ** bits && end / 2 ** (bits + 1) > leastStep;
    if (isLast || isFirst) return Math.sign(value) * movedAcross(end, begin, bits, salt);
  }
  // Where no octave follows below, the first cell ends with its own.
  const start = Math.max(8 * cell - begin, low);
  const width = Math.min(8 * (cell + 1) - begin, high) - start;
  const place = start + Math.floor((eighth(hash(cell, salt)) * width) / 8);
  return Math.sign(value) * (place / 8) * step;
}

/** In the cell that lies across the end of an octave: `begin` eighths of a cell below, and what is missing to eight above. */
function movedAcross(end: number, begin: number, bits: number, salt: number): number {
  const part = end / 2 ** (bits + 4);
  // Above, parts are twice as large.
  const width = begin + 2 * (8 - begin);
  const place = Math.floor((eighth(hash(-2, salt)) * width) / 8) - begin;
  return end + (place > 0 ? place - (place % 2) : place) * part;
}

/** A whole number from 0 to 7. */
const eighth = (hashed: number): number => hashed >>> 29;

/** The size of the cells at a number: 2^−bits of the power of two below it. */
function cellAt(size: number, bits: number): number {
  word[0] = size;
  const exponent = halves[1]! >>> 20;
  if (exponent <= bits) return 2 ** (exponent - 1023 - bits);
  // The same number from its bits, which is faster, since this is done for every element of every operand.
  halves[1] = (exponent - bits) << 20;
  halves[0] = 0;
  return word[0];
}

/** Mixes two numbers into 32 bits: the finalizer of MurmurHash3. */
function hash(cell: number, salt: number): number {
  let h = (cell | 0) ^ Math.imul(Math.floor(cell / 2 ** 32) ^ salt, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function shaken(operand: NDArray, bits: number, saltOf: () => number): NDArray {
  const copy = emptyLike(operand);
  const { data } = operand;
  for (let i = 0; i < data.length; i++) copy.buffer[i] = moved(data[i]!, bits, saltOf());
  return copy;
}

export interface NoiseOptions {
  /** Bits that are kept of each operand. */
  readonly bits?: number;
  /** How often the computation is repeated. */
  readonly times?: number;
  /**
   * Whether noise is infinite where a disturbed result is NaN: what is shared among equal numbers is 0/0 once none is.
   * Otherwise such results are left out.
   */
  readonly nanHides?: boolean;
}

/** A bound on the rounding noise in each entry of what `compute` gives, given what it gives undisturbed. */
export function noiseOf(
  compute: () => Float64Array,
  undisturbed: Float64Array,
  stream: Stream,
  options: NoiseOptions = {},
): Float64Array {
  const { bits = keptBits } = options;
  return largestDeviation(compute, undisturbed, options, () => {
    const salt = saltFrom(stream);
    // One salt always changes an array in the same way, and an array may be an operand of many operations.
    const known = new Map<NDArray, NDArray>();
    return {
      saltOf: () => salt,
      shake(operand) {
        let copy = known.get(operand);
        if (copy === undefined) {
          copy = shaken(operand, bits, () => salt);
          known.set(operand, copy);
        }
        return copy;
      },
    };
  });
}

/**
 * The same with equal numbers moved apart, which shows what is lost where a small number is added to a large one and the
 * large one taken away again. For values at general points: at a kink ties matter, and derivatives jump when they break.
 */
export function noiseWithoutTies(
  compute: () => Float64Array,
  undisturbed: Float64Array,
  stream: Stream,
  options: NoiseOptions = {},
): Float64Array {
  const { bits = keptBits } = options;
  const shaking = () => {
    let salt = saltFrom(stream);
    const saltOf = () => salt++;
    return { saltOf, shake: (operand: NDArray) => shaken(operand, bits, saltOf) };
  };
  return largestDeviation(compute, undisturbed, options, shaking);
}

const saltFrom = (stream: Stream) => Math.floor(stream.next() * 2 ** 32);

/** How one repetition changes the last bits. */
interface Shaking {
  readonly saltOf: () => number;
  readonly shake: (operand: NDArray) => NDArray;
}

function largestDeviation(
  compute: () => Float64Array,
  undisturbed: Float64Array,
  { bits = keptBits, times = repetitions, nanHides = false }: NoiseOptions,
  newShaking: () => Shaking,
): Float64Array {
  const noise = undisturbed.map((value) => 2 ** -bits * Math.abs(value) + leastNormal);
  for (let repetition = 0; repetition < times; repetition++) {
    const { saltOf, shake } = newShaking();
    const between: Interposition = {
      perturb: (operand) => (isFloat(operand.dtype) ? shake(operand) : operand),
      // Disturbed like that, float64 stands for float32, which is rounded at every step inside an operation.
      ...(bits > keptBits32
        ? {}
        : {
            replace: (primitive) =>
              primitive.disturbed?.((value) => moved(value, bits, saltOf())) ?? primitive,
          }),
    };
    const disturbed = interpose(between, compute);
    for (let i = 0; i < noise.length; i++) {
      const deviation = Math.abs(disturbed[i]! - undisturbed[i]!);
      if (deviation > noise[i]!) noise[i] = deviation;
      else if (nanHides && Number.isNaN(deviation)) noise[i] = Infinity;
    }
  }
  return noise.map((value) => caution * value);
}
