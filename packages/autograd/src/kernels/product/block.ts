// Multiplies a block of a product, which is as many rows, columns and k as stay in cache, cut into strips. Operands
// already lie as strips read them; loops.ts decides which blocks there are.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { type StripParameter, strip, stripParameters, TILE_VECTORS, tileRows } from "./strip.ts";
import { type Amount, advance, integers, locals, parameters, setSum, takeOff, times } from "./writing.ts";

/** The parameters of a panel: those of a strip, with the number of rows in place of that of tiles. */
const panelParameters = (part: boolean) =>
  stripParameters(part).map((name) => (name === "tiles" ? "rows" : name)) as readonly PanelParameter[];
type PanelParameter = Exclude<StripParameter, "tiles"> | "rows";

const OWN = [
  "columns",
  // Bytes from panel to panel of b; a panel has as many columns as a full tile, side by side.
  "bPanel",
  // Whether the last vector ends with the last column (b in place), or goes on with zeros (b packed).
  "overlap",
] as const;
export type BlockParameter = Exclude<PanelParameter, "from" | "to"> | (typeof OWN)[number];

export const BLOCK_PARAMETERS: readonly BlockParameter[] = [
  ...(panelParameters(false) as readonly Exclude<PanelParameter, "from" | "to">[]),
  ...OWN,
];

/** What blocks are cut into: the possible numbers of rows of strips and columns of panels, the largest first. */
export interface Cuts {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** The cuts of a product with these numbers of rows and columns. Where a size is not known, all cuts may occur. */
export function cutsOf(module: KernelModule, { lanes }: Element, rows: Amount, columns: Amount): Cuts {
  const most = tileRows(module);
  const taken = (size: Amount, cuts: readonly number[]) => {
    if (typeof size !== "number") return cuts;
    let rest = size;
    return cuts.filter((cut) => {
      const isTaken = rest >= cut;
      rest %= cut;
      return isTaken;
    });
  };
  return {
    rows: taken(rows, [most, ...[4, 2, 1].filter((rows) => rows < most)]),
    columns: taken(columns, [TILE_VECTORS * lanes, lanes, 1]),
  };
}

/** (BLOCK_PARAMETERS) → whether there may be a NaN among the results. */
export function block(module: KernelModule, element: Element, { rows, columns }: Cuts): FunctionIndex {
  return module.once(`block ${element.name} ${rows} ${columns}`, () => {
    const { lanes } = element;
    const of = (cut: number, vectors: number, part: boolean) =>
      columns.includes(cut) ? panel(module, element, rows, vectors, part) : null;
    const full = of(TILE_VECTORS * lanes, TILE_VECTORS, false);
    const single = of(lanes, 1, false);
    const part = of(1, 1, true);
    return module.writer.function(integers(BLOCK_PARAMETERS.length), [Type.i32], (code) =>
      writeBlock(code, element, { full, single, part }),
    );
  });
}

type Panels = Readonly<Record<"full" | "single" | "part", FunctionIndex | null>>;

function writeBlock(code: FunctionWriter, element: Element, { full, single, part }: Panels): void {
  const at = parameters(BLOCK_PARAMETERS) as Readonly<Record<BlockParameter, Local>>;
  const { found, done } = locals(code, ["found", "done"]);
  const { lanes, bytes } = element;
  const call = (index: FunctionIndex, lanesThatCount: () => void) => {
    for (const name of panelParameters(false)) code.get(at[name as BlockParameter]);
    lanesThatCount();
    code.call(index).get(found).emit(I.i32_or).set(found);
  };
  if (full !== null)
    takeOff(code, at.columns, TILE_VECTORS * lanes, () => {
      call(full, () => {});
      advance(code, at.b, { local: at.bPanel });
      advance(code, at.c, TILE_VECTORS * lanes * bytes);
    });
  if (single !== null)
    takeOff(code, at.columns, lanes, () => {
      call(single, () => {});
      advance(code, at.b, lanes * bytes);
      advance(code, at.c, lanes * bytes);
    });
  if (part !== null)
    code.get(at.columns).if(() => {
      code.get(at.overlap).if(() => {
        // The first lanes are columns that are done already: they are computed again, but not stored.
        code.i32(lanes).get(at.columns).emit(I.i32_sub).set(done);
        for (const pointer of [at.b, at.c])
          setSum(code, pointer, { local: pointer }, () => times(code.get(done), -bytes));
      });
      call(part, () => code.get(done).get(done).get(at.columns).emit(I.i32_add));
    });
  code.get(found);
}

/** (panelParameters) → whether there may be a NaN: all rows times a panel of b, in tiles of ever fewer rows. */
function panel(
  module: KernelModule,
  element: Element,
  heights: readonly number[],
  vectors: number,
  part: boolean,
): FunctionIndex {
  const most = tileRows(module);
  const strips = heights.map((rows) => [rows, strip(module, element, rows, vectors, part)] as const);
  const names = panelParameters(part);
  return module.writer.function(integers(names.length), [Type.i32], (code) => {
    const at = parameters(names) as Readonly<Record<PanelParameter, Local>>;
    const { tiles, found } = locals(code, ["tiles", "found"]);
    for (const [rows, index] of strips) {
      code.get(at.rows).i32(rows).emit(I.i32_div_u).tee(tiles);
      code.if(() => {
        for (const name of names) code.get(name === "rows" ? tiles : at[name]);
        code.call(index).get(found).emit(I.i32_or).set(found);
        if (rows === 1) return;
        // Full tiles lie aTile apart; below them there is at most one of each smaller kind.
        setSum(code, at.a, { local: at.a }, () => {
          if (rows === most) code.get(tiles).get(at.aTile).emit(I.i32_mul);
          else times(code.get(at.aRow), rows);
        });
        setSum(code, at.c, { local: at.c }, () => times(code.get(tiles).get(at.cRow).emit(I.i32_mul), rows));
        code.get(at.rows).i32(rows).emit(I.i32_rem_u).set(at.rows);
      });
    }
    code.get(found);
  });
}
