// Files that are damaged: an error that says where, or a reading; nothing else.

import { readdirSync } from "node:fs";
import { fromOnnx, OnnxError, OnnxModel } from "@adjoint/interop";
import { describe, expect, test } from "vitest";
import { python } from "../peers.ts";
import { BOOL, graph, INT64, modelBytes, node, stored, value } from "./build.ts";
import { nodeTest, nodeTests } from "./node-data.ts";

/** A model with an attribute, a graph or a tensor of every kind in it. */
function manyParts(): Uint8Array {
  const inner = (scale: number) =>
    graph({
      inputs: [],
      outputs: ["t"],
      nodes: [node("Constant", [], ["k"], { value_float: { float: scale } }), node("Mul", ["p", "k"], ["t"])],
    });
  const body = graph({
    inputs: [value("i", [], INT64), value("go", [], BOOL), "v"],
    outputs: [value("on", [], BOOL), "w"],
    nodes: [node("Identity", ["go"], ["on"]), node("Add", ["v", "bias"], ["w"])],
  });
  return modelBytes(
    graph({
      inputs: [value("x", ["batch", 2, 6, 6]), value("flag", [], BOOL)],
      outputs: ["y", "h"],
      nodes: [
        node(
          "Conv",
          ["x", "kernel"],
          ["c"],
          { kernel_shape: [3, 3], pads: [1, 1, 1, 1], auto_pad: "NOTSET" },
          "conv",
        ),
        node("MaxPool", ["c"], ["p"], { kernel_shape: [2, 2], strides: [2, 2] }),
        node(
          "If",
          ["flag"],
          ["q"],
          { then_branch: { graph: inner(2) }, else_branch: { graph: inner(3) } },
          "branch",
        ),
        node("Shape", ["q"], ["s"]),
        node("Gather", ["s", "zero"], ["b"]),
        node("Concat", ["b", "rest"], ["to"], { axis: 0 }),
        node("Reshape", ["q", "to"], ["flat"]),
        node("Loop", ["three", "", "flat"], ["z"], { body: { graph: body } }),
        node("LSTM", ["seq", "W", "R"], ["", "h"], {
          hidden_size: 2,
          activations: ["Sigmoid", "Tanh", "Tanh"],
        }),
        node("Softmax", ["z"], ["y"], { axis: -1 }),
        node("Constant", [], ["seq"], { value: { tensor: stored("", [2, 1, 3], [1, 2, 3, 4, 5, 6]) } }),
      ].sort((a, b) => Number(b.opType === "Constant") - Number(a.opType === "Constant")),
      stored: [
        stored("kernel", [4, 2, 3, 3], new Array(72).fill(0.1)),
        stored("bias", [36], new Array(36).fill(1)),
        stored("zero", [1], [0], INT64),
        stored("rest", [1], [-1], INT64),
        stored("three", [], [3], INT64),
        stored("W", [1, 8, 3], new Array(24).fill(0.2)),
        stored("R", [1, 8, 2], new Array(16).fill(0.3)),
      ],
    }),
  );
}

/** xorshift32: a run is the same each time. */
function randomNumbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

function damaged(bytes: Uint8Array, random: (n: number) => number): Uint8Array {
  const at = random(bytes.length);
  const length = 1 + random(8);
  switch (random(6)) {
    case 0: {
      const own = bytes.slice();
      own[at]! ^= 1 << random(8);
      return own;
    }
    case 1: {
      const own = bytes.slice();
      for (let i = 0; i < length; i++) own[random(bytes.length)] = random(256);
      return own;
    }
    case 2:
      return bytes.slice(0, at);
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 4: {
      const more = Array.from({ length }, () => random(256));
      return Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)]);
    }
    default: {
      const from = random(bytes.length);
      const part = bytes.subarray(from, from + 40);
      return Uint8Array.from([...bytes.subarray(0, at), ...part, ...bytes.subarray(at)]);
    }
  }
}

const isDeep = process.env["ADJOINT_DEEP"] === "1" || process.env["ADJOINT_INTEROP"] === "1";

describe("damaged files", () => {
  const whole = manyParts();

  test("the file that is damaged is read as it is", () => {
    expect(fromOnnx(whole).outputs).toEqual(["y", "h"]);
  });

  test("a file that is cut off anywhere is an error", () => {
    // The graph is one field, so that any cut within it is seen.
    for (let end = 0; end < whole.length; end += isDeep ? 1 : 7)
      // Before the graph begins there is none, and behind it stand the versions.
      expect(() => fromOnnx(whole.subarray(0, end))).toThrow(
        /^fromOnnx: (at byte \d+|the file holds no graph|.*: the file names no version of the operator set)/,
      );
  });

  test("randomly damaged files give an error with a place or a reading, and take no memory", () => {
    const random = randomNumbers(1);
    const heldBefore = process.memoryUsage().arrayBuffers;
    let [readings, errors, most] = [0, 0, 0];
    for (let i = 0; i < (isDeep ? 10_000 : 400); i++) {
      const bytes = damaged(whole, random);
      try {
        const model = fromOnnx(bytes);
        expect(model).toBeInstanceOf(OnnxModel);
        readings++;
      } catch (error) {
        if (!(error instanceof OnnxError)) throw error;
        expect(error.message).toMatch(/^fromOnnx: ./);
        errors++;
      }
      most = Math.max(most, process.memoryUsage().arrayBuffers - heldBefore);
    }
    expect(readings).toBeGreaterThan(0);
    expect(errors).toBeGreaterThan(readings);
    // What is read of 3 kB is let go of at some time: far less than what a size that is believed would take.
    expect(most).toBeLessThan(100e6);
  }, 300_000);
});

const folder = nodeTests();

describe.skipIf(folder === null)(`damaged files of the standard's tests${python.reason}`, () => {
  test("they give an error or a reading each", () => {
    const names = readdirSync(folder!);
    const random = randomNumbers(2);
    let readings = 0;
    for (let i = 0; i < 10_000; i++) {
      const { bytes } = nodeTest(folder!, names[random(names.length)]!);
      try {
        fromOnnx(damaged(bytes, random));
        readings++;
      } catch (error) {
        if (!(error instanceof OnnxError)) throw error;
      }
    }
    expect(readings).toBeGreaterThan(100);
  }, 300_000);
});
