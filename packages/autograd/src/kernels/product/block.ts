// A block of a product, as many rows, columns and k as stay in cache, cut into strips. Operands lie as the strips want
// them; which blocks there are is the business of loops.ts.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import type { Element } from "./element.ts";
import { type StripParameter, strip, stripParameters, TILE_VECTORS, tileRows } from "./strip.ts";
import { advance, integers, locals, parameters, setSum, takeOff, times } from "./writing.ts";

/** Those of a strip, with all its rows in place of its tiles. */
const panelParameters = (part: boolean) =>
  stripParameters(part).map((name) => (name === "tiles" ? "rows" : name)) as readonly PanelParameter[];
type PanelParameter = Exclude<StripParameter, "tiles"> | "rows";

const OWN = [
  "columns",
  // Bytes from panel to panel of b: as many columns as a full tile has, side by side.
  "bPanel",
  // Whether the last vector ends with the last column (b in place), or goes on with zeros (b packed).
  "overlap",
] as const;
export type BlockParameter = Exclude<PanelParameter, "from" | "to"> | (typeof OWN)[number];

export const BLOCK_PARAMETERS: readonly BlockParameter[] = [
  ...(panelParameters(false) as readonly Exclude<PanelParameter, "from" | "to">[]),
  ...OWN,
];

/** (BLOCK_PARAMETERS) → whether there may be a NaN among the results. */
export function block(module: KernelModule, element: Element): FunctionIndex {
  return module.once(`block ${element.name}`, () => {
    const full = panel(module, element, TILE_VECTORS, false);
    const single = panel(module, element, 1, false);
    const part = panel(module, element, 1, true);
    return module.writer.function(integers(BLOCK_PARAMETERS.length), [Type.i32], (code) =>
      writeBlock(code, element, { full, single, part }),
    );
  });
}

type Panels = Readonly<Record<"full" | "single" | "part", FunctionIndex>>;

function writeBlock(code: FunctionWriter, element: Element, panels: Panels): void {
  const at = parameters(BLOCK_PARAMETERS) as Readonly<Record<BlockParameter, Local>>;
  const { found, done } = locals(code, ["found", "done"]);
  const { lanes, bytes } = element;
  const call = (index: FunctionIndex, lanesThatCount: () => void) => {
    for (const name of panelParameters(false)) code.get(at[name as BlockParameter]);
    lanesThatCount();
    code.call(index).get(found).emit(I.i32_or).set(found);
  };
  takeOff(code, at.columns, TILE_VECTORS * lanes, () => {
    call(panels.full, () => {});
    advance(code, at.b, { local: at.bPanel });
    advance(code, at.c, TILE_VECTORS * lanes * bytes);
  });
  takeOff(code, at.columns, lanes, () => {
    call(panels.single, () => {});
    advance(code, at.b, lanes * bytes);
    advance(code, at.c, lanes * bytes);
  });
  code.get(at.columns).if(() => {
    code.get(at.overlap).if(() => {
      // Lanes of columns that are done come first: computed again, but not stored.
      code.i32(lanes).get(at.columns).emit(I.i32_sub).set(done);
      for (const pointer of [at.b, at.c])
        setSum(code, pointer, { local: pointer }, () => times(code.get(done), -bytes));
    });
    call(panels.part, () => code.get(done).get(done).get(at.columns).emit(I.i32_add));
  });
  code.get(found);
}

/** (panelParameters) → whether there may be a NaN: a panel of b against all rows, by tiles of fewer and fewer. */
function panel(module: KernelModule, element: Element, vectors: number, part: boolean): FunctionIndex {
  const most = tileRows(module);
  const strips = [most, ...[4, 2, 1].filter((rows) => rows < most)].map(
    (rows) => [rows, strip(module, element, rows, vectors, part)] as const,
  );
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
        // Full tiles lie aTile apart; below them there is one of each kind at most.
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
