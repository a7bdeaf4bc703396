// Makes the choices of plan.ts at run time, for a product whose sizes and strides are known only then.

import type { FunctionWriter, Local } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { Element } from "./element.ts";
import type { MannerOfA, MannerOfB } from "./operands.ts";
import { type Tuning, WIDER } from "./plan.ts";
import { locals, times } from "./writing.ts";

/** What the choices depend on: sizes, and strides in elements. */
export type Facts = Readonly<
  Record<"m" | "n" | "k" | "aRowStride" | "aColumnStride" | "bRowStride" | "bColumnStride", Local>
>;

/** Writes the code for each way of reading an operand, and the choice between them. */
export class Choices {
  readonly #code: FunctionWriter;
  readonly #element: Element;
  readonly #tuning: Tuning;
  readonly #at: Facts & Readonly<Record<"aBytes" | "bBytes", Local>>;
  /** Columns of a block, and how many of them are kept packed for further rows: 0 where no rows follow. */
  readonly columns: Local;
  readonly kept: Local;

  constructor(code: FunctionWriter, element: Element, tuning: Tuning, facts: Facts) {
    this.#code = code;
    this.#element = element;
    this.#tuning = tuning;
    const own = locals(code, ["aBytes", "bBytes", "columns", "kept"]);
    this.#at = { ...facts, ...own };
    this.columns = own.columns;
    this.kept = own.kept;
    const { m, n, k } = facts;
    times(code.get(m).get(k).emit(I.i32_mul), element.bytes).set(own.aBytes);
    times(code.get(k).get(n).emit(I.i32_mul), element.bytes).set(own.bBytes);
    // As columnsFor in plan.ts.
    code.get(m).i32(tuning.rows).emit(I.i32_gt_s);
    code.if(
      () => {
        // At least 16 and at most all columns, a multiple of 16.
        code.i32(tuning.kept).get(k).emit(I.i32_div_u).i32(-16).emit(I.i32_and).set(own.columns);
        this.#bound(16, I.i32_lt_s);
        this.#bound(tuning.columns, I.i32_gt_s);
        code.get(n).get(own.columns).get(n).get(own.columns).emit(I.i32_lt_s, I.select);
        code.i32(7).emit(I.i32_add).i32(-8).emit(I.i32_and).set(own.kept);
      },
      () => {
        code.get(k).set(own.columns);
        this.#bound(tuning.depth, I.i32_gt_s);
        code.i32(tuning.columns * tuning.depth);
        code.get(m).get(own.columns).get(m).get(own.columns).emit(I.i32_gt_s, I.select);
        code.emit(I.i32_div_u).i32(-16).emit(I.i32_and).set(own.columns);
        this.#bound(tuning.columns, I.i32_lt_s);
        this.#bound(WIDER * tuning.columns, I.i32_gt_s);
      },
    );
  }

  #bound(bound: number, isBeyond: number): void {
    const code = this.#code.i32(bound).get(this.columns);
    code.get(this.columns).i32(bound).emit(isBeyond).emit(I.select).set(this.columns);
  }

  /** Pushes whether a comparison of a size or stride with a number holds. */
  #is(fact: keyof Facts | "aBytes" | "bBytes", comparison: number, than: number): FunctionWriter {
    return this.#code.get(this.#at[fact]).i32(than).emit(comparison);
  }

  a(read: (manner: MannerOfA) => void): void {
    const { small, large, columnsForCopying, columnsForPacking } = this.#tuning;
    /** Pushes whether a is read in place: if it has at most so many bytes or is used for fewer than so many columns. */
    const stays = (bytes: number, columns: number) => {
      this.#is("aBytes", I.i32_le_u, bytes);
      this.#is("n", I.i32_lt_s, columns).emit(I.i32_or);
    };
    const inPlace = () => read("place");
    this.#is("aColumnStride", I.i32_eq, 1).if(
      () => {
        stays(large, columnsForCopying);
        this.#code.if(inPlace, () => read("copied"));
      },
      () => {
        stays(small, columnsForPacking);
        this.#code.if(inPlace, () =>
          this.#is("aRowStride", I.i32_eq, 1).if(
            () => read("lines"),
            () => read("any"),
          ),
        );
      },
    );
  }

  b(read: (manner: MannerOfB) => void): void {
    const { small, smallest, rowsForPacking } = this.#tuning;
    this.#is("bColumnStride", I.i32_eq, 1).if(
      () => {
        this.#is("n", I.i32_ge_s, this.#element.lanes);
        this.#code.get(this.#at.bBytes).i32(small).i32(smallest);
        this.#is("m", I.i32_lt_s, rowsForPacking)
          .emit(I.select, I.i32_le_u, I.i32_and)
          .if(
            () => read("place"),
            () => read("lines"),
          );
      },
      () =>
        this.#is("bRowStride", I.i32_eq, 1).if(
          () => read("depth"),
          () => read("any"),
        ),
    );
  }
}
