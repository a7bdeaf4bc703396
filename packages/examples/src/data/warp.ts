// Small random changes to a handwritten digit under which it stays the digit it is: moved, turned, slanted, resized.
// Plain loops over typed arrays: this is data preparation, and nothing here is differentiated.

import { type Key, permutation, splitKey, type Tensor, tensor, uniform } from "@adjoint/autograd";
import { type Digits, imageAt, side } from "./mnist.ts";

/** The largest change of each kind. */
export interface Limits {
  /** In pixels, along each axis. */
  readonly shift: number;
  /** In radians. */
  readonly turn: number;
  /** Sideways pixels a row. */
  readonly slant: number;
  /** As a fraction of the size. */
  readonly resize: number;
}

/**
 * Copies images [28 × 28] warped at random. Equal keys warp equally: a warp is five numbers, drawn for every image at
 * once so that it does not depend on the order in which images are asked for.
 */
export function warper(key: Key, count: number, limits: Limits) {
  const draws = uniform(key, [count, 5], { low: -1, high: 1 }).data;
  /** Image `place`, warped, goes to the place `at` of `target`. */
  return (image: Float32Array, place: number, target: Float32Array, at: number): void => {
    const [right, down, turn, slant, resize] = draws.subarray(place * 5, place * 5 + 5) as unknown as Five;
    const scale = 1 / (1 + resize * limits.resize);
    // Where in the image a pixel of the target looks: a matrix about the centre, then the shift.
    const [cos, sin] = [scale * Math.cos(turn * limits.turn), scale * Math.sin(turn * limits.turn)];
    const lean = sin + slant * limits.slant;
    const middle = (side - 1) / 2;
    const [left, top] = [-middle - right * limits.shift, -middle - down * limits.shift];
    for (let row = 0; row < side; row++) {
      let x = cos * left + lean * (row + top) + middle;
      let y = -sin * left + cos * (row + top) + middle;
      for (let column = 0; column < side; column++, x += cos, y -= sin) {
        target[at + row * side + column] = between(image, x, y);
      }
    }
  };
}

/**
 * Training data for `fit`: every epoch all images once, in an order and with warps of its own, as batches
 * x [batchSize, 1, 28, 28] and y [batchSize]. What does not fill a batch is left out; it is other images each epoch.
 */
export function warpedBatches(
  digits: Digits,
  options: { readonly batchSize: number; readonly limits: Limits },
) {
  const { batchSize, limits } = options;
  const { length } = digits.labels;
  return function* (_epoch: number, key: Key): Generator<{ x: Tensor; y: Tensor }> {
    const [orderKey, warpKey] = splitKey(key);
    const order = permutation(orderKey, length).data as Int32Array;
    const warp = warper(warpKey, length, limits);
    for (let from = 0; from + batchSize <= length; from += batchSize) {
      const places = order.subarray(from, from + batchSize);
      const pixels = new Float32Array(batchSize * side * side);
      places.forEach((place, i) => {
        warp(imageAt(digits, place), place, pixels, i * side * side);
      });
      const labels = Int32Array.from(places, (place) => digits.labels[place]!);
      yield { x: tensor(pixels, { shape: [batchSize, 1, side, side] }), y: tensor(labels) };
    }
  };
}

type Five = readonly [number, number, number, number, number];

/** The ink between four pixels, in proportion to how near they are; none outside the image. */
function between(image: Float32Array, x: number, y: number): number {
  if (!(x >= 0 && y >= 0 && x < side - 1 && y < side - 1)) return 0;
  const [column, row] = [Math.trunc(x), Math.trunc(y)];
  const p = row * side + column;
  const above = image[p]! + (image[p + 1]! - image[p]!) * (x - column);
  const below = image[p + side]! + (image[p + side + 1]! - image[p + side]!) * (x - column);
  return above + (below - above) * (y - row);
}
