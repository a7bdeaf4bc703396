// Operations on elements, and those that move elements.

import { Lines } from "./lines.ts";
import {
  type Binary,
  type Direction,
  list,
  namesOf,
  type Operand,
  type Special,
  typesOf,
  type Unary,
} from "./operand.ts";
import { type ElementType, isFloat, type Shape, tensorType } from "./types.ts";

/** Writes operations on elements and on shapes. */
export class ElementLines extends Lines {
  // ── Elements ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `stablehlo.<operation>` of one value. */
  unary(operation: Unary, x: Operand): Operand {
    return this.value(`stablehlo.${operation} ${x.name} : ${tensorType(x)}`, x.type, x.shape);
  }

  /** `stablehlo.<operation>` of two values of one shape and type. */
  binary(operation: Binary, a: Operand, b: Operand): Operand {
    return this.value(`stablehlo.${operation} ${namesOf([a, b])} : ${tensorType(a)}`, a.type, a.shape);
  }

  /** `chlo.<operation>` of one value. */
  special(operation: Special, x: Operand): Operand {
    return this.value(`chlo.${operation} ${x.name} : ${tensorType(x)} -> ${tensorType(x)}`, x.type, x.shape);
  }

  /** Whether a stands to b in this way, for each element. Truth values of one shape and type, or numbers. */
  compare(direction: Direction, a: Operand, b: Operand): Operand {
    const result = tensorType({ shape: a.shape, type: "i1" });
    const text = `stablehlo.compare ${direction}, ${namesOf([a, b])} : (${typesOf([a, b])}) -> ${result}`;
    return this.value(text, "i1", a.shape);
  }

  /** Whether elements are neither infinite nor NaN. */
  isFinite(x: Operand): Operand {
    const result = tensorType({ shape: x.shape, type: "i1" });
    return this.value(`stablehlo.is_finite ${x.name} : (${tensorType(x)}) -> ${result}`, "i1", x.shape);
  }

  /** Whether elements are NaN. */
  isNaN(x: Operand): Operand {
    return this.compare("NE", x, x);
  }

  /** a where the condition holds, else b. All have one shape. */
  select(condition: Operand, a: Operand, b: Operand): Operand {
    const text = `stablehlo.select ${namesOf([condition, a, b])} : ${tensorType(condition)}, ${tensorType(a)}`;
    return this.value(text, a.type, a.shape);
  }

  /** Elements as another type, by their numbers. */
  convert(x: Operand, type: ElementType): Operand {
    if (x.type === type) return x;
    if (x.constant !== undefined && isFloat(type) && x.type !== "f64")
      return this.constant(x.constant, type, x.shape);
    const text = `stablehlo.convert ${x.name} : (${tensorType(x)}) -> ${tensorType({ shape: x.shape, type })}`;
    return this.value(text, type, x.shape);
  }

  /** Elements as another type of the same width, by their bits. */
  bitcast(x: Operand, type: ElementType): Operand {
    const result = tensorType({ shape: x.shape, type });
    return this.value(`stablehlo.bitcast_convert ${x.name} : (${tensorType(x)}) -> ${result}`, type, x.shape);
  }

  // ── Movement ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Axis i of x is axis `axes[i]` of the result; axes of size 1 repeat. */
  broadcast(x: Operand, axes: Shape, shape: Shape): Operand {
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.broadcast_in_dim ${x.name}, dims = ${list(axes)} : (${tensorType(x)}) -> ${result}`;
    const made = this.value(text, x.type, shape);
    return x.constant === undefined ? made : { ...made, constant: x.constant };
  }

  /** x repeated to a shape as broadcasting does: axes are aligned from the last. */
  spread(x: Operand, shape: Shape): Operand {
    if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
    const added = shape.length - x.shape.length;
    return this.broadcast(
      x,
      x.shape.map((_, axis) => axis + added),
      shape,
    );
  }

  /** The same elements, row-major, under another shape. */
  reshape(x: Operand, shape: Shape): Operand {
    if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
    const result = tensorType({ shape, type: x.type });
    return this.value(`stablehlo.reshape ${x.name} : (${tensorType(x)}) -> ${result}`, x.type, shape);
  }

  /** Axis i of the result is axis `order[i]` of x. */
  transpose(x: Operand, order: Shape): Operand {
    const shape = order.map((axis) => x.shape[axis]!);
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.transpose ${x.name}, dims = ${list(order)} : (${tensorType(x)}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** Every `steps`-th element from `starts`, `sizes` of them, along each axis. */
  slice(x: Operand, starts: Shape, sizes: Shape, steps: Shape = starts.map(() => 1)): Operand {
    const ranges = starts.map((start, axis) => {
      const size = sizes[axis]!;
      const [from, end] = size === 0 ? [0, 0] : [start, start + (size - 1) * steps[axis]! + 1];
      return steps[axis] === 1 ? `${from}:${end}` : `${from}:${end}:${steps[axis]}`;
    });
    const result = tensorType({ shape: sizes, type: x.type });
    const text = `stablehlo.slice ${x.name} [${ranges.join(", ")}] : (${tensorType(x)}) -> ${result}`;
    return this.value(text, x.type, sizes);
  }

  /** x with a number before, after and between its elements along each axis. */
  pad(x: Operand, before: Shape, after: Shape, between: Shape, filler: number): Operand {
    const shape = x.shape.map((n, i) => before[i]! + after[i]! + (n === 0 ? 0 : n + (n - 1) * between[i]!));
    const with_ = this.constant(filler, x.type, []);
    const widths = `low = ${list(before)}, high = ${list(after)}, interior = ${list(between)}`;
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.pad ${namesOf([x, with_])}, ${widths} : (${typesOf([x, with_])}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** Values one after another along an axis, on which alone their shapes differ. */
  concatenate(parts: readonly Operand[], axis: number): Operand {
    const [first] = parts as [Operand];
    if (parts.length === 1) return first;
    const size = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const shape = first.shape.with(axis, size);
    const result = tensorType({ shape, type: first.type });
    const text = `stablehlo.concatenate ${namesOf(parts)}, dim = ${axis} : (${typesOf(parts)}) -> ${result}`;
    return this.value(text, first.type, shape);
  }

  /** The elements in reverse order along some axes. */
  reverse(x: Operand, axes: Shape): Operand {
    return this.value(
      `stablehlo.reverse ${x.name}, dims = ${list(axes)} : ${tensorType(x)}`,
      x.type,
      x.shape,
    );
  }

  /** The part of x at an index along an axis, which stays with size 1; the index is known when the program runs. */
  partAt(x: Operand, place: Operand, axis: number): Operand {
    const sizes = x.shape.with(axis, 1);
    const starts = this.#startsAt(x, place, axis);
    const result = tensorType({ shape: sizes, type: x.type });
    const text = `stablehlo.dynamic_slice ${namesOf([x, ...starts])}, sizes = ${list(sizes)} : (${typesOf([x, ...starts])}) -> ${result}`;
    return this.value(text, x.type, sizes);
  }

  /** x with such a part exchanged. */
  withPartAt(x: Operand, part: Operand, place: Operand, axis: number): Operand {
    const starts = this.#startsAt(x, place, axis);
    const operands = [x, part, ...starts];
    const text = `stablehlo.dynamic_update_slice ${namesOf(operands)} : (${typesOf(operands)}) -> ${tensorType(x)}`;
    return this.value(text, x.type, x.shape);
  }

  #startsAt(x: Operand, place: Operand, axis: number): Operand[] {
    return x.shape.map((_, i) => (i === axis ? place : this.constant(0, "i32", [])));
  }
}
