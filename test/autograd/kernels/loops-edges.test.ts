// Loop kernels at the edges: lengths that fill no vector, long axes that random kernels don't have, sums of a million,
// types that meet, and the two kernels that products use.

import type { DType } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import {
  add,
  exp,
  greater,
  logistic,
  mul,
  neg,
  select,
  softplus,
  square,
  sub,
} from "../../../packages/autograd/src/expression/atoms/index.ts";
import type {
  Access,
  BodyNode,
  Combine,
  LoopKernel,
  Output,
  Quantity,
} from "../../../packages/autograd/src/kernels/kernel.ts";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import { writeLoops } from "../../../packages/autograd/src/kernels/loops.ts";
import { Dice } from "../../support/tensors.ts";
import { interpret, readElement, writeElement } from "./loop-interpreter.ts";
import { runWritten } from "./loop-kernels.ts";

const access = (dtype: DType, address: Quantity, strides: readonly Quantity[]): Access => ({
  dtype,
  address,
  strides,
});
const read = (which: number, dtype: DType): BodyNode => ({ op: "read", read: which, dtype });
const atom = (of: unknown, operands: readonly number[], dtype: DType): BodyNode => ({
  op: "atom",
  atom: of as Atom,
  operands,
  dtype,
});
const store = (node: number, write: Access): Output => ({ node, combine: "store", write, reduced: [] });
const reduction = (node: number, combine: Combine, write: Access, reduced: readonly number[]): Output => ({
  node,
  combine,
  write,
  reduced,
});

/** Elements of a type from an address on. */
function fill(memory: DataView, dtype: DType, address: number, values: Iterable<number>): void {
  const size = { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype];
  let at = address;
  for (const value of values) {
    writeElement(memory, dtype, at, value);
    at += size;
  }
}

function elements(memory: DataView, dtype: DType, address: number, count: number): number[] {
  const size = { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype];
  return Array.from({ length: count }, (_, i) => readElement(memory, dtype, address + i * size));
}

const memoryOf = (bytes: number) => new DataView(new ArrayBuffer(65536 * Math.ceil(bytes / 65536)));
const bytesOf = (memory: DataView) => new Uint8Array(memory.buffer);

function run(kernel: LoopKernel, memory: DataView, args: readonly number[] = []): DataView {
  return runWritten({ kernel, args, memory: bytesOf(memory) });
}

/** Runs both ways; the memories must be the same. */
function agrees(kernel: LoopKernel, memory: DataView, args: readonly number[] = []): void {
  const expected = new DataView(memory.buffer.slice(0));
  interpret(kernel, expected, args);
  expect(Buffer.compare(bytesOf(run(kernel, memory, args)), bytesOf(expected))).toBe(0);
}

const counted = (n: number) => Array.from({ length: n }, (_, i) => ((i * 7) % 31) - 11);

