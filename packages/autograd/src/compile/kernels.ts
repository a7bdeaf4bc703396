// The kernels of a cluster: a loop nest, a product with the loop nest that is its epilogue, or what becomes of rows. Addresses are in the code, or
// parameters of the function that is written.

import type { Atom } from "../expression/atoms/atom.ts";
import { identifierOf } from "../expression/atoms/identity.ts";
import { bytesOf } from "../kernels/heap.ts";
import {
  type Access,
  type BodyNode,
  EPILOGUE_PARAMETERS,
  type LoopKernel,
  type MatrixAccess,
  type Output,
  type ProductKernel,
  type Quantity,
  type RowAccess,
  type RowKernel,
} from "../kernels/kernel.ts";
import { productScratch } from "../kernels/product.ts";
import { rowScratch } from "../kernels/rows.ts";
import {
  type Buffer,
  type Cluster,
  type Move,
  operandsIn,
  type ProductOperand,
  type View,
} from "./cluster.ts";

/** A loop nest, or a product. The loop nest of a product, if there is one, is its epilogue. */
interface Nest {
  readonly loops: LoopKernel | null;
  readonly product: ProductKernel | null;
}

export type Kernels = Nest | { readonly rows: RowKernel };

/** An address that moves with the loops around. */
export interface Address {
  readonly base: number;
  readonly moves: readonly Move[];
}

/** Kernels with parameters in place of addresses: first the product's, then the loops'. */
export interface General {
  /** A text that identifies the kernels. */
  readonly key: string;
  readonly kernels: Kernels;
  readonly addresses: readonly Address[];
}

/** Where an element of a buffer lies, as a kernel is told. */
type Locate = (buffer: Buffer, offset: number) => Quantity;
type AccessOf = (view: View) => Access;

const addressOf = ({ address, dtype }: Buffer, offset: number) => address + offset * bytesOf[dtype];

const accessBy =
  (at: Locate): AccessOf =>
  ({ buffer, offset, strides, by }) => ({
    dtype: buffer.dtype,
    address: at(buffer, offset),
    strides,
    ...(by && { by }),
  });

/** Whether a cluster is computed by kernels. */
export const hasKernels = ({ host, inside, zeros }: Cluster): boolean =>
  host === null && inside === null && zeros === null;

/** How many bytes of scratch memory a cluster needs. */
export function scratchOf(cluster: Cluster): number {
  if (cluster.inside !== null) return cluster.inside.scratch;
  if (cluster.rows !== null) {
    const { rule, length, reads } = rowKernel(cluster, 0, accessBy(addressOf));
    return rowScratch(rule, reads[0]!.dtype, length);
  }
  return cluster.product === null ? 0 : productScratch(productKernel(cluster, 0, addressOf));
}

/** A cluster's kernels, with addresses in the code. `scratch` is the address of its scratch memory. */
export function fixedKernels(cluster: Cluster, scratch: number): Kernels {
  const access = accessBy(addressOf);
  if (cluster.rows !== null) return { rows: rowKernel(cluster, scratch, access) };
  if (cluster.product === null) return { loops: loopKernel(cluster, access), product: null };
  return { loops: epilogueKernel(cluster, access), product: productKernel(cluster, scratch, addressOf) };
}

/** The same with addresses as parameters. */
export function generalKernels(cluster: Cluster, scratch: number): General {
  const addresses: Address[] = [];
  const parameter = (address: Address, before: number): Quantity => ({
    parameter: before + addresses.push(address) - 1,
  });
  const locate =
    (before: number): Locate =>
    (buffer, offset) =>
      parameter({ base: addressOf(buffer, offset), moves: buffer.moves }, before);
  if (cluster.rows !== null) {
    const rows = rowKernel(cluster, parameter({ base: scratch, moves: [] }, 0), accessBy(locate(0)));
    return general({ rows: { ...rows, parameters: addresses.length } }, addresses);
  }
  if (cluster.product === null) {
    const loops = loopKernel(cluster, accessBy(locate(0)));
    return general({ loops: { ...loops, parameters: addresses.length }, product: null }, addresses);
  }
  const product = productKernel(cluster, parameter({ base: scratch, moves: [] }, 0), locate(0));
  // The addresses of the loops come after the other parameters of the loops.
  const ofProduct = addresses.length;
  const own = epilogueParameters(cluster);
  const loops = epilogueKernel(cluster, accessBy(locate(own - ofProduct)));
  const passed = addresses.length - ofProduct;
  return general(
    {
      loops: loops && { ...loops, parameters: own + passed },
      product: { ...product, parameters: addresses.length, passed },
    },
    addresses,
  );
}

