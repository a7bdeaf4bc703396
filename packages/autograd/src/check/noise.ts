// How uncertain computed numbers are: the computation is repeated while every operand is rounded to a few bits fewer,
// each time to another grid, and what that does to the outcome is the noise. No analysis of operations is needed.
// After stochastic arithmetic: Vignes (1974); Parker (1997), "Monte Carlo arithmetic".

import { isFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { interpose } from "../tape/interpose.ts";
import type { Stream } from "./random.ts";

// Bits kept of float64's 53. Coarser than rounding, so that shaken results differ more than unshaken ones could.
const keptBits = 50;
const repetitions = 5;
// The largest of five deviations, times this, is exceeded by a rounding error about never.
const caution = 8;

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/**
 * The nearest number of a grid of 2^bits points an octave, shifted by a part of its step. Equal numbers stay equal, zero
 * stays zero, and rounding twice is rounding once: ties remain ties, wherever their two sides were computed.
 */
function toGrid(value: number, bits: number, shift: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const size = Math.abs(value);
  word[0] = size;
  const step = 2 ** (((halves[1]! >>> 20) & 0x7ff) - 1023 - bits);
  if (step === 0) return value;
  const rounded = (Math.round(size / step - shift) + shift) * step;
  return value < 0 ? -rounded : rounded;
}

function shaken(operand: NDArray, bits: number, shift: number): NDArray {
  if (!isFloat(operand.dtype)) return operand;
  const copy = NDArray.zeros(operand.dtype, operand.shape);
  const { data } = operand;
  for (let i = 0; i < data.length; i++) copy.buffer[i] = toGrid(data[i]!, bits, shift);
  return copy;
}

/** A bound on the rounding noise in each entry of what `compute` gives, given what it gives undisturbed. */
export function noiseOf(
  compute: () => Float64Array,
  undisturbed: Float64Array,
  stream: Stream,
  bits: number = keptBits,
): Float64Array {
  const noise = undisturbed.map((value) => 2 ** -bits * Math.abs(value));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    // Only upwards: a power of two rounded down would land on the finer grid below it, and not be rounded twice alike.
    const shift = stream.next() / 2;
    const disturbed = interpose({ perturb: (operand) => shaken(operand, bits, shift) }, compute);
    for (let i = 0; i < noise.length; i++) {
      const deviation = Math.abs(disturbed[i]! - undisturbed[i]!);
      if (deviation > noise[i]!) noise[i] = deviation;
    }
  }
  return noise.map((value) => caution * value);
}
