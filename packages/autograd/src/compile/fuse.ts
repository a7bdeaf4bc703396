// Fusion: decides which values are computed together. Each value, in order, joins a cluster that computes one
// of its operands, if it walks the same space in the same order and none of its other operands depends on
// that cluster. Otherwise it begins a cluster.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import { joinAxes, NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import type { Factor, RowRule } from "../kernels/kernel.ts";
import { LARGEST_BODY } from "../kernels/nodes.ts";
import { type GuardedValue, mayRefuse } from "../program/guards.ts";
import type { ProgramParts, ProgramStep, ProgramValue } from "../program/parts.ts";
import { evaluateStep } from "../program/replay.ts";
import type { Cell } from "../tape/cell.ts";
import type { Control, Lowering } from "../tape/lowering.ts";
import {
  type Buffer,
  Cluster,
  type HostStep,
  type Inside,
  type ProductOperand,
  type Source,
} from "./cluster.ts";
import { Building, Probe } from "./elements.ts";
import { type Home, JoinableClusters } from "./joinable-clusters.ts";
import {
  align,
  dense,
  denseStrides,
  isDense,
  join,
  type Layout,
  reshaped,
  split,
  spread,
  strided,
  stridesIn,
  viewed,
} from "./layout.ts";
import { flagsAlong, isSuffix, orderOf, storedAs } from "./loop-order.ts";

/** A value, the buffer that holds it, and its layout there. */
export interface Placed extends Description {
  readonly buffer: Buffer;
  readonly layout: Layout;
}

/** A program as clusters and buffers, before the clusters are put in order. */
export interface Fused {
  readonly clusters: readonly Cluster[];
  readonly buffers: readonly Buffer[];
  readonly results: readonly Placed[];
  /**
   * The row-major buffers of new values of variables and of their gradients: undefined where nothing changes,
   * null where the gradient is cleared.
   */
  readonly outcomes: readonly {
    readonly variable: Cell;
    readonly value: Buffer | undefined;
    readonly grad: Buffer | null | undefined;
  }[];
  /** The guards: clusters that check numbers before any variable changes. */
  readonly guards: readonly Cluster[];
}

/** What is fused: a program, or one inside a step. */
export interface Fusible extends Pick<ProgramParts, "values" | "outcomes"> {
  /** The outputs that are computed. */
  readonly results: readonly ProgramValue[];
  readonly guards: readonly GuardedValue[];
}

/** A step that holds programs, with the buffers around it. */
export interface Surroundings {
  readonly control: Control;
  /** The step's operands, row-major; for what a loop carries, the buffers that it ends up in. */
  readonly operands: readonly { readonly buffer: Buffer; readonly offset: number }[];
  /** The step's results, row-major; null for those that nothing reads. */
  readonly targets: readonly (Buffer | null)[];
  /** A buffer for the truth value that ends a loop. */
  flag(): Buffer;
  /** A buffer around the step for a constant within. */
  constant(within: Buffer): Buffer;
}

/** Makes clusters of the programs inside a step. */
export type PlanInside = (around: Surroundings) => Inside;

/** The shortest row that is worth a loop of its own: the number of elements in a float32 vector. */
const SHORTEST_ROW = 4;

/**
 * Returns the value with size 1 along each axis that repeats the same elements, so that each element is there once.
 */
function withoutRepeats({ shape, layout, ...rest }: Placed): Placed {
  const repeats = layout.axes.map((factors) => factors.every(({ stride }) => stride === 0));
  return {
    ...rest,
    shape: shape.map((size, axis) => (repeats[axis] && size > 0 ? 1 : size)),
    layout: { ...layout, axes: layout.axes.map((factors, axis) => (repeats[axis] ? [] : factors)) },
  };
}

/** Fuses a program. `sources` says where inputs come from that are inputs of a program inside a step. */
export function fuse(
  program: Fusible,
  planInside: PlanInside,
  sources: ReadonlyMap<ProgramValue, Source> = new Map(),
): Fused {
  return new Fuser(program, planInside, sources).fused;
}