describe("an axis of any length", () => {
  test.each(["float32", "float64", "int32", "bool"] as const)(
    "of %s, from 1 to 40, is gone through to its end and not beyond",
    (dtype) => {
      for (let n = 1; n <= 40; n++) {
        const memory = memoryOf(4096);
        // What lies behind the end must stay.
        fill(memory, dtype, 64, counted(100));
        fill(memory, dtype, 2048, counted(100));
        const kernel: LoopKernel = {
          sizes: [n],
          reads: [access(dtype, 64, [1])],
          nodes: [read(0, dtype), { op: "constant", value: 1, dtype }, atom(greater, [0, 1], "bool")],
          outputs: [store(0, access(dtype, 2048, [1])), store(2, access("bool", 3072, [1]))],
        };
        agrees(kernel, memory);
        agrees({ ...kernel, sizes: [{ parameter: 0 }], parameters: 1 }, memory, [n]);
      }
    },
  );

  // What is the same for all elements is computed once, but each part of the axis may be the only one that runs.
  test("is computed in all its parts, of whatever length, with what an atom makes of constants alone", () => {
    const scaled = {
      name: "scaled",
      arity: 1,
      result: "same",
      operands: "float",
      value: (x) => x * Math.fround(Math.sqrt(2)),
      lanes: (l, x) => l.mul(x, l.sqrt(l.constant(2))),
      partials: [() => Math.SQRT2],
    } satisfies Atom<1, "same">;
    const kernel: LoopKernel = {
      sizes: [{ parameter: 0 }],
      parameters: 1,
      reads: [access("float32", 64, [1])],
      nodes: [read(0, "float32"), atom(scaled, [0], "float32")],
      outputs: [store(1, access("float32", 2048, [1]))],
    };
    for (let n = 1; n <= 40; n++) {
      const memory = memoryOf(4096);
      fill(memory, "float32", 64, counted(100));
      agrees(kernel, memory, [n]);
    }
  });

  test("that is none, by its parameter, leaves the memory as it is and reads nothing", () => {
    const beyond = 65536 * 4;
    const kernel: LoopKernel = {
      sizes: [3, { parameter: 0 }],
      parameters: 1,
      // The first read stands still in the inner loop, and is nowhere.
      reads: [access("float32", beyond, [1, 0]), access("float32", beyond, [0, 1])],
      nodes: [read(0, "float32"), read(1, "float32"), atom(add, [0, 1], "float32")],
      outputs: [
        store(2, access("float32", 0, [8, 1])),
        reduction(2, "total", access("float32", 256, [1, 0]), [1]),
      ],
    };
    const memory = memoryOf(1024);
    fill(memory, "float32", 0, counted(100));
    for (const size of [0, -5])
      expect(Buffer.compare(bytesOf(run(kernel, memory, [size])), bytesOf(memory))).toBe(0);
  });
});

describe("reading across rows", () => {
  test.each([
    [300, 20],
    [512, 36],
    [33, 2048],
    [301, 7],
    [784, 10],
  ])("turns %i × %i elements over, each to its own place", (rows, columns) => {
    const memory = memoryOf(8 * rows * columns + 256);
    fill(
      memory,
      "float32",
      64,
      Array.from({ length: rows * columns }, (_, i) => i),
    );
    const target = 64 + 4 * rows * columns + 64;
    agrees(
      {
        sizes: [columns, rows],
        reads: [access("float32", 64, [1, columns])],
        nodes: [read(0, "float32")],
        outputs: [store(0, access("float32", target, [rows, 1]))],
      },
      memory,
    );
  });
});

describe("a total of float32", () => {
  const million = 1_000_000;
  const dice = new Dice(5);
  const positive = Float32Array.from({ length: million }, () => dice.fraction());
  const exact = positive.reduce((sum, x) => sum + x, 0);
  const memory = memoryOf(4 * million + 65536);
  const target = 4 * million + 128;
  bytesOf(memory).set(new Uint8Array(positive.buffer), 64);

  test.each<[string, readonly number[], readonly number[]]>([
    ["in a row", [million], [1]],
    ["in rows with a gap after each", [1000, 999], [1000, 1]],
    ["in columns", [999, 1000], [1, 1000]],
  ])("over a million elements %s is right to 10⁻⁷", (_, sizes, strides) => {
    const kernel: LoopKernel = {
      sizes,
      reads: [access("float32", 64, strides)],
      nodes: [read(0, "float32")],
      outputs: [
        reduction(
          0,
          "total",
          access(
            "float32",
            target,
            sizes.map(() => 0),
          ),
          sizes.map((_size, axis) => axis),
        ),
      ],
    };
    const [found] = elements(run(kernel, memory), "float32", target, 1);
    const skipped: number[] = sizes.length === 1 ? [] : [...positive.filter((_x, i) => i % 1000 === 999)];
    const expected = sizes.length === 1 ? exact : exact - skipped.reduce((sum, x) => sum + x, 0);
    expect(Math.abs(found! - expected) / expected).toBeLessThan(1e-7);
  });

  test("of each of ten columns, a hundred thousand long, is right to 10⁻⁷", () => {
    const kernel: LoopKernel = {
      sizes: [100_000, 10],
      reads: [access("float32", 64, [10, 1])],
      nodes: [read(0, "float32")],
      outputs: [reduction(0, "total", access("float32", target, [0, 1]), [0])],
    };
    elements(run(kernel, memory), "float32", target, 10).forEach((found, column) => {
      const expected = positive.reduce((sum, x, i) => (i % 10 === column ? sum + x : sum), 0);
      expect(Math.abs(found - expected) / expected).toBeLessThan(1e-7);
    });
  });

  test("is what it is although the parts cancel: large numbers of both signs leave the small ones", () => {
    const small = memoryOf(4096);
    // A large one and the small one would meet in float32 if neighbouring vectors were added in it.
    const values = Array.from({ length: 64 }, (_, i) => (i === 16 ? 2 ** 40 : i === 51 ? -(2 ** 40) : 0));
    fill(small, "float32", 64, values);
    writeElement(small, "float32", 64 + 4 * 20, 0.75);
    const kernel: LoopKernel = {
      sizes: [64],
      reads: [access("float32", 64, [1])],
      nodes: [read(0, "float32")],
      outputs: [reduction(0, "total", access("float32", 1024, [0]), [0])],
    };
    expect(elements(run(kernel, small), "float32", 1024, 1)).toEqual([0.75]);
  });
});

