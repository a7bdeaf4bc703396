// A program while it is fused: its clusters and buffers so far, and how values get buffers of their own.

import type { DType } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import type { ProgramStep, ProgramValue } from "../program/parts.ts";
import { type Buffer, Cluster, type HostStep, type Source } from "./cluster.ts";
import type { Fusible, Placed, PlanInside } from "./fused.ts";
import { JoinableClusters } from "./joinable-clusters.ts";
import { align, dense, denseStrides, isDense, type Layout, strided, stridesIn } from "./layout.ts";

/** The name of the operation that makes a value, for listings. */
export const labelOf = ({ origin }: ProgramValue): string =>
  origin.kind === "step" ? origin.step.primitive.name : "";

export class Fusion {
  readonly clusters: JoinableClusters = new JoinableClusters();
  readonly buffers: Buffer[] = [];
  /** How often each value is used. */
  readonly uses: Map<ProgramValue, number> = new Map();
  /** The buffers for the outputs of steps that are computed as a whole. */
  readonly hosted: Map<ProgramStep, HostStep["targets"]> = new Map();
  readonly planInside: PlanInside;
  readonly #owner = new Map<Buffer, ProgramValue>();
  readonly #places = new Map<number, Buffer>();
  readonly #values: ReadonlySet<ProgramValue>;

  constructor(program: Fusible, planInside: PlanInside) {
    this.planInside = planInside;
    this.#values = new Set(program.values);
    for (const { origin } of program.values) {
      if (origin.kind !== "step") continue;
      for (const operand of origin.step.inputs) this.#use(operand);
    }
    const kept = [...program.results, ...program.outcomes.flatMap(({ value, grad }) => [value, grad])];
    for (const value of kept) if (value != null) this.#use(value);
  }

