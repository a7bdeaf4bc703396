// Grids: few cells as squares with their numbers, many as a picture of pixels, with names or axes along the sides and a
// bar that says what the colours mean.

import type { Axis, GridView } from "../views/view.ts";
import { axisText } from "./chart.ts";
import { fillOf, fillOfNumber, specialColour } from "./grid-colours.ts";
import { drawable, imageOf } from "./grid-image.ts";
import { type Markup, markup, place } from "./markup.ts";
import { shortened, textWidth } from "./measure.ts";
import { counted, numberText } from "./number.ts";
import { SANS } from "./palette.ts";
import type { Canvas, Picture } from "./picture.ts";
import { axisTicks, digitsOf } from "./ticks.ts";

const FONT = 12;
/** Up to so many cells are drawn as squares; more as a picture. */
const MOST_SQUARES = 400;
/** The side of a cell without a number, at most. */
const CELL = 28;
/** The length of the bar of colours: whole pixels for each of its steps, so that no seams show. */
const SCALE = 220;

/** The sizes of a grid's parts. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

const text = (
  content: string,
  x: number,
  y: number,
  anchor: string,
  colour: string,
  more: Markup = markup``,
) =>
  markup`<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" fill="${colour}"${more}>${content}</text>`;

/** Ticks of a field's axis: how far along it each stands, from 0 to 1. None where nobody said from where to where it goes. */
function ticksAlong(axis: Axis, count: number): { share: number; label: string }[] {
  if (axis.domain === undefined) return [];
  const along = (value: number) => (axis.scale === "log" ? Math.log(value) : value);
  const [low, high] = [along(axis.domain[0]), along(axis.domain[1])];
  const ticks = axisTicks(axis, axis.domain, count);
  const digits = digitsOf(ticks);
  return ticks.map((tick) => ({
    share: high === low ? 0.5 : (along(tick) - low) / (high - low),
    label: numberText(tick, digits),
  }));
}

function frameOf(view: GridView, canvas: Canvas): Frame {
  const rowRoom =
    view.axes === undefined
      ? Math.min(Math.max(0, ...view.rowNames.map((name) => textWidth(name, FONT) + 8)), 160)
      : Math.max(0, ...ticksAlong(view.axes.y, 5).map(({ label }) => textWidth(label, FONT) + 10));
  const left = Math.ceil(rowRoom) + (view.rowLabel === "" ? 0 : 20);
  const names = view.columnNames.length > 0 ? 18 : 0;
  const top = names + (view.columnLabel === "" ? 0 : 20) + (view.axes === undefined ? 0 : 26);
  const room = canvas.width - left - 12;
  if (view.axes !== undefined) {
    const width = Math.min(room, 420);
    const height = Math.min(width, 340);
    return {
      left,
      top,
      cellWidth: width / Math.max(view.columns, 1),
      cellHeight: height / Math.max(view.rows, 1),
    };
  }
  if (view.isNumbered) {
    const widest = Math.max(...Array.from(view.values, (value) => textWidth(numberText(value, 3), FONT)), 0);
    const named = Math.min(Math.max(0, ...view.columnNames.map((name) => textWidth(name, FONT))), 90);
    return { left, top, cellWidth: Math.max(36, widest + 12, named + 8), cellHeight: 30 };
  }
  const most = Math.max(view.rows, view.columns, 1);
  // Images are known by their shape; in other grids single cells matter, so these are larger.
  const size = view.label === "" ? 240 : 380;
  const side = Math.min(room / Math.max(view.columns, 1), CELL, size / most);
  return { left, top, cellWidth: side, cellHeight: side };
}

function squares(view: GridView, frame: Frame, canvas: Canvas): Markup {
  const cells: Markup[] = [];
  const { left, top, cellWidth, cellHeight } = frame;
  // Lines between cells would cross what an image shows.
  const hasLines = view.label !== "" && cellWidth > 10;
  for (let row = 0; row < view.rows; row++) {
    for (let column = 0; column < view.columns; column++) {
      const cell = row * view.columns + column;
      const fill = fillOf(view, cell, canvas.palette);
      const [x, y] = [left + column * cellWidth, top + row * cellHeight];
      cells.push(
        markup`<rect x="${place(x)}" y="${place(y)}" width="${place(cellWidth)}" height="${place(cellHeight)}" fill="${fill.colour}" fill-opacity="${Math.round(fill.opacity * 1000) / 1000}"${
          hasLines ? markup` stroke="${canvas.palette("line")}" stroke-width="0.75"` : ""
        }/>`,
      );
      if (!view.isNumbered || view.colours === "rgb") continue;
      cells.push(
        text(
          numberText(view.values[cell] ?? Number.NaN, 3),
          x + cellWidth / 2,
          y + cellHeight / 2 + 4,
          "middle",
          fill.textColour,
        ),
      );
    }
  }
  return markup`${cells}`;
}