describe("the largest and the least", () => {
  test.each(["float32", "float64"] as const)("of %s are NaN if one is, wherever it stands", (dtype) => {
    for (const n of [1, 3, 9, 40]) {
      for (let place = 0; place < n; place++) {
        const memory = memoryOf(4096);
        fill(
          memory,
          dtype,
          64,
          counted(n).map((x, i) => (i === place ? NaN : x)),
        );
        const kernel: LoopKernel = {
          sizes: [n],
          reads: [access(dtype, 64, [1])],
          nodes: [read(0, dtype)],
          outputs: [
            reduction(0, "largest", access(dtype, 1024, [0]), [0]),
            reduction(0, "least", access(dtype, 1032, [0]), [0]),
          ],
        };
        const after = run(kernel, memory);
        expect(elements(after, dtype, 1024, 1).concat(elements(after, dtype, 1032, 1))).toEqual([NaN, NaN]);
      }
    }
  });

  test("of columns are NaN where the column has one, and only there", () => {
    const memory = memoryOf(8192);
    fill(memory, "float32", 64, counted(20 * 23));
    writeElement(memory, "float32", 64 + 4 * (7 * 23 + 9), NaN);
    const kernel: LoopKernel = {
      sizes: [20, 23],
      reads: [access("float32", 64, [23, 1])],
      nodes: [read(0, "float32")],
      outputs: [reduction(0, "largest", access("float32", 4096, [0, 1]), [0])],
    };
    const found = elements(run(kernel, memory), "float32", 4096, 23);
    expect(found.flatMap((x, column) => (Number.isNaN(x) ? [column] : []))).toEqual([9]);
  });

  test("of infinities are infinities", () => {
    const memory = memoryOf(1024);
    fill(memory, "float32", 64, new Array<number>(7).fill(-Infinity));
    const kernel: LoopKernel = {
      sizes: [7],
      reads: [access("float32", 64, [1])],
      nodes: [read(0, "float32")],
      outputs: [reduction(0, "largest", access("float32", 512, [0]), [0])],
    };
    expect(elements(run(kernel, memory), "float32", 512, 1)).toEqual([-Infinity]);
  });
});

