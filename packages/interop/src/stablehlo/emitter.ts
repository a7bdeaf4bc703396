// Writes StableHLO operations, one a line, each a value that later lines use: what the rest of this folder is written in.

import { ElementLines } from "./element-lines.ts";
import { array, type Combining, list, namesOf, type Operand, typesOf } from "./operand.ts";
import { type Shape, tensorType } from "./types.ts";

/** Writes the lines of one function. */
export class Emitter extends ElementLines {
  // ── Many elements ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** What elements along axes combine to; the axes are gone from the result. */
  reduce(x: Operand, axes: Shape, combining: Combining, start: number): Operand {
    const initial = this.constant(start, x.type, []);
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const result = tensorType({ shape, type: x.type });
    const text = `stablehlo.reduce(${x.name} init: ${initial.name}) applies stablehlo.${combining} across dimensions = ${list(axes)} : (${typesOf([x, initial])}) -> ${result}`;
    return this.value(text, x.type, shape);
  }

  /** The matrix product of the last two axes; those before them are a batch. As exact as the type, on every device. */
  product(a: Operand, b: Operand): Operand {
    const batch = a.shape.slice(0, -2);
    const rank = a.shape.length;
    const shape = [...batch, a.shape[rank - 2]!, b.shape[rank - 1]!];
    const axes = list(batch.map((_, axis) => axis));
    const batching = batch.length === 0 ? "" : `batching_dims = ${axes} x ${axes}, `;
    const result = tensorType({ shape, type: a.type });
    const text = `stablehlo.dot_general ${namesOf([a, b])}, ${batching}contracting_dims = [${rank - 1}] x [${rank - 2}], precision = [HIGHEST, HIGHEST] : (${typesOf([a, b])}) -> ${result}`;
    return this.value(text, a.type, shape);
  }

  /** The elements of x along an axis, at indices that count from its front; all other axes agree. */
  gather(x: Operand, indices: Operand, axis: number): Operand {
    const others = list(x.shape.flatMap((_, i) => (i === axis ? [] : [i])));
    const rank = x.shape.length;
    const numbers = `#stablehlo.gather<collapsed_slice_dims = [${axis}], operand_batching_dims = ${others}, start_indices_batching_dims = ${others}, start_index_map = [${axis}], index_vector_dim = ${rank}>`;
    const result = tensorType({ shape: indices.shape, type: x.type });
    const text = `"stablehlo.gather"(${namesOf([x, indices])}) <{dimension_numbers = ${numbers}, indices_are_sorted = false, slice_sizes = ${array(x.shape.map(() => 1))}}> : (${typesOf([x, indices])}) -> ${result}`;
    return this.value(text, x.type, indices.shape);
  }

  /** Adds each element at its index along an axis of `to`; one whose index is outside is left out. */
  scatterAdd(to: Operand, indices: Operand, x: Operand, axis: number): Operand {
    const others = list(x.shape.flatMap((_, i) => (i === axis ? [] : [i])));
    const numbers = `#stablehlo.scatter<inserted_window_dims = [${axis}], input_batching_dims = ${others}, scatter_indices_batching_dims = ${others}, scatter_dims_to_operand_dims = [${axis}], index_vector_dim = ${x.shape.length}>`;
    const operands = [to, indices, x];
    const name = this.name();
    this.line(
      `${name} = "stablehlo.scatter"(${namesOf(operands)}) <{indices_are_sorted = false, scatter_dimension_numbers = ${numbers}, unique_indices = false}> ({`,
    );
    const element = { type: x.type, shape: [] };
    this.block([element, element], ([a, b]) => [this.binary("add", a!, b!)]);
    this.line(`}) : (${typesOf(operands)}) -> ${tensorType(to)}`);
    return { name, type: to.type, shape: to.shape };
  }

  /** Tensors of one shape, sorted together along an axis; equal ones stay in order. `isBefore` is given an element of each, twice. */
  sort(
    operands: readonly Operand[],
    axis: number,
    isBefore: (elements: readonly Operand[]) => Operand,
  ): readonly Operand[] {
    return this.several(operands, (name) => {
      this.line(
        `${name} = "stablehlo.sort"(${namesOf(operands)}) <{dimension = ${axis} : i64, is_stable = true}> ({`,
      );
      const elements = operands.flatMap(({ type }) => [
        { type, shape: [] },
        { type, shape: [] },
      ]);
      this.block(elements, (each) => [isBefore(each)]);
      this.line(`}) : (${typesOf(operands)}) -> (${typesOf(operands)})`);
    });
  }

  /** What a private function gives for operands: one for each name, which must say all on which its lines depend. */
  call(
    name: string,
    operands: readonly Operand[],
    body: (emit: Emitter, given: readonly Operand[]) => Operand,
  ): Operand {
    const inner = new Emitter(this.functions);
    const given = operands.map(({ type, shape }, i) => ({ name: `%arg${i}`, type, shape }));
    const result = body(inner, given);
    if (!this.functions.has(name)) {
      const args = given.map((each) => `${each.name}: ${tensorType(each)}`).join(", ");
      this.functions.set(
        name,
        [
          `func.func private @${name}(${args}) -> ${tensorType(result)} {`,
          ...inner.lines,
          `  return ${result.name} : ${tensorType(result)}`,
          "}",
        ].join("\n"),
      );
    }
    const text = `func.call @${name}(${namesOf(operands)}) : (${typesOf(operands)}) -> ${tensorType(result)}`;
    return this.value(text, result.type, result.shape);
  }

  // ── Control ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What one of two branches gives. Both see all values before them. */
  choose(
    condition: Operand,
    onTrue: () => readonly Operand[],
    onFalse: () => readonly Operand[],
    results: readonly Pick<Operand, "type" | "shape">[],
  ): readonly Operand[] {
    const types = results.map(tensorType).join(", ");
    return this.several(results, (name) => {
      this.line(`${name} = "stablehlo.if"(${condition.name}) ({`);
      this.block([], onTrue);
      this.line("}, {");
      this.block([], onFalse);
      this.line(`}) : (${tensorType(condition)}) -> (${types})`);
    });
  }

  /** What is carried in the end, as long as a condition holds. */
  loop(
    start: readonly Operand[],
    condition: (state: readonly Operand[]) => Operand,
    body: (state: readonly Operand[]) => readonly Operand[],
  ): readonly Operand[] {
    return this.several(start, (name) => {
      const state = start.map(({ type, shape }) => ({ name: this.name(), type, shape }));
      const carried = state.map((each, i) => `${each.name} = ${start[i]!.name}`).join(", ");
      this.line(`${name} = stablehlo.while(${carried}) : ${typesOf(start)}`);
      this.line("cond {");
      this.within(() => [condition(state)]);
      this.line("} do {");
      this.within(() => body(state));
      this.line("}");
    });
  }
}
