// Data sets that are drawn from a seed: XOR, moons, rings, spiral, and the lecture's quiz. Also its grounded example.

import { type Key, normal, randomKey, splitKey, tensor, uniform } from "@adjoint/autograd";
import { standardScaling } from "@adjoint/nn";
import type { DataSettings } from "../lab.ts";
import type { Dataset, Rows, Scale } from "./dataset.ts";

/** A point of a class by its place among the samples, and a number that is evenly drawn from 0 to 1. */
type Point = (i: number, u: number) => readonly [x: number, y: number, label: number];

const points: Readonly<Record<string, Point>> = {
  xor: (i) => {
    const [a, b] = [i & 1, (i >> 1) & 1];
    return [a, b, a ^ b];
  },
  moons: (i, u) => {
    const [c, s] = [Math.cos(Math.PI * u), Math.sin(Math.PI * u)];
    return i % 2 === 0 ? [c - 0.5, s - 0.25, 0] : [0.5 - c, 0.25 - s, 1];
  },
  rings: (i, u) => {
    const radius = i % 2 === 0 ? 1 : 0.4;
    return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u), i % 2];
  },
  spiral: (i, u) => {
    const angle = 2.5 * Math.PI * u + (i % 2) * Math.PI;
    const radius = 0.1 + 1.4 * u;
    return [radius * Math.cos(angle), radius * Math.sin(angle), i % 2];
  },
};

/** Of all samples, the share that is kept for the test. */
export const TEST_SHARE = 0.25;

/** A drawn data set. Equal settings and seeds give equal samples. */
export function drawn({ name, noise, samples }: DataSettings, seed: number): Dataset {
  const [first, second] = splitKey(randomKey(seed), 2);
  const tested = Math.max(1, Math.round(samples * TEST_SHARE));
  if (name === "quiz") return quiz(noise, samples - tested, tested, first, second);
  const rows = (key: Key, count: number) => planeRows(points[name]!, noise, key, count);
  return {
    kind: "plane",
    inputs: ["x₁", "x₂"],
    outputs: ["0", "1"],
    isClassification: true,
    training: rows(first, samples - tested),
    test: rows(second, tested),
    inputScale: null,
    targetScale: null,
    scaling: "none: the inputs are taken as they are",
  };
}

function planeRows(point: Point, noise: number, key: Key, count: number): Rows {
  const [along, beside] = splitKey(key, 2);
  const u = uniform(along, [count], { dtype: "float64" }).data;
  const e = normal(beside, [2 * count], { dtype: "float64" }).data;
  const [x, y] = [new Float64Array(2 * count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const [a, b, label] = point(i, u[i]!);
    x[2 * i] = a + noise * e[2 * i]!;
    x[2 * i + 1] = b + noise * e[2 * i + 1]!;
    y[i] = label;
  }
  return { count, x, y };
}

/** The acceleration of free fall on Earth, m/s². */
const G = 9.81;

/** Seconds. */
const LONGEST_FALL = 3;

/** The lecture's quiz: how far something has fallen after t seconds. */
function quiz(noise: number, trained: number, tested: number, first: Key, second: Key): Dataset {
  const rows = (key: Key, count: number): Rows => {
    const [along, beside] = splitKey(key, 2);
    const t = Float64Array.from(
      uniform(along, [count], { dtype: "float64", high: LONGEST_FALL }).data as Float64Array,
    );
    const e = normal(beside, [count], { dtype: "float64" }).data;
    return { count, x: t.map((each, i) => each + noise * e[i]!), y: t.map((each) => (G * each * each) / 2) };
  };
  const training = rows(first, trained);
  return {
    kind: "line",
    inputs: ["t (s)"],
    outputs: ["h (m)"],
    isClassification: false,
    training,
    test: rows(second, tested),
    inputScale: standard(training.x, 1),
    targetScale: standard(training.y, 1),
    scaling:
      "t and h each less its mean over the training data, divided by its standard deviation; losses are of the scaled h",
    source: "h = ½ g t², g = 9.81 m/s²",
  };
}

/** Shift and scale by which columns get mean 0 and standard deviation 1. */
export function standard(values: Float64Array, columns: number): Scale {
  const { shift, scale } = standardScaling(tensor(values).reshape([-1, columns]));
  return { shift: [...(shift.data as Float64Array)], scale: [...(scale.data as Float64Array)] };
}

/** The lecture's grounded example: one sample, which is its own test. */
export function grounded(): Dataset {
  const rows: Rows = { count: 1, x: Float64Array.of(0, 1), y: Float64Array.of(1) };
  return {
    kind: "plane",
    inputs: ["x₁", "x₂"],
    outputs: ["0", "1"],
    isClassification: true,
    training: rows,
    test: rows,
    inputScale: null,
    targetScale: null,
    scaling: "none: the inputs are taken as they are",
    source:
      "the lecture's grounded example: one sample, [0, 1], whose target is 1; it serves as the test, too",
  };
}