  #use(value: ProgramValue): void {
    this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
  }

  buffer(dtype: DType, size: number, source: Source, owner: ProgramValue | null = null): Buffer {
    const buffer: Buffer = {
      id: this.buffers.length,
      dtype,
      size,
      source,
      producers: [],
      isStored: source.kind !== "computed",
      address: 0,
      moves: [],
    };
    this.buffers.push(buffer);
    if (owner !== null) this.#owner.set(buffer, owner);
    return buffer;
  }

  outside(value: ProgramValue, source: Source): Placed {
    const { shape, dtype } = value;
    if (source.kind !== "constant") {
      const buffer = this.buffer(dtype, sizeOf(shape), source);
      return { shape, dtype, buffer, layout: dense(shape) };
    }
    // One repeated number is stored once; any other constant is stored row-major.
    const { array } = source;
    if (array.buffer.length === 1) {
      const buffer = this.buffer(dtype, 1, source);
      return {
        shape,
        dtype,
        buffer,
        layout: strided(
          shape,
          shape.map(() => 0),
        ),
      };
    }
    const packed = { kind: "constant" as const, array: array.contiguous() };
    return { shape, dtype, buffer: this.buffer(dtype, array.size, packed), layout: dense(shape) };
  }

  viewed({ shape, dtype }: ProgramValue, operand: Placed, look: (operand: Placed) => Layout | null): Placed {
    let base = operand;
    let layout = look(base);
    if (layout === null) {
      base = this.copied(operand);
      layout = look(base)!;
    }
    return { shape, dtype, buffer: base.buffer, layout };
  }

  /** Copies a value, row-major, to a buffer of its own. */
  copied({ shape, dtype, buffer, layout }: Placed): Placed {
    const copy = this.buffer(dtype, sizeOf(shape), { kind: "computed" });
    if (copy.size === 0) return { shape, dtype, buffer: copy, layout: dense(shape) };
    const { sizes, strides } = align(shape, [layout])!;
    const cluster = this.clusters.begin(sizes);
    const node = cluster.read(buffer, layout.offset, strides[0]!);
    this.clusters.computes(cluster, copy, node);
    cluster.labels.push("copy");
    return { shape, dtype, buffer: copy, layout: dense(shape) };
  }

  /**
   * Returns a result in a form that can be read back: in a computed buffer, with one stride for each axis.
   * Copies it where necessary.
   */
  kept(placed: Placed): Placed {
    const { source, producers } = placed.buffer;
    const isOwn = source.kind === "computed" && (producers.length > 0 || placed.buffer.size === 0);
    const strides = stridesIn(placed.layout);
    const isWhole = placed.buffer.size <= sizeOf(placed.shape);
    const kept = isOwn && isWhole && strides !== null ? placed : this.copied(placed);
    kept.buffer.isStored = true;
    return kept;
  }

  /**
   * Returns a buffer that holds the value, row-major, and that no other outcome uses. Copies the value where
   * necessary.
   */
  rowMajor(placed: Placed, taken: ReadonlySet<Buffer>): Buffer {
    const { buffer, layout, shape } = placed;
    const isOwn =
      buffer.source.kind === "computed" && isDense(layout, shape) && buffer.size === sizeOf(shape);
    const chosen = isOwn && !taken.has(buffer) ? buffer : this.copied(placed).buffer;
    chosen.isStored = true;
    return chosen;
  }

  /** Returns the buffer that holds the numbers 0 … n − 1. */
  counting(n: number): Buffer {
    let buffer = this.#places.get(n);
    if (buffer === undefined) {
      const array = new NDArray(
        "int32",
        [n],
        Int32Array.from({ length: n }, (_, i) => i),
      );
      buffer = { ...this.buffer("int32", n, { kind: "constant", array }), counts: true };
      this.buffers[buffer.id] = buffer;
      this.#places.set(n, buffer);
    }
    return buffer;
  }

  /** Fills a buffer with zeros before any other cluster writes to it. */
  zeros(target: Buffer): void {
    const zeros = this.clusters.begin([target.size]);
    zeros.zeros = target;
    zeros.isOpen = false;
    target.producers.push(zeros);
    zeros.labels.push("zeros");
  }

  /** Copies a value, row-major, to the start of a buffer that is written to again. */
  put({ shape, buffer, layout }: Placed, target: Buffer): void {
    const { sizes, strides } = align(shape, [layout])!;
    const cluster = this.clusters.begin(sizes);
    cluster.isOpen = false;
    const node = cluster.read(buffer, layout.offset, strides[0]!);
    cluster.results.push({
      buffer: target,
      offset: 0,
      node,
      combine: "store",
      strides: denseStrides(sizes),
      reduced: sizes.map(() => false),
    });
    target.producers.push(cluster);
    cluster.labels.push("copy");
  }

  /** Whether a cluster computes one buffer only, and this buffer is used only once. */
  isOnlyFor(cluster: Cluster, buffer: Buffer): boolean {
    if (cluster.computed.size !== 1 || !cluster.computed.has(buffer)) return false;
    return !buffer.isStored && this.uses.get(this.#owner.get(buffer)!) === 1;
  }

  /** Buffers for the outputs of a step that is computed as a whole. */
  targetsOf(step: ProgramStep): (Buffer | null)[] {
    const targets = step.outputs.map((each) =>
      this.#values.has(each) ? this.buffer(each.dtype, sizeOf(each.shape), { kind: "computed" }, each) : null,
    );
    this.hosted.set(step, targets);
    return targets;
  }

  /** Takes a cluster that computes all outputs of a step. */
  finish(
    cluster: Cluster,
    { primitive, attributes }: ProgramStep,
    targets: readonly (Buffer | null)[],
  ): void {
    cluster.isOpen = false;
    cluster.labels.push(primitive.name);
    const told = primitive.label?.(attributes) ?? "";
    if (cluster.inside !== null && told !== "") cluster.labels.push(told);
    for (const target of targets) {
      if (target === null) continue;
      target.isStored = true;
      target.producers.push(cluster);
    }
    this.clusters.take(cluster);
  }

  hostCluster(
    operands: readonly Placed[],
    targets: HostStep["targets"],
    call: HostStep["call"],
    mayThrow = false,
  ): Cluster {
    const cluster = new Cluster([]);
    cluster.isOpen = false;
    const seen = operands.map((operand) => {
      const { buffer, layout, shape, dtype } =
        stridesIn(operand.layout) === null ? this.copied(operand) : operand;
      cluster.waitForAll(buffer.producers);
      buffer.isStored = true;
      return { view: { buffer, offset: layout.offset, strides: stridesIn(layout)! }, shape, dtype };
    });
    cluster.host = { operands: seen, call, targets, mayThrow };
    return cluster;
  }
}
