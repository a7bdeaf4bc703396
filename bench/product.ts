// Products beside what the machine can do at most, in every build that this engine runs: GFLOP/s and their share of a
// loop that multiplies and adds in registers only, which takes turns with the product. Best and median.
// Run: npx tsx --conditions=@adjoint/source bench/product.ts, and the same with a newer Node.

import { type Local, Type } from "../packages/autograd/src/kernels/assembler.ts";
import { I, X } from "../packages/autograd/src/kernels/instructions.ts";
import type { ProductKernel } from "../packages/autograd/src/kernels/kernel.ts";
import { KernelModule } from "../packages/autograd/src/kernels/kernel-module.ts";
import { elementOf } from "../packages/autograd/src/kernels/product/element.ts";
import { productScratch, writeProduct } from "../packages/autograd/src/kernels/product.ts";
import { bestBuild, webAssembly } from "../packages/autograd/src/kernels/webassembly.ts";

type FloatType = ProductKernel["dtype"];
type Build = KernelModule["build"];
type Letter = "n" | "t";

const PAGE = 65_536;
const MILLISECONDS = 500;

interface Shape {
  readonly dtype: FloatType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether a and b are row-major, or transposed. */
  readonly a: Letter;
  readonly b: Letter;
}

/** A function that computes a product once. */
function productOf({ dtype, m, n, k, a, b }: Shape, build: Build): () => void {
  const bytes = dtype === "float32" ? 4 : 8;
  const matrix = (letter: Letter, rows: number, columns: number) => ({
    address: 0,
    batch: [],
    rows: [{ size: rows, stride: letter === "n" ? columns : 1 }],
    columns: [{ size: columns, stride: letter === "n" ? 1 : rows }],
  });
  const [left, right] = [matrix(a, m, k), matrix(b, k, n)];
  const c = { address: 0, batch: [] };
  const shape = { dtype, gated: false, batch: [], m, n, k, a: left, b: right, c };
  let end = PAGE;
  const place = (size: number) => {
    const start = end;
    // Not all at the same place in a page, where they would be in each other's way.
    end = Math.ceil((end + size) / 4096) * 4096 + 192;
    return start;
  };
  const kernel: ProductKernel = {
    ...shape,
    a: { ...left, address: place(m * k * bytes) },
    b: { ...right, address: place(k * n * bytes) },
    c: { ...c, address: place(m * n * bytes) },
    scratch: place(productScratch(shape)),
  };
  const memory = new webAssembly!.Memory({ initial: Math.ceil(end / PAGE) });
  const numbers = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  for (let i = 0; i < numbers.length; i++) numbers[i] = ((i * 31) % 17) / 8 - 1;
  const module = new KernelModule(build);
  writeProduct(module, kernel, null, "run");
  return module.instantiate(memory).run!;
}

const TURNS = 10_000;

interface Limit {
  readonly run: () => void;
  readonly flops: number;
}

/** As many sums as registers hold, multiplied and added to. */
function limitOf(dtype: FloatType, build: Build): Limit {
  const sums = 12;
  const module = new KernelModule(build);
  const element = elementOf(module, dtype);
  module.writer.function(
    [],
    [Type.i32],
    (code) => {
      const vectors = Array.from({ length: sums + 1 }, (): Local => code.local(Type.v128));
      const [factor, ...rest] = vectors as [Local, ...Local[]];
      const turn = code.local(Type.i32);
      const seen = code.local(Type.v128);
      element
        .zero(code)
        .emit(dtype === "float32" ? I.f32x4_splat : I.f64x2_splat)
        .set(factor);
      code.for(turn, 0, TURNS, 1, () => {
        // sum = sum·factor + factor: multiplications wait for additions, but there are enough of them.
        for (const sum of rest) {
          code.get(sum).get(factor);
          if (build === "relaxed")
            code.get(factor).emit(dtype === "float32" ? I.f32x4_relaxed_madd : I.f64x2_relaxed_madd);
          else {
            code.emit(dtype === "float32" ? I.f32x4_mul : I.f64x2_mul);
            code.get(factor).emit(element.vectorAdd);
          }
          code.set(sum);
        }
      });
      for (const sum of rest) code.get(seen).get(sum).emit(I.v128_or).set(seen);
      code.get(seen).lane(X.i32x4_extract_lane, 0);
    },
    "run",
  );
  const run = module.instantiate(new webAssembly!.Memory({ initial: 1 })).run!;
  return { run, flops: TURNS * sums * element.lanes * 2 };
}