describe("many reductions in one kernel", () => {
  /** Reduction i is of element + i, over the inner axis or over both. */
  const reductions = (count: number, setOf: (i: number) => readonly number[]): LoopKernel => ({
    sizes: [3, 5],
    reads: [access("float64", 64, [5, 1])],
    nodes: [
      read(0, "float64"),
      ...Array.from({ length: count }, (_, i) => [
        { op: "constant", value: i, dtype: "float64" } as const,
        atom(add, [0, 1 + 2 * i], "float64"),
      ]).flat(),
    ],
    outputs: Array.from({ length: count }, (_, i) => {
      const reduced = setOf(i);
      const strides = [reduced.includes(0) ? 0 : 1, 0];
      return reduction(2 + 2 * i, "total", access("float64", 1024 + 32 * i, strides), reduced);
    }),
  });
  const values = counted(15);
  const total = (from: number, to: number) => values.slice(from, to).reduce((sum, x) => sum + x, 0);

  test.each([31, 32, 33, 65])("are all right where there are %i, over one axis or two in turn", (count) => {
    const memory = memoryOf(8192);
    fill(memory, "float64", 64, values);
    const after = run(
      reductions(count, (i) => (i % 3 === 0 ? [0, 1] : [1])),
      memory,
    );
    for (let i = 0; i < count; i++) {
      const expected =
        i % 3 === 0
          ? [total(0, 15) + 15 * i]
          : [total(0, 5) + 5 * i, total(5, 10) + 5 * i, total(10, 15) + 5 * i];
      expect(elements(after, "float64", 1024 + 32 * i, expected.length)).toEqual(expected);
    }
  });

  test.each([2, 33, 65])("are refused where two of %i go over axes that cross", (count) => {
    const kernel = reductions(count, (i) => (i === count - 1 ? [0] : [1]));
    expect(() => run(kernel, memoryOf(8192))).toThrow(
      "loops: reductions of one kernel go over axes that cross",
    );
  });
});

describe("types", () => {
  const wide = [
    0.5,
    -0.5,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32 + 5,
    2 ** 53,
    2 ** 63,
    2 ** 70 + 2 ** 30,
    2 ** 90,
    1e300,
  ];
  const numbers = [...wide, ...wide.map((x) => -x), NaN, Infinity, -Infinity, 2147483647.5, -0];

  test.each(["float32", "float64"] as const)("%s becomes int32 without its fraction, modulo 2³²", (dtype) => {
    const memory = memoryOf(4096);
    fill(memory, dtype, 64, numbers);
    const kernel: LoopKernel = {
      sizes: [numbers.length],
      reads: [access(dtype, 64, [1])],
      nodes: [read(0, dtype), { op: "convert", operand: 0, dtype: "int32" }],
      outputs: [store(1, access("int32", 1024, [1]))],
    };
    const given = dtype === "float32" ? numbers.map(Math.fround) : numbers;
    expect(elements(run(kernel, memory), "int32", 1024, numbers.length)).toEqual(given.map((x) => x | 0));
  });

  test("int32 wraps round at every atom, as float32 rounds at every atom", () => {
    const memory = memoryOf(1024);
    fill(memory, "int32", 64, [2147483647, 2147483647, -2147483648]);
    const kernel: LoopKernel = {
      sizes: [3],
      reads: [access("int32", 64, [1])],
      nodes: [
        read(0, "int32"),
        { op: "constant", value: 1, dtype: "int32" },
        atom(add, [0, 1], "int32"),
        atom(sub, [2, 1], "int32"),
        { op: "convert", operand: 2, dtype: "float64" },
        atom(mul, [2, 2], "int32"),
        atom(square, [0], "int32"),
        atom(mul, [0, 5], "int32"),
      ],
      outputs: [
        store(3, access("int32", 128, [1])),
        store(2, access("int32", 192, [1])),
        store(4, access("float64", 256, [1])),
        store(5, access("int32", 320, [1])),
        store(6, access("int32", 384, [1])),
        store(7, access("int32", 448, [1])),
      ],
    };
    const after = run(kernel, memory);
    expect(elements(after, "int32", 128, 3)).toEqual([2147483647, 2147483647, -2147483648]);
    expect(elements(after, "int32", 192, 3)).toEqual([-2147483648, -2147483648, -2147483647]);
    // What is computed of it sees it wrapped.
    expect(elements(after, "float64", 256, 3)).toEqual([-2147483648, -2147483648, -2147483647]);
    expect(elements(after, "int32", 320, 3)).toEqual([0, 0, 1]);
    expect(elements(after, "int32", 384, 3)).toEqual([1, 1, 0]);
    expect(elements(after, "int32", 448, 3)).toEqual([0, 0, -2147483648]);
  });

  test("a total of int32 is exact modulo 2³², whatever the lanes", () => {
    const memory = memoryOf(65536);
    const values = Array.from({ length: 5003 }, (_, i) => (i % 3 === 0 ? -5 : 2 ** 31 - 1 - i));
    fill(memory, "int32", 64, values);
    const expected = values.reduce((sum, x) => (sum + x) | 0, 0);
    for (const other of ["float32", "float64"] as const) {
      const kernel: LoopKernel = {
        sizes: [values.length],
        reads: [access("int32", 64, [1]), access(other, 40000, [0])],
        nodes: [read(0, "int32"), read(1, other)],
        outputs: [
          reduction(0, "total", access("int32", 32000, [0]), [0]),
          reduction(1, "total", access(other, 32008, [0]), [0]),
        ],
      };
      expect(elements(run(kernel, memory), "int32", 32000, 1)).toEqual([expected]);
    }
  });

  test("an index counts from where its axis starts", () => {
    const memory = memoryOf(1024);
    const kernel: LoopKernel = {
      sizes: [3, 11],
      from: [1, 4],
      reads: [],
      nodes: [
        { op: "index", axis: 1, dtype: "int32" },
        { op: "index", axis: 0, dtype: "int32" },
        atom(mul, [0, 1], "int32"),
      ],
      outputs: [store(2, access("int32", 64, [11, 1]))],
    };
    agrees(kernel, memory);
  });
});

