// The kernels of large eager operations as WebAssembly, always in the build of plain vectors.

import { heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { KernelModule } from "../kernel-module.ts";
import { writeLoops } from "../loops.ts";
import { Nodes } from "../nodes.ts";
import { productFunctionScratch, writeProductFunction } from "../product.ts";
import { rowFunction, rowScratch } from "../rows.ts";
import type { EagerKernels, Kernel } from "./kernels.ts";

/** A function that is written into a module of its own, which exports it as "run". */
function kernelOf(write: (module: KernelModule) => void): Kernel {
  const module = new KernelModule("simd");
  write(module);
  return module.instantiate(heap().memory).run!;
}

/** Kernels that are written when they are asked for. */
export const written: EagerKernels = {
  elements: (kernel) => kernelOf((module) => writeLoops(module, kernel, "run")),
  rows(dtype, combine) {
    const build = new Nodes();
    const type = combine === "total" || combine === "accumulate" ? "float64" : dtype;
    const node = build.convert(build.element(0, dtype), type);
    const isOneEach = combine !== "accumulate";
    const loops: LoopKernel = {
      sizes: [{ parameter: 0 }, { parameter: 1 }],
      parameters: 4,
      reads: [{ dtype, address: { parameter: 2 }, strides: [{ parameter: 1 }, 1] }],
      nodes: build.nodes,
      outputs: [
        {
          node,
          combine,
          write: { dtype: type, address: { parameter: 3 }, strides: isOneEach ? [1, 0] : [0, 1] },
          reduced: isOneEach ? [1] : [],
        },
      ],
    };
    return kernelOf((module) => writeLoops(module, loops, "run"));
  },
  product: (dtype, gated) => ({
    run: kernelOf((module) => writeProductFunction(module, dtype, gated, "run")),
    scratch: (m, n, k) => productFunctionScratch(dtype, m!, n!, k!),
  }),
  along: (rule, dtype) => ({
    run: kernelOf((module) => module.writer.export("run", rowFunction(module, rule, dtype))),
    scratch: (length) => rowScratch(rule, dtype, length!),
  }),
};