const median = (values: readonly number[]) => [...values].sort((x, y) => x - y)[values.length >> 1]!;
const best = (values: readonly number[]) => Math.min(...values);

/** Milliseconds of one run; of the processor's time where that is less, because others had the rest. */
function time(run: () => void, repetitions: number): number {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < repetitions; i++) run();
  const passed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  // The processor's time is known to some microseconds.
  const used = passed > 2 ? Math.min(passed, (user + system) / 1000) : passed;
  return used / repetitions;
}

function measure(shape: Shape, build: Build, limit: Limit): string {
  const run = productOf(shape, build);
  const flops = 2 * shape.m * shape.n * shape.k;
  for (const start = performance.now(); performance.now() - start < 100; ) {
    run();
    limit.run();
  }
  let repetitions = 1;
  while (time(run, repetitions) * repetitions < 0.3) repetitions *= 2;
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (const start = performance.now(); performance.now() - start < MILLISECONDS || ours.length < 5; ) {
    ours.push(time(run, repetitions) / flops);
    theirs.push(time(limit.run, 2) / limit.flops);
  }
  const speed = (value: number) => (1 / value / 1e6).toFixed(1).padStart(5);
  const share = (value: number) => `${(100 * value).toFixed(0)}%`.padStart(4);
  const each = best(ours) * flops * 1e6;
  return [
    `${speed(best(ours))} /${speed(median(ours))} GFLOP/s`,
    `${share(best(theirs) / best(ours))} /${share(median(theirs.map((x, i) => x / ours[i]!)))} of ${speed(best(theirs))}`,
    each < 1e5 ? `${each.toFixed(0)} ns` : `${(each / 1e6).toFixed(2)} ms`,
  ].join("   ");
}

const square = (size: number, dtype: FloatType = "float32", a: Letter = "n", b: Letter = "n"): Shape => ({
  dtype,
  m: size,
  n: size,
  k: size,
  a,
  b,
});
const shape = (m: number, k: number, n: number, a: Letter = "n", b: Letter = "n"): Shape => ({
  dtype: "float32",
  m,
  n,
  k,
  a,
  b,
});

const shapes: readonly Shape[] = [
  ...[64, 128, 256, 512, 1024, 2048].map((size) => square(size)),
  square(512, "float32", "t", "n"),
  square(512, "float32", "n", "t"),
  square(512, "float64"),
  square(1024, "float64"),
  // Wide and deep.
  shape(32, 64, 50_000),
  shape(64, 32, 50_000),
  shape(32, 50_000, 64),
  shape(64, 784, 128),
  shape(784, 64, 128, "t", "n"),
  shape(64, 128, 784, "n", "t"),
  shape(64, 128, 10),
  // A matrix times a vector.
  shape(1, 1024, 1024),
  shape(1, 1024, 1024, "n", "t"),
  shape(1024, 1024, 1),
  shape(1024, 1024, 1, "t", "n"),
  shape(1, 4096, 4096),
  shape(4096, 4096, 1),
  // So small that calling counts.
  shape(4, 2, 2),
  shape(4, 4, 4),
  square(8),
  square(16),
  square(32),
];

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
for (const build of builds) {
  console.log(`Node ${process.version}, build ${build}: best / median of ${MILLISECONDS} ms`);
  const limits = { float32: limitOf("float32", build), float64: limitOf("float64", build) };
  for (const each of shapes) {
    const { dtype, m, n, k, a, b } = each;
    const name = `${dtype} [${m} × ${k}]${a === "t" ? "ᵀ" : ""}·[${k} × ${n}]${b === "t" ? "ᵀ" : ""}`;
    console.log(`${name.padEnd(40)} ${measure(each, build, limits[dtype])}`);
  }
}