describe("atoms that lanes don't know", () => {
  const odd = { ...(exp as Atom), name: "odd", value: (x: number) => (x === 3 ? 100 : x / 2) } as Atom;
  const { lanes: _, ...called } = odd;

  test.each(["float32", "float64"] as const)(
    "are called for every element of %s, and for no other",
    (dtype) => {
      const seen: number[] = [];
      const value = (x: number) => {
        seen.push(x);
        return called.value(...([x] as unknown as Parameters<typeof called.value>));
      };
      const memory = memoryOf(1024);
      const values = [3, 1, -4, 3, 7, 9, 2];
      fill(memory, dtype, 64, values);
      const kernel: LoopKernel = {
        sizes: [7],
        reads: [access(dtype, 64, [1])],
        nodes: [read(0, dtype), atom({ ...called, value }, [0], dtype)],
        outputs: [store(1, access(dtype, 512, [1]))],
      };
      expect(elements(run(kernel, memory), dtype, 512, 7)).toEqual(
        values.map((x) => (x === 3 ? 100 : x / 2)),
      );
      expect(seen).toEqual(values);
    },
  );
});

describe("the epilogue of a product", () => {
  const parameter = (which: number): Quantity => ({ parameter: which });
  const kernel: LoopKernel = {
    sizes: [parameter(7), parameter(1), parameter(3)],
    from: [parameter(6), parameter(0), parameter(2)],
    parameters: 8,
    reads: [
      access("float32", parameter(4), [0, parameter(5), 1]),
      access("float32", 32768, [0, 0, 1]),
      access("float32", 36864, [60, 0, 1]),
    ],
    nodes: [
      read(0, "float32"),
      read(1, "float32"),
      atom(add, [0, 1], "float32"),
      read(2, "float32"),
      atom(greater, [2, 3], "bool"),
      atom(neg, [2], "float32"),
      atom(select, [4, 2, 5], "float32"),
    ],
    outputs: [store(6, access("float32", 49152, [40 * 60, 60, 1]))],
  };

  test("computes the block it is told, of the batch it is told, and nothing around it", () => {
    const dice = new Dice(3);
    for (let trial = 0; trial < 40; trial++) {
      const memory = memoryOf(131072);
      fill(
        memory,
        "float32",
        64,
        Array.from({ length: 16000 }, () => dice.fraction() - 0.5),
      );
      const rows = [dice.below(8), 8 + dice.below(30)];
      const columns = [dice.below(8), 8 + dice.below(50)];
      const width = 60 + dice.below(5);
      const batch = dice.below(3);
      agrees(kernel, memory, [...rows, ...columns, 64, width, batch, batch + 1]);
    }
  });
});

