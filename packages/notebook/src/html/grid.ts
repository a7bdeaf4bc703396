// Grids: few cells as squares with their numbers, many as a picture of pixels, with names along the sides and a
// bar that says what the colours mean.

import { counted } from "../views/number-text.ts";
import type { GridView } from "../views/view.ts";
import { BAR, colourBar, specials } from "./colour-bar.ts";
import { fillOf } from "./grid-colours.ts";
import { drawable, imageOf } from "./grid-image.ts";
import { type Markup, markup, place } from "./markup.ts";
import { shortened, textWidth } from "./measure.ts";
import { numberText } from "./number.ts";
import { SANS } from "./palette.ts";
import type { Canvas, Picture } from "./picture.ts";

const FONT = 12;
/** Up to so many cells are drawn as squares; more as a picture. */
const MOST_SQUARES = 400;
/** The side of a cell without a number, at most. */
const CELL = 28;

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

function frameOf(view: GridView, canvas: Canvas): Frame {
  const rowRoom = Math.min(Math.max(0, ...view.rowNames.map((name) => textWidth(name, FONT) + 8)), 160);
  const left = Math.ceil(rowRoom) + (view.rowLabel === "" ? 0 : 20);
  const names = view.columnNames.length > 0 ? 18 : 0;
  const top = names + (view.columnLabel === "" ? 0 : 20);
  const room = canvas.width - left - 12;
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

/** Names beside and above the cells. */
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
  return markup`${parts}`;
}

/** Draws a grid. One with numbers in its cells may be wider than the canvas. */
export function drawGrid(view: GridView, canvas: Canvas): Picture {
  const { grid: cells, note } = drawable(view);
  // Names of single rows and columns mean nothing where blocks of these are drawn.
  const grid = note === "" ? cells : { ...cells, rowNames: [], columnNames: [] };
  const notes = [note, specials(view)].filter((each) => each !== "");
  if (grid.rows * grid.columns === 0) notes.push("The grid has no cells.");
  const frame = frameOf(grid, canvas);
  const right = frame.left + frame.cellWidth * grid.columns;
  const bottom = frame.top + frame.cellHeight * grid.rows;
  const areSquares = grid.rows * grid.columns <= MOST_SQUARES;
  const hasScale = grid.label !== "" && grid.colours !== "rgb";
  const drawing =
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
        right + Math.max(2, Math.min(textWidth(last, FONT), 60) / 2 - frame.cellWidth / 2) + 14,
        hasScale ? BAR.width : 40,
      ),
    ),
    height: Math.ceil(bottom + (hasScale ? 12 + BAR.height : 2)),
    notes,
    body: markup`<g font-family="${SANS}" font-size="${FONT}" style="font-variant-numeric:tabular-nums">${drawing}${edge}${sides(grid, frame, canvas)}${hasScale ? colourBar(grid, grid.label, canvas.palette, 1, bottom + 12) : ""}</g>`,
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