function pixels(view: GridView, frame: Frame, canvas: Canvas): Markup {
  const width = frame.cellWidth * view.columns;
  const height = frame.cellHeight * view.rows;
  // On a page, the picture of ink is turned round where the paper is dark (see style.ts).
  const turned = view.colours === "ink" && canvas.theme === "page" ? markup` class="adj-ink"` : "";
  const image = imageOf(view, canvas.theme === "page" ? "light" : canvas.theme);
  return markup`<image x="${frame.left}" y="${frame.top}" width="${place(width)}" height="${place(height)}" preserveAspectRatio="none"${turned} style="image-rendering:pixelated" href="${image}"/>`;
}

/** Names or ticks beside and above the cells. */
function sides(view: GridView, frame: Frame, canvas: Canvas): Markup {
  const { left, top, cellWidth, cellHeight } = frame;
  const [width, height] = [cellWidth * view.columns, cellHeight * view.rows];
  const { palette } = canvas;
  const soft = palette("soft");
  const parts: Markup[] = [];
  const everyRow = Math.max(1, Math.ceil(14 / cellHeight));
  view.rowNames.forEach((name, row) => {
    if (row % everyRow === 0)
      parts.push(
        text(shortened(name, 152, FONT), left - 8, top + (row + 0.5) * cellHeight + 4, "end", palette("ink")),
      );
  });
  const widest = Math.max(1, ...view.columnNames.map((name) => textWidth(name, FONT)));
  const everyColumn = cellWidth >= 30 ? 1 : Math.max(1, Math.ceil((Math.min(widest, 60) + 6) / cellWidth));
  view.columnNames.forEach((name, column) => {
    if (column % everyColumn === 0)
      parts.push(
        text(
          shortened(name, cellWidth * everyColumn - 3, FONT),
          left + (column + 0.5) * cellWidth,
          top - 7,
          "middle",
          palette("ink"),
        ),
      );
  });
  if (view.columnLabel !== "")
    parts.push(text(shortened(view.columnLabel, canvas.width, FONT), left + width / 2, 13, "middle", soft));
  if (view.rowLabel !== "")
    parts.push(
      text(
        shortened(view.rowLabel, Math.max(height, 40), FONT),
        0,
        0,
        "middle",
        soft,
        markup` transform="translate(12,${place(top + height / 2)}) rotate(-90)"`,
      ),
    );
  if (view.axes !== undefined) {
    const { x, y } = view.axes;
    const line = palette("soft");
    for (const { share, label } of ticksAlong(x, Math.max(3, width / 80))) {
      const at = left + share * width;
      parts.push(
        markup`<path d="M${place(at)},${place(top + height)}v4" stroke="${line}"/>`,
        text(label, at, top + height + 18, "middle", palette("ink")),
      );
    }
    for (const { share, label } of ticksAlong(y, 5)) {
      const at = top + (1 - share) * height;
      parts.push(
        markup`<path d="M${left},${place(at)}h-4" stroke="${line}"/>`,
        text(label, left - 8, at + 4, "end", palette("ink")),
      );
    }
    parts.push(
      text(shortened(axisText(y), canvas.width, FONT), 0, 12, "start", soft),
      text(shortened(axisText(x), canvas.width, FONT), left + width / 2, top + height + 36, "middle", soft),
    );
  }
  return markup`${parts}`;
}

