// Matrices as colours: heat maps, and confusion matrices.

import type { AxisLike } from "../views/check.ts";
import { mostNumbered } from "../views/grid.ts";
import { colouring } from "../views/matrix.ts";
import { counted, countText, numberText } from "../views/number-text.ts";
import type { GridView, View } from "../views/view.ts";
import { OptionError, type ShowOptions } from "./kind.ts";
import { headOf, type NumericArray, notes } from "./numeric-array.ts";

/** Up to how many rows and columns of a heat map are shown one by one. */
export const mostCells = 256;

export function heatMapOf(array: NumericArray, options: ShowOptions): View {
  const [rows, columns] = array.shape.length === 1 ? [1, array.shape[0]!] : (array.shape as [number, number]);
  const { values, block, left, ...size } = means(array.data, rows, columns);
  const { title, label, range, note, x, y } = options;
  if ((x === undefined) !== (y === undefined))
    throw new OptionError("show: a heat map with one axis; a field over a plane has two, x and y");
  const said =
    block === 1
      ? ""
      : `each place is the mean of ${block} × ${block} numbers${left === 0 ? "" : `, without ${counted(left, "number")} that ${left === 1 ? "is" : "are"} not finite`}`;
  if (x !== undefined && y !== undefined)
    return fieldOf(array, { ...size, values }, { ...options, x, y }, said);
  return {
    kind: "grid",
    title: title ?? headOf(array),
    ...size,
    values,
    ...colouring(values, undefined, range),
    label: label ?? "value",
    rowNames: [],
    columnNames: [],
    rowLabel: "",
    columnLabel: "",
    isNumbered: rows <= mostNumbered && columns <= mostNumbered,
    note: notes(said, note),
  };
}

/** Samples over a plane: a chart with a field. An axis without a domain counts rows or columns from 0. */
function fieldOf(
  array: NumericArray,
  cells: Pick<GridView, "rows" | "columns" | "values">,
  { title, label, range, note, x, y }: ShowOptions & { readonly x: AxisLike; readonly y: AxisLike },
  said: string,
): View {
  const { rows, columns, values } = cells;
  if (rows < 2 || columns < 2)
    throw new OptionError(
      `show: a heat map of ${rows} × ${columns} with axes; a field over a plane has two rows and two columns at least`,
    );
  const axisOf = (axis: AxisLike, count: number) => {
    const own = typeof axis === "string" ? { label: axis } : axis;
    return { ...own, domain: own.domain ?? ([0, count - 1] as const) };
  };
  const axes = { x: axisOf(x, columns), y: axisOf(y, rows) };
  const place = { x: axes.x.domain, y: axes.y.domain };
  return {
    kind: "chart",
    title: title ?? headOf(array),
    ...axes,
    layers: [
      { mark: "field", name: label ?? "value", ...cells, ...colouring(values, undefined, range), ...place },
    ],
    note: notes(said, note),
  };
}

/** Means of square blocks, so that there are no more rows and columns than are drawn. */
function means(data: ArrayLike<number>, rows: number, columns: number) {
  const block = Math.max(1, Math.ceil(Math.max(rows, columns) / mostCells));
  if (block === 1) return { rows, columns, block, left: 0, values: Float64Array.from(data) };
  const [high, wide] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const sums = new Float64Array(high * wide);
  const counts = new Float64Array(high * wide);
  let left = 0;
  for (let i = 0; i < rows; i++) {
    const base = Math.floor(i / block) * wide;
    for (let j = 0; j < columns; j++) {
      const value = data[i * columns + j]!;
      if (!Number.isFinite(value)) {
        left++;
        continue;
      }
      const at = base + Math.floor(j / block);
      sums[at]! += value;
      counts[at]!++;
    }
  }
  const values = sums.map((sum, i) => (counts[i] === 0 ? Number.NaN : sum / counts[i]!));
  return { rows: high, columns: wide, block, left, values };
}

/** How often each class (row) was taken for each class (column). */
export function confusionOf(array: NumericArray, options: ShowOptions): GridView {
  const [n] = array.shape as [number, number];
  const { title, classes, note, range } = options;
  if (classes !== undefined && classes.length !== n)
    throw new OptionError(
      `show: ${classes.length} names of classes for a confusion matrix of ${n}; give one for each`,
    );
  const names = classes ?? Array.from({ length: n }, (_, i) => String(i));
  const values = Float64Array.from(array.data);
  const total = values.reduce((sum, each) => sum + each, 0);
  const right = Array.from({ length: n }, (_, i) => values[i * n + i]!).reduce((sum, each) => sum + each, 0);
  const said =
    total > 0
      ? `${numberText((100 * right) / total)} % of ${countText(total)} on the diagonal, which is right`
      : "";
  return {
    kind: "grid",
    title: title ?? "Confusion matrix",
    rows: n,
    columns: n,
    values,
    ...colouring(values, "sequential", range),
    label: "samples",
    rowNames: [...names],
    columnNames: [...names],
    rowLabel: "actual",
    columnLabel: "predicted",
    isNumbered: n <= 32,
    note: notes(said, note),
  };
}
