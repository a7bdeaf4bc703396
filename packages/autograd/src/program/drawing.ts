// Programs for people: as text, as a graph for Graphviz, and as a picture.

import { shapeText } from "../array/shape.ts";
import { type ProgramBody, type ProgramParts, type ProgramValue, programsIn } from "./parts.ts";

const variableText = ({ name }: { readonly name: string }) => (name === "" ? "variable" : `variable ${name}`);

/** What made a value, in words. */
function captionOf(value: ProgramValue): string {
  const { origin } = value;
  switch (origin.kind) {
    case "argument":
      return `input ${origin.place}`;
    case "variable":
      return variableText(origin.variable);
    case "gradient":
      return `gradient of ${variableText(origin.variable)}`;
    case "constant":
      if (origin.was !== undefined) return `${variableText(origin.was)}, as it was`;
      return value.shape.length === 0 ? `constant ${origin.array.first}` : "constant";
    case "step": {
      const { primitive, attributes, outputs } = origin.step;
      const told = primitive.label?.(attributes) ?? "";
      const which = outputs.length > 1 ? `.${origin.output}` : "";
      return `${primitive.name}${which}${told === "" ? "" : ` ${told}`}`;
    }
  }
}

const inputsOf = ({ origin }: ProgramValue): readonly ProgramValue[] =>
  origin.kind === "step" ? origin.step.inputs : [];

const typeOf = ({ dtype, shape }: ProgramValue) => `${dtype} ${shapeText(shape)}`;

/** The programs that the step of a value holds, for its first output. */
const programsOf = ({ origin }: ProgramValue): readonly ProgramBody[] =>
  origin.kind === "step" && origin.output === 0 ? programsIn(origin.step) : [];

/** The values that people are shown: of a step that holds programs, whose results may be many, those that something reads. */
function shownOf({ values, outputs, outcomes }: ProgramParts): readonly ProgramValue[] {
  const read = new Set<ProgramValue | null | undefined>([
    ...outputs,
    ...outcomes.flatMap(({ value, grad }) => [value, grad]),
    ...values.flatMap(inputsOf),
  ]);
  return values.filter(
    (value) =>
      read.has(value) ||
      value.origin.kind !== "step" ||
      value.origin.output === 0 ||
      programsIn(value.origin.step).length === 0,
  );
}

/** One line for each value, with the programs that its step holds below it, then what is returned and left in variables. */
export function textOf(parts: ProgramParts): string {
  const { outputs, outcomes } = parts;
  const lines = shownOf(parts).map((value) => {
    const inputs = inputsOf(value);
    const given = inputs.length === 0 ? "" : `(${inputs.map(({ id }) => `%${id}`).join(", ")})`;
    const line = `%${value.id} = ${captionOf(value)}${given}: ${typeOf(value)}`;
    return [line, ...programsOf(value).map((program) => textOf(program).replace(/^/gm, "    "))].join("\n");
  });
  const left = outcomes.flatMap(({ variable, value, grad }) => [
    ...(value === undefined ? [] : [`${variableText(variable)} ← %${value.id}`]),
    ...(grad === undefined
      ? []
      : [`gradient of ${variableText(variable)} ← ${grad === null ? "none" : `%${grad.id}`}`]),
  ]);
  return [...lines, ...left, `return ${outputs.map(({ id }) => `%${id}`).join(", ")}`].join("\n");
}

export function dotOf(parts: ProgramParts): string {
  const returned = new Set(parts.outputs);
  return graphviz(
    "program",
    shownOf(parts).map((value) => ({
      id: value.id,
      caption: `${captionOf(value)}\n${typeOf(value)}`,
      inputs: inputsOf(value).map(({ id }) => id),
      isOutput: returned.has(value),
    })),
  );
}

/** A graph in Graphviz' language: boxes for values that are made from others, ellipses for the rest, a double outline for outputs. */
function graphviz(
  name: string,
  nodes: readonly {
    readonly id: number;
    readonly caption: string;
    readonly inputs: readonly number[];
    readonly isOutput: boolean;
  }[],
): string {
  const boxes = nodes.map(({ id, caption, inputs, isOutput }) => {
    const outline = isOutput ? ", peripheries=2" : "";
    const shape = inputs.length === 0 ? "ellipse" : "box";
    return `  n${id} [label=${JSON.stringify(caption)}, shape=${shape}${outline}];`;
  });
  const arrows = nodes.flatMap(({ id, inputs }) => inputs.map((input) => `  n${input} -> n${id};`));
  return [
    `digraph ${name} {`,
    "  rankdir=TB;",
    '  node [fontname="sans-serif"];',
    ...boxes,
    ...arrows,
    "}",
  ].join("\n");
}

const box = { width: 168, height: 40, across: 24, down: 32 } as const;

/** A value's row is the length of the longest path to it; within a row, values stand in the order in which they are made. */
export function svgOf(parts: ProgramParts): string {
  const values = shownOf(parts);
  const { outputs } = parts;
  const rowOf = new Map<ProgramValue, number>();
  const rows: ProgramValue[][] = [];
  for (const value of values) {
    const row = inputsOf(value).reduce((deepest, input) => Math.max(deepest, rowOf.get(input)! + 1), 0);
    rowOf.set(value, row);
    (rows[row] ??= []).push(value);
  }
  const returned = new Set(outputs);
  const widest = Math.max(1, ...rows.map((row) => row.length));
  const width = widest * (box.width + box.across) + box.across;
  const height = rows.length * (box.height + box.down) + box.down;
  const middleOf = new Map<ProgramValue, { readonly x: number; readonly y: number }>();
  rows.forEach((row, level) => {
    const left = (width - row.length * (box.width + box.across) + box.across) / 2;
    row.forEach((value, i) => {
      middleOf.set(value, {
        x: left + i * (box.width + box.across) + box.width / 2,
        y: box.down + level * (box.height + box.down) + box.height / 2,
      });
    });
  });
  const lines = values.flatMap((value) =>
    inputsOf(value).map((input) => {
      const [from, to] = [middleOf.get(input)!, middleOf.get(value)!];
      return `<line x1="${from.x}" y1="${from.y + box.height / 2}" x2="${to.x}" y2="${to.y - box.height / 2}" stroke="#888" marker-end="url(#arrow)"/>`;
    }),
  );
  const boxes = values.map((value) => {
    const { x, y } = middleOf.get(value)!;
    const rounding = inputsOf(value).length === 0 ? box.height / 2 : 4;
    const outline = returned.has(value) ? 2.5 : 1;
    return (
      `<rect x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="${rounding}" fill="#fff" stroke="#333" stroke-width="${outline}"/>` +
      `<text x="${x}" y="${y - 4}">${escaped(shortened(captionOf(value)))}</text><text x="${x}" y="${y + 12}" fill="#666">${escaped(typeOf(value))}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" text-anchor="middle">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#888"/></marker></defs>',
    ...lines,
    ...boxes,
    "</svg>",
  ].join("\n");
}

const shortened = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
