// Writes the clusters of a program as code: one WebAssembly module, whose function `run` runs all clusters in
// order. Host calls go from there to JavaScript.

import type { FunctionWriter } from "../kernels/assembler.ts";
import { bytesOf } from "../kernels/heap.ts";
import { I } from "../kernels/instructions.ts";
import {
  type Access,
  type BodyNode,
  EPILOGUE_PARAMETERS,
  type LoopKernel,
  type MatrixAccess,
  type Output,
  type ProductKernel,
  type Quantity,
} from "../kernels/kernel.ts";
import { KernelModule } from "../kernels/kernel-module.ts";
import { productScratch } from "../kernels/product.ts";
import type { Build } from "../kernels/webassembly.ts";
import { type Buffer, type Cluster, operandsIn, type ProductOperand, type View } from "./cluster.ts";
import { type Call, type Kernels, writeKernels } from "./sharing.ts";

/** What the code calls for a host step, with the step's cluster. */
export type HostCall = (cluster: Cluster) => void;

/** Returns how many bytes of scratch memory a cluster needs. */
export function scratchOf(cluster: Cluster): number {
  return cluster.product === null ? 0 : productScratch(productKernel(cluster, 0));
}

/**
 * A module whose `run` runs the whole program. The kernels of each cluster are also exported, under the
 * cluster's place in the order; `calls` gives their arguments, or null for a cluster without kernels.
 */
export interface Emitted {
  readonly module: KernelModule;
  readonly calls: readonly (Call | null)[];
}

/**
 * Writes the module. The buffers must have their addresses; `scratch` returns the address of a cluster's
 * scratch memory.
 */
export function emit(
  order: readonly Cluster[],
  scratch: (cluster: Cluster) => number,
  build: Exclude<Build, "none">,
  callHost: HostCall,
): Emitted {
  const module = new KernelModule(build);
  const { writer } = module;
  const calls = writeKernels(
    module,
    order.map((cluster) => kernelsOf(cluster, scratch)),
  );
  calls.forEach((call, i) => {
    if (call !== null) writer.export(`${i}`, call.fn);
  });
  writer.function(
    [],
    [],
    (code) => {
      order.forEach((cluster, i) => {
        const call = calls[i] ?? null;
        if (call === null) {
          writeOther(code, module, cluster, callHost);
          return;
        }
        for (const address of call.with) code.i32(address);
        code.call(call.fn);
      });
    },
    "run",
  );
  return { module, calls };
}

/** Writes a cluster that is not a kernel: a fill with zeros, or a host call. */
function writeOther(code: FunctionWriter, module: KernelModule, cluster: Cluster, callHost: HostCall): void {
  const { zeros } = cluster;
  if (zeros !== null) {
    const bytes = zeros.size * bytesOf[zeros.dtype];
    code.i32(zeros.address).i32(0).i32(bytes).memoryFill();
    return;
  }
  const host = module.hostFunction(() => {
    callHost(cluster);
    return 0;
  });
  code.i32(host).f64(0).f64(0).f64(0).call(module.host).emit(I.drop);
}

function kernelsOf(cluster: Cluster, scratch: (cluster: Cluster) => number): Kernels | null {
  if (cluster.host !== null || cluster.zeros !== null) return null;
  if (cluster.product === null) return { loops: loopKernel(cluster), product: null };
  return { loops: epilogueKernel(cluster), product: productKernel(cluster, scratch(cluster)) };
}

const addressOf = ({ buffer, offset }: { readonly buffer: Buffer; readonly offset: number }) =>
  buffer.address + offset * bytesOf[buffer.dtype];

const access = (view: View): Access => ({
  dtype: view.buffer.dtype,
  address: addressOf(view),
  strides: view.strides,
  ...(view.by && { by: view.by }),
});