class Fuser {
  readonly clusters: JoinableClusters = new JoinableClusters();
  readonly buffers: Buffer[] = [];
  readonly placed = new Map<ProgramValue, Placed>();
  readonly uses = new Map<ProgramValue, number>();
  readonly #owner = new Map<Buffer, ProgramValue>();
  readonly #places = new Map<number, Buffer>();
  readonly #hosted = new Map<ProgramStep, HostStep["targets"]>();
  readonly #values: ReadonlySet<ProgramValue>;

  readonly #program: Fusible;
  readonly #planInside: PlanInside;
  readonly #sources: ReadonlyMap<ProgramValue, Source>;

  constructor(program: Fusible, planInside: PlanInside, sources: ReadonlyMap<ProgramValue, Source>) {
    this.#program = program;
    this.#planInside = planInside;
    this.#sources = sources;
    this.#values = new Set(program.values);
    for (const { origin } of program.values) {
      if (origin.kind !== "step") continue;
      for (const operand of origin.step.inputs) this.uses.set(operand, (this.uses.get(operand) ?? 0) + 1);
    }
    const kept = [...program.results, ...program.outcomes.flatMap(({ value, grad }) => [value, grad])];
    for (const value of kept) if (value != null) this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
  }

  get fused(): Fused {
    for (const value of this.#program.values) this.#place(value);
    const results = this.#program.results.map((value) => this.#kept(this.placed.get(value)!));
    const targets = new Set<Buffer>();
    const own = (value: ProgramValue) => {
      const buffer = this.#rowMajor(this.placed.get(value)!, targets);
      targets.add(buffer);
      return buffer;
    };
    const outcomes = this.#program.outcomes.map(({ variable, value, grad }) => ({
      variable,
      value: value === undefined ? undefined : own(value),
      grad: grad == null ? grad : own(grad),
    }));
    const guards = this.#program.guards.map(({ numbers, look, mayDiffer }) => {
      const cluster = this.#hostCluster([withoutRepeats(this.placed.get(numbers)!)], [], ([array]) => {
        look(array!);
        return [];
      });
      cluster.host = { ...cluster.host!, mayDiffer };
      cluster.labels.push("look");
      return cluster;
    });
    return {
      clusters: this.clusters.all,
      buffers: this.buffers,
      results,
      outcomes,
      guards,
    };
  }

  // ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────

  #place(value: ProgramValue): void {
    const { origin } = value;
    if (origin.kind !== "step") {
      this.placed.set(value, this.#outside(value, this.#sources.get(value) ?? origin));
      return;
    }
    const { primitive, attributes } = origin.step;
    const operands = origin.step.inputs.map((operand) => this.placed.get(operand)!);
    const lowering =
      sizeOf(value.shape) === 0 || operands.some(({ shape }) => sizeOf(shape) === 0)
        ? null
        : (primitive.lowering?.(attributes, operands, value) ?? null);
    this.placed.set(value, this.#lowered(value, lowering, operands));
  }

  #lowered(value: ProgramValue, lowering: Lowering<unknown> | null, operands: readonly Placed[]): Placed {
    switch (lowering?.family) {
      case "view":
        return this.#viewed(value, operands[0]!, ({ layout, shape }) =>
          viewed(layout, lowering.view, shape, value.shape),
        );
      case "regroup":
        return this.#viewed(value, operands[0]!, ({ layout }) => reshaped(layout, value.shape));
      case "elements":
        return this.#elements(value, lowering, operands);
      case "reduction":
        return this.#reduction(value, lowering, operands[0]!);
      case "product":
        return this.#product(value, lowering.gated, operands);
      case "parts":
        return this.#parts(value, lowering, operands);
      case "scatter":
        return this.#scattered(value, lowering.axis, operands);
      case "control":
        return this.#control(value, lowering.control, operands);
      case "running": {
        const { combine, axis, reverse } = lowering;
        const isLate = combine === "affine" && reverse;
        return this.#rows(value, { combine, isLate }, axis, reverse, operands);
      }
      case "order":
        return this.#rows(value, { descending: lowering.descending }, lowering.axis, false, operands);
      case undefined:
        return this.#host(value, operands);
    }
  }

  #buffer(dtype: DType, size: number, source: Source, owner: ProgramValue | null = null): Buffer {
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

  #outside(value: ProgramValue, source: Source): Placed {
    const { shape, dtype } = value;
    if (source.kind !== "constant") {
      const buffer = this.#buffer(dtype, sizeOf(shape), source);
      return { shape, dtype, buffer, layout: dense(shape) };
    }
    // One repeated number is stored once; any other constant is stored row-major.
    const { array } = source;
    if (array.buffer.length === 1) {
      const buffer = this.#buffer(dtype, 1, source);
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
    return { shape, dtype, buffer: this.#buffer(dtype, array.size, packed), layout: dense(shape) };
  }

  #viewed({ shape, dtype }: ProgramValue, operand: Placed, look: (operand: Placed) => Layout | null): Placed {
    let base = operand;
    let layout = look(base);
    if (layout === null) {
      base = this.#copied(operand);
      layout = look(base)!;
    }
    return { shape, dtype, buffer: base.buffer, layout };
  }

  // ── Copies ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Copies a value, row-major, to a buffer of its own. */
  #copied({ shape, dtype, buffer, layout }: Placed): Placed {
    const copy = this.#buffer(dtype, sizeOf(shape), { kind: "computed" });
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
  #kept(placed: Placed): Placed {
    const { source, producers } = placed.buffer;
    const isOwn = source.kind === "computed" && (producers.length > 0 || placed.buffer.size === 0);
    const strides = stridesIn(placed.layout);
    const isWhole = placed.buffer.size <= sizeOf(placed.shape);
    const kept = isOwn && isWhole && strides !== null ? placed : this.#copied(placed);
    kept.buffer.isStored = true;
    return kept;
  }

  /**
   * Returns a buffer that holds the value, row-major, and that no other outcome uses. Copies the value where
   * necessary.
   */
  #rowMajor(placed: Placed, taken: ReadonlySet<Buffer>): Buffer {
    const { buffer, layout, shape } = placed;
    const isOwn =
      buffer.source.kind === "computed" && isDense(layout, shape) && buffer.size === sizeOf(shape);
    const chosen = isOwn && !taken.has(buffer) ? buffer : this.#copied(placed).buffer;
    chosen.isStored = true;
    return chosen;
  }

  // ── Families ────────────────────────────────────────────────────────────────────────────────────────────────

  #elements(
    value: ProgramValue,
    lowering: Extract<Lowering<unknown>, { family: "elements" }>,
    operands: readonly Placed[],
  ): Placed {
    const { shape, dtype, origin } = value;
    if (origin.kind !== "step") throw new Error("elements must come from a step");
    // A first run of the lowering builds nothing, and finds out what the element reads.
    const counted = new Set<number>();
    const lookedUp = new Map<number, number>();
    const probe = new Probe(
      operands,
      (axis) => counted.add(axis),
      (operand, axis) => lookedUp.set(operand, axis),
    );
    lowering.element(probe, origin.step.attributes, value, operands);
    const ways: (Factor | undefined)[] = [];
    const viewOf = (operand: Placed, i: number): { buffer: Buffer; layout: Layout; isIndirect: boolean } => {
      const along = lookedUp.get(i);
      const isEven = along === undefined || join(operand.layout.axes[along]!).length <= 1;
      const { buffer, layout, shape: from } = isEven ? operand : this.#copied(operand);
      if (along === undefined) return { buffer, layout: spread(layout, from, shape), isIndirect: false };
      // The view has stride 0 along this axis; the index selects the element.
      const [factor] = join(layout.axes[along]!);
      ways[i] = { size: from[along]!, stride: factor?.stride ?? 0 };
      const still = { ...layout, axes: layout.axes.with(along, []) };
      return { buffer, layout: spread(still, from.with(along, 1), shape), isIndirect: true };
    };
    // An element that is too long for a kernel is computed by a host call.
    if (probe.cost > LARGEST_BODY) return this.#host(value, operands);
    const views = operands.map(viewOf);
    const iotas = [...counted];
    for (const axis of iotas) {
      const strides = shape.map((_, k) => Number(k === axis));
      views.push({
        buffer: this.#counting(shape[axis]!),
        layout: strided(shape, strides),
        isIndirect: false,
      });
    }
    let aligned = align(
      shape,
      views.map(({ layout }) => layout),
    );
    if (aligned === null) {
      operands.forEach((operand, i) => {
        views[i] = viewOf(this.#copied(operand), i);
      });
      aligned = align(
        shape,
        views.map(({ layout }) => layout),
      )!;
    }
    const order = orderOf(aligned.sizes, views, aligned.strides);
    const sizes = order.map((k) => aligned.sizes[k]!);
    const reads = views.map(({ buffer, layout: { offset }, isIndirect }, i) => ({
      buffer,
      offset,
      isIndirect,
      strides: order.map((k) => aligned.strides[i]![k]!),
    }));
    const home = this.clusters.home(sizes, reads);
    const cluster = home?.cluster ?? this.clusters.begin(sizes);
    const strides = home?.strides ?? reads.map((read) => read.strides);
    const nodes = reads.map(
      ({ buffer, offset }, i) =>
        () =>
          this.clusters.read(cluster, buffer, offset, strides[i]!),
    );
    const build = new Building(
      cluster,
      (i) => nodes[i]!(),
      (i, node) => {
        const { buffer, offset } = reads[i]!;
        return cluster.readAt(buffer, offset, strides[i]!, { ...ways[i]!, node });
      },
      (axis) => nodes[operands.length + iotas.indexOf(axis)]!(),
    );
    const node = build.nodeOf(lowering.element(build, origin.step.attributes, value, operands));
    const buffer = this.#buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
    this.clusters.computes(cluster, buffer, node);
    // An elementwise function is listed under its own name, not under that of its primitive.
    cluster.labels.push(origin.step.primitive.label?.(origin.step.attributes) ?? origin.step.primitive.name);
    return { shape, dtype, buffer, layout: storedAs(shape, aligned.axis, aligned.sizes, order) };
  }

  /** Returns the buffer that holds the numbers 0 … n − 1. */
  #counting(n: number): Buffer {
    let buffer = this.#places.get(n);
    if (buffer === undefined) {
      const array = new NDArray(
        "int32",
        [n],
        Int32Array.from({ length: n }, (_, i) => i),
      );
      buffer = { ...this.#buffer("int32", n, { kind: "constant", array }), counts: true };
      this.buffers[buffer.id] = buffer;
      this.#places.set(n, buffer);
    }
    return buffer;
  }

  #reduction(
    value: ProgramValue,
    { combine, divisor = 1 }: Extract<Lowering<unknown>, { family: "reduction" }>,
    operand: Placed,
  ): Placed {
    const { shape, dtype } = value;
    const added = operand.shape.length - shape.length;
    const isReduced = (axis: number) => axis < added || shape[axis - added] !== operand.shape[axis];
    const { sizes: common, axis, strides } = align(operand.shape, [operand.layout])!;
    const order = orderOf(common, [operand], strides);
    const sizes = order.map((k) => common[k]!);
    const view = {
      buffer: operand.buffer,
      offset: operand.layout.offset,
      strides: order.map((k) => strides[0]![k]!),
    };
    const reduced = order.map((k) => isReduced(axis[k]!));
    const buffer = this.#buffer(dtype, sizeOf(shape), { kind: "computed" }, value);

    // The kept axes are stored in the order in which they are walked.
    const keptOrder = order.filter((k) => !isReduced(axis[k]!));
    const write = new Array<number>(common.length).fill(0);
    denseStrides(keptOrder.map((k) => common[k]!)).forEach((stride, i) => {
      write[keptOrder[i]!] = stride;
    });
    const layout: Layout = {
      offset: 0,
      axes: shape.map((_, k) =>
        axis.flatMap((from, j) =>
          from === k + added && !isReduced(from) ? [{ size: common[j]!, stride: write[j]! }] : [],
        ),
      ),
    };
    const home = this.#homeOfReduction(sizes, view, reduced);
    const cluster = home?.cluster ?? this.clusters.begin(sizes);
    const inner = home?.strides ?? [view.strides];
    const spaces = home?.sizes ?? sizes;
    const node = this.clusters.read(cluster, view.buffer, view.offset, inner[0]!);
    const factors = (list: readonly number[]) =>
      sizes.map((size, i) => ({ size, stride: list[i]! })).filter(({ size }) => size !== 1);
    const outer = order.map((k) => write[k]!);
    const flags = sizes.map((size, i) => ({ size, flag: reduced[i]! })).filter(({ size }) => size !== 1);
    cluster.results.push({
      buffer,
      offset: 0,
      node,
      combine,
      divisor,
      strides: split(factors(outer), spaces),
      reduced: flagsAlong(flags, spaces),
    });
    if (!isSuffix(flagsAlong(flags, spaces))) cluster.isOpen = false;
    buffer.producers.push(cluster);
    cluster.labels.push(this.#label(value));
    return { shape, dtype, buffer, layout };
  }

  /**
   * Returns the cluster that a reduction joins: that of its operand, if the reduced axes are walked last or
   * the cluster is needed for nothing else. Returns null if there is none.
   */
  #homeOfReduction(
    sizes: readonly number[],
    view: { readonly buffer: Buffer; readonly offset: number; readonly strides: readonly number[] },
    reduced: readonly boolean[],
  ): Home | null {
    const [producer] = view.buffer.producers;
    if (producer === undefined || producer.product !== null) return null;
    const last = isSuffix(reduced);
    if (!last && (producer.results.length > 0 || !this.#isOnlyFor(producer, view.buffer))) return null;
    return this.clusters.home(sizes, [view]);
  }

  /** Whether a cluster computes one buffer only, and this buffer is used only once. */
  #isOnlyFor(cluster: Cluster, buffer: Buffer): boolean {
    if (cluster.computed.size !== 1 || !cluster.computed.has(buffer)) return false;
    return !buffer.isStored && this.uses.get(this.#owner.get(buffer)!) === 1;
  }

  #product(value: ProgramValue, gated: boolean, operands: readonly Placed[]): Placed {
    const { shape, dtype } = value;
    const batch = shape.slice(0, -2);
    const [m, n] = shape.slice(-2) as [number, number];
    const k = operands[0]!.shape.at(-1)!;
    const cluster = this.clusters.begin(shape);
    const asOperand = (operand: Placed): ProductOperand => {
      let { buffer, layout } = operand;
      const batchStrides = () => stridesIn({ offset: 0, axes: layout.axes.slice(0, -2) });
      if (batchStrides() === null) ({ buffer, layout } = this.#copied(operand));
      cluster.waitForAll(buffer.producers);
      buffer.isStored = true;
      const [rows, columns] = layout.axes.slice(-2).map(join);
      return { buffer, offset: layout.offset, batch: batchStrides()!, rows: rows!, columns: columns! };
    };
    const [a, b] = operands.map(asOperand) as [ProductOperand, ProductOperand];
    const target = this.#buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
    cluster.product = { dtype: dtype as "float32" | "float64", gated, batch, m, n, k, a, b, target };
    this.clusters.computes(cluster, target, cluster.readMemory(target, 0, denseStrides(shape)));
    // An epilogue walks rows. Where rows are shorter than a vector, a separate cluster is faster, since it
    // walks all elements as one row.
    cluster.isOpen = n >= SHORTEST_ROW;
    cluster.labels.push(this.#label(value));
    return { shape, dtype, buffer: target, layout: dense(shape) };
  }

  #parts(
    value: ProgramValue,
    lowering: Extract<Lowering<unknown>, { family: "parts" }>,
    operands: readonly Placed[],
  ): Placed {
    const { shape, dtype, origin } = value;
    if (origin.kind !== "step") throw new Error("parts must come from a step");
    const size = sizeOf(shape);
    const target = this.#buffer(dtype, size, { kind: "computed" }, value);
    const whole = new NDArray(dtype, shape, { read: () => new Uint8Array(0) });
    const parts = lowering.parts(whole, origin.step.attributes, operands);
    const covered = operands.reduce((sum, operand) => sum + sizeOf(operand.shape), 0);
    if (lowering.combine === "accumulate" || covered < size) this.#zeros(target);
    operands.forEach((operand, i) => {
      const { strides, offset } = parts[i]!;
      const aligned = align(operand.shape, [operand.layout, strided(operand.shape, strides, offset)])!;
      const cluster = this.clusters.begin(aligned.sizes);
      cluster.isOpen = false;
      const node = cluster.read(operand.buffer, operand.layout.offset, aligned.strides[0]!);
      cluster.waitForAll(target.producers);
      cluster.results.push({
        buffer: target,
        offset,
        node,
        combine: lowering.combine,
        strides: [...aligned.strides[1]!],
        reduced: aligned.sizes.map(() => false),
      });
      target.producers.push(cluster);
      cluster.labels.push(this.#label(value));
    });
    target.isStored = true;
    return { shape, dtype, buffer: target, layout: dense(shape) };
  }

  /** Places a scatter: zeros, to which elements are added at indices along an axis. */
  #scattered(value: ProgramValue, axis: number, [from, indices]: readonly Placed[]): Placed {
    const { shape, dtype } = value;
    const target = this.#buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
    const place = denseStrides(shape);
    this.#zeros(target);
    const still = strided(from!.shape, place.with(axis, 0));
    const layoutsOf = (operands: readonly Placed[]) => [...operands.map(({ layout }) => layout), still];
    let operands = [from!, indices!];
    let aligned = align(from!.shape, layoutsOf(operands));
    if (aligned === null) {
      operands = operands.map((operand) => this.#copied(operand));
      aligned = align(from!.shape, layoutsOf(operands))!;
    }
    const { sizes, strides } = aligned;
    const cluster = this.clusters.begin(sizes);
    cluster.isOpen = false;
    const [node, index] = operands.map(({ buffer, layout }, i) =>
      cluster.read(buffer, layout.offset, strides[i]!),
    );
    cluster.waitForAll(target.producers);
    cluster.results.push({
      buffer: target,
      offset: 0,
      node: node!,
      combine: "accumulate",
      strides: [...strides[2]!],
      reduced: sizes.map(() => false),
      by: { node: index!, stride: place[axis]!, size: shape[axis]! },
    });
    target.producers.push(cluster);
    cluster.labels.push(this.#label(value));
    target.isStored = true;
    return { shape, dtype, buffer: target, layout: dense(shape) };
  }

  /** Places what becomes of the rows along an axis, which are read from memory and walked from their start or their end. */
  #rows(value: ProgramValue, rule: RowRule, axis: number, isBack: boolean, given: readonly Placed[]): Placed {
    const { shape, dtype } = value;
    const target = this.#buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
    const alignedOf = (operands: readonly Placed[]) => {
      const aligned = align(shape, [...operands.map(({ layout }) => layout), dense(shape)]);
      // A row must be walked evenly.
      return aligned !== null && aligned.axis.filter((each) => each === axis).length <= 1 ? aligned : null;
    };
    let operands = given;
    let aligned = alignedOf(operands);
    if (aligned === null) {
      operands = operands.map((operand) => this.#copied(operand));
      aligned = alignedOf(operands)!;
    }
    const n = shape[axis]!;
    const place = aligned.axis.indexOf(axis);
    const outer = aligned.sizes.map((_, k) => k).filter((k) => k !== place);
    const around = joinAxes(
      outer.map((k) => aligned.sizes[k]!),
      aligned.strides.map((strides) => ({ strides: outer.map((k) => strides[k]!), offset: 0 })),
    );
    const walkOf = (offset: number, i: number) => {
      const step = place < 0 ? 0 : aligned.strides[i]![place]!;
      return isBack
        ? { offset: offset + (n - 1) * step, strides: [...around.strides[i]!, -step] }
        : { offset, strides: [...around.strides[i]!, step] };
    };
    const cluster = this.clusters.begin([...around.sizes, n]);
    cluster.isOpen = false;
    const nodes = operands.map(({ buffer, layout }, i) => {
      const { offset, strides } = walkOf(layout.offset, i);
      return cluster.read(buffer, offset, strides);
    });
    cluster.rows = { rule, operands: nodes };
    cluster.results.push({
      buffer: target,
      node: nodes[0]!,
      combine: "store",
      reduced: cluster.sizes.map(() => false),
      ...walkOf(0, operands.length),
    });
    target.isStored = true;
    target.producers.push(cluster);
    cluster.labels.push(this.#label(value));
    return { shape, dtype, buffer: target, layout: dense(shape) };
  }

  /** Fills a buffer with zeros before any other cluster writes to it. */
  #zeros(target: Buffer): void {
    const zeros = this.clusters.begin([target.size]);
    zeros.zeros = target;
    zeros.isOpen = false;
    target.producers.push(zeros);
    zeros.labels.push("zeros");
  }

  /**
   * Places an output of a step that is computed by a host call. The first output to be placed makes the
   * cluster of the call, which computes all outputs of the step.
   */
  #host({ shape, dtype, origin }: ProgramValue, operands: readonly Placed[]): Placed {
    if (origin.kind !== "step") throw new Error("a host call must come from a step");
    const { step, output } = origin;
    let targets = this.#hosted.get(step);
    if (targets === undefined) {
      targets = this.#targetsOf(step);
      const cluster = this.#hostCluster(
        operands,
        targets,
        (arrays) => evaluateStep(step, arrays),
        mayThrowItself(step),
      );
      this.#finish(cluster, step, targets);
    }
    return { shape, dtype, buffer: targets[output]!, layout: dense(shape) };
  }

  /** Buffers for the outputs of a step that is computed as a whole. */
  #targetsOf(step: ProgramStep): (Buffer | null)[] {
    const targets = step.outputs.map((each) =>
      this.#values.has(each)
        ? this.#buffer(each.dtype, sizeOf(each.shape), { kind: "computed" }, each)
        : null,
    );
    this.#hosted.set(step, targets);
    return targets;
  }

  /** Takes a cluster that computes all outputs of a step. */
  #finish(
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

  /** Places an output of a step that holds programs: the first one to be placed makes the cluster of the step. */
  #control({ shape, dtype, origin }: ProgramValue, control: Control, operands: readonly Placed[]): Placed {
    if (origin.kind !== "step") throw new Error("programs must be inside a step");
    const { step, output } = origin;
    const targets = this.#hosted.get(step) ?? this.#controlled(step, control, operands);
    return { shape, dtype, buffer: targets[output]!, layout: dense(shape) };
  }

  #controlled(step: ProgramStep, control: Control, operands: readonly Placed[]): HostStep["targets"] {
    const targets = this.#targetsOf(step);
    const carries = control.kind === "repeat" || control.kind === "while" ? control.carries : 0;
    const others = operands.slice(carries).map((operand) => {
      const { buffer, layout } = isDense({ ...operand.layout, offset: 0 }, operand.shape)
        ? operand
        : this.#copied(operand);
      buffer.isStored = true;
      return { buffer, offset: layout.offset };
    });
    // What is carried is changed where it ends up; so it is copied there before.
    const carried = operands.slice(0, carries).map((operand, i) => {
      const target = (targets[i] ??= this.#buffer(operand.dtype, sizeOf(operand.shape), {
        kind: "computed",
      }));
      this.#put(operand, target);
      return { buffer: target, offset: 0 };
    });
    const cluster = new Cluster([]);
    cluster.inside = this.#planInside({
      control,
      operands: [...carried, ...others],
      targets,
      flag: () => this.#buffer("bool", 1, { kind: "computed" }),
      constant: ({ dtype, size, source }) => this.#buffer(dtype, size, source),
    });
    for (const { buffer } of [...carried, ...others]) cluster.waitForAll(buffer.producers);
    this.#finish(cluster, step, targets);
    return targets;
  }

  /** Copies a value, row-major, to the start of a buffer that is written to again. */
  #put({ shape, buffer, layout }: Placed, target: Buffer): void {
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

  #hostCluster(
    operands: readonly Placed[],
    targets: HostStep["targets"],
    call: HostStep["call"],
    mayThrow = false,
  ): Cluster {
    const cluster = new Cluster([]);
    cluster.isOpen = false;
    const seen = operands.map((operand) => {
      const { buffer, layout, shape, dtype } =
        stridesIn(operand.layout) === null ? this.#copied(operand) : operand;
      cluster.waitForAll(buffer.producers);
      buffer.isStored = true;
      return { view: { buffer, offset: layout.offset, strides: stridesIn(layout)! }, shape, dtype };
    });
    cluster.host = { operands: seen, call, targets, mayThrow };
    return cluster;
  }

  #label({ origin }: ProgramValue): string {
    return origin.kind === "step" ? origin.step.primitive.name : "";
  }
}

/** Whether a step may throw where no guard has looked before. */
const mayThrowItself = (step: ProgramStep) =>
  step.primitive.mayThrow === true || (step.primitive.guard === undefined && mayRefuse(step));
