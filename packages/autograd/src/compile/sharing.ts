// Kernels that differ only in the addresses of their arrays, as those of equal layers do, become one function that
// takes the addresses as parameters: less code to write, and less for the JavaScript engine to compile and warm up.

import type { Atom } from "../expression/atoms/atom.ts";
import { identifierOf } from "../expression/atoms/identity.ts";
import type { FunctionIndex } from "../kernels/assembler.ts";
import type { Access, LoopKernel, ProductKernel, Quantity } from "../kernels/kernel.ts";
import type { KernelModule } from "../kernels/kernel-module.ts";
import { writeLoops } from "../kernels/loops.ts";
import { writeProduct } from "../kernels/product.ts";

/** A loop nest, or a product. The loop nest of a product, if there is one, is its epilogue. */
export interface Kernels {
  readonly loops: LoopKernel | null;
  readonly product: ProductKernel | null;
}

/** A function, and the arguments with which it is called. */
export interface Call {
  readonly fn: FunctionIndex;
  readonly with: readonly number[];
}

// Programs of fewer kernels don't share functions: fixed addresses make slightly faster code, and small
// programs repeat few kernels.
export const SHARING = { least: 40 };

// A WebAssembly function has at most 1,000 parameters, and the epilogue of a product has some of its own.
const MOST_ADDRESSES = 900;

/**
 * Writes the kernels, and returns the call of each. Kernels that are equal except for their addresses are
 * written once.
 */
export function writeKernels(module: KernelModule, all: readonly (Kernels | null)[]): (Call | null)[] {
  if (all.length < SHARING.least)
    return all.map((kernels) => kernels && { fn: write(module, kernels), with: [] });
  const generals = all.map((kernels) => kernels && generalOf(kernels));
  const counts = new Map<string, number>();
  for (const general of generals)
    if (general !== null) counts.set(general.key, (counts.get(general.key) ?? 0) + 1);
  return all.map((kernels, i) => {
    const general = generals[i] ?? null;
    if (kernels === null || general === null) return null;
    if (counts.get(general.key) === 1 || general.addresses.length > MOST_ADDRESSES)
      return { fn: write(module, kernels), with: [] };
    return { fn: module.once(general.key, () => write(module, general.kernels)), with: general.addresses };
  });
}

function write(module: KernelModule, { loops, product }: Kernels): FunctionIndex {
  if (product === null) return writeLoops(module, loops!);
  return writeProduct(module, product, loops === null ? null : writeLoops(module, loops));
}

interface General {
  readonly key: string;
  /** The kernels with parameters in place of addresses: first the product's, then the loops'. */
  readonly kernels: Kernels;
  readonly addresses: readonly number[];
}

function generalOf({ loops, product }: Kernels): General {
  const addresses: number[] = [];
  const parameter = (address: Quantity, before: number): Quantity =>
    typeof address === "number" ? { parameter: before + addresses.push(address) - 1 } : address;
  const at = <T extends { readonly address: Quantity }>(access: T, before: number): T => ({
    ...access,
    address: parameter(access.address, before),
  });
  const multiplied = product && {
    ...product,
    a: at(product.a, 0),
    b: at(product.b, 0),
    c: product.c && at(product.c, 0),
    scratch: parameter(product.scratch, 0),
  };
  // The addresses of the loops come after the other parameters of the loops.
  const own = loops?.parameters ?? 0;
  const ofProduct = addresses.length;
  const read = (access: Access) => at(access, own - ofProduct);
  const nest = loops && {
    ...loops,
    reads: loops.reads.map(read),
    outputs: loops.outputs.map((output) => ({ ...output, write: read(output.write) })),
  };
  const passed = addresses.length - ofProduct;
  const kernels: Kernels = {
    loops: nest && { ...nest, parameters: own + passed },
    product: multiplied && { ...multiplied, parameters: addresses.length, passed },
  };
  return { key: keyOf(kernels), kernels, addresses };
}

/** Returns a text that identifies a kernel. Each atom is represented by its own identifier. */
const keyOf = (kernels: Kernels): string =>
  JSON.stringify(kernels, (key, value: unknown) => {
    if (key === "atom") return identifierOf(value as Atom);
    // JSON does not have these numbers.
    if (Object.is(value, -0)) return "-0";
    return typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  });