/** Returns the outputs, and only those nodes and reads that the outputs need, renumbered. */
function pruned(
  cluster: Cluster,
  outputs: readonly Output[],
  accessOf: (view: View) => Access,
): Pick<LoopKernel, "reads" | "nodes" | "outputs"> {
  const needed = new Set<number>(
    outputs.flatMap(({ node, write: { by } }) => (by ? [node, by.node] : [node])),
  );
  for (let i = cluster.nodes.length - 1; i >= 0; i--) {
    if (!needed.has(i)) continue;
    for (const operand of operandsIn(cluster, cluster.nodes[i]!)) needed.add(operand);
  }
  const reads: Access[] = [];
  const nodes: BodyNode[] = [];
  const place = new Map<number, number>();
  const renumbered = ({ by, ...rest }: Access): Access =>
    by === undefined ? rest : { ...rest, by: { ...by, node: place.get(by.node)! } };
  cluster.nodes.forEach((node, i) => {
    if (!needed.has(i)) return;
    place.set(i, nodes.length);
    if (node.op === "read")
      nodes.push(readNode(cluster, cluster.reads[node.read]!, reads, (view) => renumbered(accessOf(view))));
    else if (node.op === "convert") nodes.push({ ...node, operand: place.get(node.operand)! });
    else if (node.op === "atom")
      nodes.push({ ...node, operands: node.operands.map((operand) => place.get(operand)!) });
    else nodes.push(node);
  });
  return {
    reads,
    nodes,
    outputs: outputs.map((output) => ({
      ...output,
      node: place.get(output.node)!,
      write: renumbered(output.write),
    })),
  };
}

/**
 * Returns the node of a read. Numbers that count along one axis are that axis' index, and need no read from memory.
 */
function readNode(cluster: Cluster, view: View, reads: Access[], accessOf: (view: View) => Access): BodyNode {
  const { buffer, offset, strides, by } = view;
  const moving = strides.flatMap((stride, axis) => (stride !== 0 && cluster.sizes[axis] !== 1 ? [axis] : []));
  const [axis] = moving;
  if (buffer.counts && by === undefined && offset === 0 && moving.length === 1 && strides[axis!] === 1)
    return { op: "index", axis: axis!, dtype: "int32" };
  return { op: "read", read: reads.push(accessOf(view)) - 1, dtype: buffer.dtype };
}

function stores(cluster: Cluster): Output[] {
  const target = cluster.product?.target;
  return [...cluster.computed]
    .filter(([buffer]) => buffer.isStored && buffer !== target)
    .map(([buffer, node]) => ({
      node,
      combine: "store",
      write: access({ buffer, offset: 0, strides: cluster.denseStrides }),
      reduced: [],
    }));
}

function loopKernel(cluster: Cluster): LoopKernel {
  const results = cluster.results.map(
    ({ node, combine, reduced, divisor = 1, ...view }): Output => ({
      node,
      combine,
      divisor,
      write: access(view),
      reduced: reduced.flatMap((flag, axis) => (flag ? [axis] : [])),
    }),
  );
  return { sizes: cluster.sizes, ...pruned(cluster, [...stores(cluster), ...results], access) };
}

/**
 * Returns the epilogue of a product: the loop nest that runs on each block of the product when the block is
 * complete; null if there is nothing to store.
 */
function epilogueKernel(cluster: Cluster): LoopKernel | null {
  const { target, batch } = cluster.product!;
  const outputs = stores(cluster);
  if (outputs.length === 0) return null;
  const parameter = (place: number): Quantity => ({ parameter: place });
  const accessOf = (view: View): Access =>
    view.buffer === target
      ? {
          dtype: target.dtype,
          address: parameter(4),
          strides: [...batch.map(() => 0), parameter(5), 1],
        }
      : access(view);
  return {
    from: [...batch.map((_, i) => parameter(EPILOGUE_PARAMETERS + 2 * i)), parameter(0), parameter(2)],
    sizes: [...batch.map((_, i) => parameter(EPILOGUE_PARAMETERS + 2 * i + 1)), parameter(1), parameter(3)],
    parameters: EPILOGUE_PARAMETERS + 2 * batch.length,
    ...pruned(cluster, outputs, accessOf),
  };
}

function productKernel(cluster: Cluster, scratch: number): ProductKernel {
  const { dtype, gated, batch, m, n, k, a, b, target } = cluster.product!;
  const matrix = (operand: ProductOperand): MatrixAccess => ({
    address: addressOf(operand),
    batch: operand.batch,
    rows: operand.rows,
    columns: operand.columns,
  });
  const c = target.isStored ? { address: target.address, batch: cluster.denseStrides.slice(0, -2) } : null;
  return { dtype, gated, batch, m, n, k, a: matrix(a), b: matrix(b), c, scratch };
}