/** The bar of colours from the least to the most, and what numbers these are. */
function scaleBar(view: GridView, canvas: Canvas, y: number): Markup {
  const { palette } = canvas;
  const width = SCALE;
  const reach = Math.max(Math.abs(view.range[0]), Math.abs(view.range[1]));
  const [low, high] = view.colours === "diverging" ? [-reach, reach] : view.range;
  const steps = 44;
  const digits = digitsOf([low, high]);
  const bar = Array.from({ length: steps }, (_, i) => {
    const fill = fillOfNumber(view, low + ((high - low) * (i + 0.5)) / steps, palette);
    return markup`<rect x="${place((width * i) / steps)}" y="0" width="${place(width / steps)}" height="10" shape-rendering="crispEdges" fill="${fill.colour}" fill-opacity="${Math.round(fill.opacity * 1000) / 1000}"/>`;
  });
  const ink = palette("ink");
  return markup`<g transform="translate(1,${place(y)})">${text(shortened(view.label, canvas.width, FONT), 0, 10, "start", palette("soft"))}<g transform="translate(0,18)">${bar}<rect width="${width}" height="10" fill="none" stroke="${palette("line")}"/></g>${text(numberText(low, digits), 0, 43, "start", ink)}${view.colours === "diverging" ? text("0", width / 2, 43, "middle", ink) : ""}${text(numberText(high, digits), width, 43, "end", ink)}</g>`;
}

/** How many cells are not finite, in a sentence that names their colours; empty where all are. */
function specials(view: GridView): string {
  const counts = { notANumber: 0, infinite: 0, minusInfinite: 0 };
  for (const value of view.values) {
    const special = specialColour(value);
    if (special !== undefined) counts[special]++;
  }
  const parts = [
    counts.notANumber > 0 && `NaN (${counts.notANumber.toLocaleString("en-GB")}, pink)`,
    counts.infinite > 0 && `∞ (${counts.infinite.toLocaleString("en-GB")}, green)`,
    counts.minusInfinite > 0 && `−∞ (${counts.minusInfinite.toLocaleString("en-GB")}, violet)`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "" : `Not finite: ${parts.join(", ")}.`;
}

/** Draws a grid. One with numbers in its cells may be wider than the canvas. */
export function drawGrid(view: GridView, canvas: Canvas): Picture {
  const { grid, note } = drawable(view);
  const notes = [note, specials(view)].filter((each) => each !== "");
  if (grid.rows * grid.columns === 0) notes.push("The grid has no cells.");
  const frame = frameOf(grid, canvas);
  const right = frame.left + frame.cellWidth * grid.columns;
  const bottom = frame.top + frame.cellHeight * grid.rows + (grid.axes === undefined ? 0 : 40);
  const areSquares = grid.rows * grid.columns <= MOST_SQUARES && grid.axes === undefined;
  const hasScale = grid.label !== "" && grid.colours !== "rgb";
  const cells =
    grid.rows * grid.columns === 0
      ? ""
      : areSquares
        ? squares(grid, frame, canvas)
        : pixels(grid, frame, canvas);
  const edge = markup`<rect x="${frame.left}" y="${frame.top}" width="${place(frame.cellWidth * grid.columns)}" height="${place(frame.cellHeight * grid.rows)}" fill="none" stroke="${canvas.palette("line")}"/>`;
  const last = grid.columnNames.at(-1) ?? "";
  return {
    width: Math.ceil(
      Math.max(
        right +
          Math.max(2, Math.min(textWidth(last, FONT), 60) / 2 - frame.cellWidth / 2) +
          (grid.axes === undefined ? 0 : 14),
        hasScale ? 232 : 40,
      ),
    ),
    height: Math.ceil(bottom + (hasScale ? 60 : 2)),
    notes,
    body: markup`<g font-family="${SANS}" font-size="${FONT}" style="font-variant-numeric:tabular-nums">${cells}${edge}${sides(grid, frame, canvas)}${hasScale ? scaleBar(grid, canvas, bottom + 12) : ""}</g>`,
  };
}

/** A grid in a sentence, for those who can't see it. */
export function gridSentence(view: GridView): string {
  const name = view.title === "" ? "" : ` "${view.title}"`;
  const what = view.colours === "rgb" || view.label === "" ? "Image" : "Grid";
  const range =
    view.label === ""
      ? ""
      : ` of ${view.label} from ${numberText(view.range[0])} to ${numberText(view.range[1])}`;
  return `${what}${name}${range}: ${counted(view.rows, "row")} of ${counted(view.columns, "column")}.`;
}
