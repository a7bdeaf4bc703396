// Draws on a canvas what a network predicts over its inputs, and the samples.

import type { DataPicture, Field, SamplesPicture } from "../../lab/lab.ts";
import { classColour, css, ground, mixed, probabilityColour, regionColour, signColour } from "./colours.ts";
import { shortText } from "./numbers.ts";
import { linear } from "./scale.ts";

const EDGE = { right: 10, top: 8, bottom: 34 };
/** Room on the left for the axis's name, and the least for name and numbers together. */
const [NAME_WIDTH, LEAST_LEFT] = [22, 40];
const FONT = "12px system-ui, sans-serif";

/** A canvas's picture in a size; `ratio` is device pixels per pixel. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly isDark: boolean;
}

/** Draws everything: the field or the curve, axes, and samples. */
export function drawPlot(sheet: Sheet, data: DataPicture, field: Field | undefined): void {
  const { context, width, height, isDark } = sheet;
  context.clearRect(0, 0, width, height);
  const isLine = data.kind === "line";
  const [xs, ys] = field === undefined ? extent(data, isLine) : [field.x, field.y];
  const y = linear(ys, [height - EDGE.bottom, EDGE.top]);
  context.font = FONT;
  const widest = Math.max(0, ...y.ticks(5).map((tick) => context.measureText(shortText(tick)).width));
  const left = Math.max(LEAST_LEFT, NAME_WIDTH + Math.ceil(widest));
  const x = linear(xs, [left, width - EDGE.right]);
  if (field !== undefined && !isLine) paintField(sheet, data, field, left);
  const ink = isDark ? "#a9b0b7" : "#545c64";
  context.fillStyle = ink;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.textAlign = "center";
  for (const tick of x.ticks(5)) context.fillText(shortText(tick), x(tick), height - EDGE.bottom + 14);
  context.fillText(data.inputs[0] ?? "", (left + width - EDGE.right) / 2, height - 5);
  context.textAlign = "right";
  for (const tick of y.ticks(5)) context.fillText(shortText(tick), left - 5, y(tick) + 4);
  context.save();
  context.translate(10, (height - EDGE.bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText((isLine ? data.outputs[0] : data.inputs[1]) ?? "", 0, 0);
  context.restore();
  context.strokeRect(
    left - 0.5,
    EDGE.top - 0.5,
    width - left - EDGE.right + 1,
    height - EDGE.top - EDGE.bottom + 1,
  );
  context.save();
  context.beginPath();
  context.rect(left, EDGE.top, width - left - EDGE.right, height - EDGE.top - EDGE.bottom);
  context.clip();
  paintSamples(sheet, data, data.training, true, x, y);
  paintSamples(sheet, data, data.test, false, x, y);
  if (field !== undefined && isLine) {
    context.strokeStyle = css(classColour(4));
    context.lineWidth = 2.5;
    context.beginPath();
    field.values.forEach((value, i) => {
      const at = field.x[0] + ((field.x[1] - field.x[0]) * i) / Math.max(1, field.columns - 1);
      context.lineTo(x(at), y(value));
    });
    context.stroke();
  }
  context.restore();
}

/** What the samples cover, with some room around them. */
function extent({ training, test }: DataPicture, isLine: boolean): [[number, number], [number, number]] {
  const ends: [[number, number], [number, number]] = [
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ];
  for (const samples of [training, test])
    for (let i = 0; i < samples.count; i++)
      [isLine ? samples.x[i]! : samples.x[2 * i]!, isLine ? samples.y[i]! : samples.x[2 * i + 1]!].forEach(
        (v, axis) => {
          ends[axis]![0] = Math.min(ends[axis]![0], v);
          ends[axis]![1] = Math.max(ends[axis]![1], v);
        },
      );
  return ends.map(([low, high]) => {
    const room = 0.08 * (high - low || 1);
    return [low - room, high + room];
  }) as [[number, number], [number, number]];
}

let scratch: HTMLCanvasElement | undefined;

/** Paints the field small and lets the canvas enlarge it. */
function paintField(
  { context, width, height, isDark }: Sheet,
  data: DataPicture,
  field: Field,
  left: number,
): void {
  const { columns, rows, values } = field;
  scratch ??= document.createElement("canvas");
  scratch.width = columns;
  scratch.height = rows;
  const small = scratch.getContext("2d")!;
  const image = small.createImageData(columns, rows);
  const isSmooth = !data.isClassification || data.outputs.length <= 2;
  const most = data.isClassification ? 1 : Math.max(1e-9, ...values.map(Math.abs));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]!;
      const [r, g, b] = !data.isClassification
        ? mixed(ground(isDark), signColour(value / most, isDark), 0.6)
        : isSmooth
          ? probabilityColour(value, isDark)
          : regionColour(Math.round(value), isDark);
      // The lowest row comes first, and pictures begin at the top.
      image.data.set([r, g, b, 255], 4 * ((rows - 1 - row) * columns + column));
    }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = isSmooth;
  context.drawImage(scratch, left, EDGE.top, width - left - EDGE.right, height - EDGE.top - EDGE.bottom);
}

const MOST_SAMPLES = 1500;

function paintSamples(
  { context, isDark }: Sheet,
  data: DataPicture,
  samples: SamplesPicture,
  isFilled: boolean,
  x: (v: number) => number,
  y: (v: number) => number,
): void {
  const isLine = data.kind === "line";
  for (let i = 0; i < Math.min(samples.count, MOST_SAMPLES); i++) {
    const group = isLine || !data.isClassification ? 0 : samples.y[i]!;
    const colour = mixed(classColour(group), isDark ? [255, 255, 255] : [0, 0, 0], isDark ? 0.25 : 0.18);
    context.beginPath();
    outline(
      context,
      group,
      x(isLine ? samples.x[i]! : samples.x[2 * i]!),
      y(isLine ? samples.y[i]! : samples.x[2 * i + 1]!),
    );
    context.strokeStyle = isFilled ? (isDark ? "#14171a" : "#ffffff") : css(colour);
    context.lineWidth = isFilled ? 1 : 1.6;
    context.fillStyle = css(colour);
    if (isFilled) context.fill();
    context.stroke();
  }
}

/** Each class has a shape: circle, triangle, square, diamond, and again. */
function outline(context: CanvasRenderingContext2D, group: number, x: number, y: number): void {
  const r = 3.8;
  switch (group % 4) {
    case 0:
      context.arc(x, y, r, 0, 2 * Math.PI);
      return;
    case 1:
      context.moveTo(x, y - r * 1.2);
      context.lineTo(x + r * 1.15, y + r * 0.85);
      context.lineTo(x - r * 1.15, y + r * 0.85);
      break;
    case 2:
      context.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
      return;
    default:
      context.moveTo(x, y - r * 1.3);
      context.lineTo(x + r * 1.3, y);
      context.lineTo(x, y + r * 1.3);
      context.lineTo(x - r * 1.3, y);
  }
  context.closePath();
}
