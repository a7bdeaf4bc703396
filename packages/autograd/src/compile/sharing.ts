// Kernels that differ only in where their arrays lie, as those of equal layers do, are one function that takes the
// addresses: less code to write, and less for the engine to compile and to warm up.

import type { Atom } from "../expression/atoms/atom.ts";
import { identifierOf } from "../expression/atoms/identity.ts";
import type { FunctionIndex } from "../kernels/assembler.ts";
import type { Access, LoopKernel, ProductKernel, Quantity } from "../kernels/kernel.ts";
import type { KernelModule } from "../kernels/kernel-module.ts";
import { writeLoops } from "../kernels/loops.ts";
import { writeProduct } from "../kernels/product.ts";

/** A loop nest; or a product, whose epilogue is the nest, if it has one. */
export interface Kernels {
  readonly loops: LoopKernel | null;
  readonly product: ProductKernel | null;
}

/** A function and what it is to be called with. */
export interface Call {
  readonly fn: FunctionIndex;
  readonly with: readonly number[];
}

// Addresses that are known make slightly faster code, and small programs repeat little.
export const SHARING = { least: 40 };

// A function has 1,000 parameters at most, and a product's epilogue takes some of its own.
const MOST_ADDRESSES = 900;

/** Writes the kernels, those once that are the same but for addresses. */
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
  /** With parameters in place of addresses: first those of the product, then those of the loops. */
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
  // What loops take comes after what they take anyway.
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

/** What a kernel is, as text: each function of elements by its own identifier. */
const keyOf = (kernels: Kernels): string =>
  JSON.stringify(kernels, (key, value: unknown) => {
    if (key === "atom") return identifierOf(value as Atom);
    // Numbers that JSON doesn't have.
    if (Object.is(value, -0)) return "-0";
    return typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  });