const general = (kernels: Kernels, addresses: readonly Address[]): General => ({
  key: keyOf(kernels),
  kernels,
  addresses,
});

/** Returns a text that identifies kernels. Each atom is represented by its own identifier. */
const keyOf = (kernels: Kernels): string =>
  JSON.stringify(kernels, (key, value: unknown) => {
    if (key === "atom") return identifierOf(value as Atom);
    // JSON does not have these numbers.
    if (Object.is(value, -0)) return "-0";
    return typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  });

/** How many parameters an epilogue has beside addresses. */
const epilogueParameters = ({ product }: Cluster): number => EPILOGUE_PARAMETERS + 2 * product!.batch.length;

/** Returns the outputs, and only those nodes and reads that the outputs need, renumbered. */
function pruned(
  cluster: Cluster,
  outputs: readonly Output[],
  accessOf: AccessOf,
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
function readNode(cluster: Cluster, view: View, reads: Access[], accessOf: AccessOf): BodyNode {
  const { buffer, offset, strides, by } = view;
  const moving = strides.flatMap((stride, axis) => (stride !== 0 && cluster.sizes[axis] !== 1 ? [axis] : []));
  const [axis] = moving;
  if (buffer.counts && by === undefined && offset === 0 && moving.length === 1 && strides[axis!] === 1)
    return { op: "index", axis: axis!, dtype: "int32" };
  return { op: "read", read: reads.push(accessOf(view)) - 1, dtype: buffer.dtype };
}

function stores(cluster: Cluster, access: AccessOf): Output[] {
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

function loopKernel(cluster: Cluster, access: AccessOf): LoopKernel {
  const results = cluster.results.map(
    ({ node, combine, reduced, divisor = 1, ...view }): Output => ({
      node,
      combine,
      divisor,
      write: access(view),
      reduced: reduced.flatMap((flag, axis) => (flag ? [axis] : [])),
    }),
  );
  return { sizes: cluster.sizes, ...pruned(cluster, [...stores(cluster, access), ...results], access) };
}

/**
 * Returns the epilogue of a product: the loop nest that runs on each block of the product when the block is
 * complete; null if there is nothing to store.
 */
function epilogueKernel(cluster: Cluster, access: AccessOf): LoopKernel | null {
  const { target, batch } = cluster.product!;
  const outputs = stores(cluster, access);
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
    parameters: epilogueParameters(cluster),
    ...pruned(cluster, outputs, accessOf),
  };
}

function rowKernel(cluster: Cluster, scratch: Quantity, accessOf: AccessOf): RowKernel {
  const { rule, operands } = cluster.rows!;
  const rows = (view: View): RowAccess => ({
    ...accessOf({ ...view, strides: view.strides.slice(0, -1) }),
    along: view.strides.at(-1)!,
  });
  const reads = operands.map((operand) => {
    const node = cluster.nodes[operand]!;
    if (node.op !== "read") throw new Error("rows must lie in memory");
    return rows(cluster.reads[node.read]!);
  });
  return {
    rule,
    sizes: cluster.sizes.slice(0, -1),
    length: cluster.sizes.at(-1)!,
    reads,
    write: rows(cluster.results[0]!),
    scratch,
  };
}

function productKernel(cluster: Cluster, scratch: Quantity, at: Locate): ProductKernel {
  const { dtype, gated, batch, m, n, k, a, b, target } = cluster.product!;
  const matrix = (operand: ProductOperand): MatrixAccess => ({
    address: at(operand.buffer, operand.offset),
    batch: operand.batch,
    rows: operand.rows,
    columns: operand.columns,
  });
  const c = target.isStored ? { address: at(target, 0), batch: cluster.denseStrides.slice(0, -2) } : null;
  return { dtype, gated, batch, m, n, k, a: matrix(a), b: matrix(b), c, scratch };
}