describe("what atoms have in common", () => {
  const withAtoms = (...of: readonly unknown[]): LoopKernel => ({
    sizes: [1000],
    reads: [access("float32", 64, [1])],
    // Each atom is applied to x or, in a list, to what the atoms before it in the list make of x.
    nodes: [
      read(0, "float32"),
      ...of.flatMap((one, i) =>
        Array.isArray(one)
          ? [atom(one[0], [0], "float32"), atom(one[1], [1 + 2 * i], "float32")]
          : [atom(one, [0], "float32"), atom(neg, [1 + 2 * i], "float32")],
      ),
    ],
    outputs: of.map((_, i) => store(2 + 2 * i, access("float32", 8192 * (i + 1), [1]))),
  });
  const sizeOf = (kernel: LoopKernel) => {
    const module = new KernelModule("simd");
    writeLoops(module, kernel, "run");
    return module.bytes().length;
  };

  test("is computed once: e^(−|x|) for softplus and logistic, of x and of −x", () => {
    const one = sizeOf(withAtoms(softplus));
    const all = sizeOf(withAtoms(softplus, logistic, [neg, softplus], [neg, logistic]));
    const apart =
      one +
      sizeOf(withAtoms(logistic)) +
      sizeOf(withAtoms([neg, softplus])) +
      sizeOf(withAtoms([neg, logistic]));
    // Four outputs and the two divisions remain.
    expect(all).toBeLessThan(0.6 * apart);
  });

  test("is computed once although other vectors are computed beside it, and gives the same numbers", () => {
    const memory = memoryOf(65536);
    fill(
      memory,
      "float32",
      64,
      counted(1000).map((x) => x / 3),
    );
    const together = run(withAtoms(softplus, logistic, [neg, softplus], [neg, logistic]), memory);
    [softplus, logistic, [neg, softplus], [neg, logistic]].forEach((one, i) => {
      const alone = run(withAtoms(one), memory);
      expect(elements(together, "float32", 8192 * (i + 1), 1000)).toEqual(
        elements(alone, "float32", 8192, 1000),
      );
    });
  });
});

test("what atoms only seem to have in common is computed for each: other shifts, and a sign that counts", () => {
  const made = (name: string, value: (x: number) => number, lanes: NonNullable<Atom<1, "same">["lanes"]>) =>
    ({
      name,
      arity: 1,
      result: "same",
      operands: "float",
      value,
      lanes,
      partials: [() => 0],
    }) satisfies Atom<1, "same">;
  const sixfold = made(
    "sixfold",
    (x) => 6 * x,
    (l, x) => l.toFloat(l.intAdd(l.shiftLeft(l.toInt(x), 1), l.shiftLeft(l.toInt(x), 2))),
  );
  const below = made(
    "below",
    (x) => -Math.abs(x),
    (l, x) => l.or(l.neg(x), l.and(x, l.constant(-0))),
  );
  const memory = memoryOf(4096);
  fill(memory, "float32", 64, counted(100));
  for (const each of [sixfold, below])
    agrees(
      {
        sizes: [37],
        reads: [access("float32", 64, [1])],
        nodes: [read(0, "float32"), atom(each, [0], "float32")],
        outputs: [store(1, access("float32", 2048, [1]))],
      },
      memory,
    );
});

test("reductions over axes that cross are refused", () => {
  const kernel: LoopKernel = {
    sizes: [3, 4],
    reads: [access("float32", 0, [4, 1])],
    nodes: [read(0, "float32")],
    outputs: [
      reduction(0, "total", access("float32", 64, [1, 0]), [1]),
      reduction(0, "total", access("float32", 128, [0, 1]), [0]),
    ],
  };
  expect(() => run(kernel, memoryOf(1024))).toThrow(
    "loops: reductions of one kernel go over axes that cross",
  );
});
