// What is to be seen of a value, as plain data: no functions, no tensors, nothing that changes later. A view is made at
// the moment of showing, travels to another process as it is, and is drawn there: as text for a terminal (text/) or as
// HTML and SVG (html/). A new kind of view is an entry here and a file in each of these two.

/** Text as it is, in a type of fixed width. */
export interface TextView {
  readonly kind: "text";
  readonly text: string;
}

/** Markdown, with formulas between dollar signs. */
export interface MarkdownView {
  readonly kind: "markdown";
  readonly source: string;
}

/** How a column's cells stand: numbers to the right. */
export type Alignment = "left" | "right";

export interface TableView {
  readonly kind: "table";
  readonly title: string;
  /** Names of the columns, units included, such as "loss" or "time, s". */
  readonly columns: readonly { readonly name: string; readonly align: Alignment }[];
  readonly rows: readonly (readonly string[])[];
  /** What was left out, or how to read it; empty where there is nothing to say. */
  readonly note: string;
}

/** An axis of a chart. Every axis has a name, and a unit where it has one. */
export interface Axis {
  /** What goes along it. */
  readonly label: string;
  /** "s", "%"; none for a pure number. */
  readonly unit?: string;
  /** "linear" unless said otherwise. */
  readonly scale?: "linear" | "log";
  /** From where to where; by the data unless given. */
  readonly domain?: readonly [number, number];
}

/** Numbers as colours: the cells of a grid, and of a field that lies under a chart. */
export interface Cells {
  readonly rows: number;
  readonly columns: number;
  /** Row by row; three numbers a cell, each from 0 to 1, where the colours are "rgb". NaN and infinities have colours of their own. */
  readonly values: Float64Array;
  /** "ink": from paper to ink, for images; "sequential" from least to most; "diverging" around 0. */
  readonly colours: "ink" | "sequential" | "diverging" | "rgb";
  /** What least and most stand for. */
  readonly range: readonly [number, number];
}

/** Samples of a function of x and y: evenly spaced along both axes (along their logarithms, where these are logarithmic). */
export interface Samples {
  readonly rows: number;
  readonly columns: number;
  /** Row by row; row 0 is the one at the top. */
  readonly values: Float64Array;
  /** Where the first column and the last one stand. */
  readonly x: readonly [number, number];
  /** Where the last row and the first one stand. */
  readonly y: readonly [number, number];
}

/** What is drawn on the axes of a chart; several lie over each other, the first at the bottom. Numbers that are not finite are gaps. */
export type Layer =
  | {
      readonly mark: "line";
      /** What the legend calls it. Layers of one name have one colour. */
      readonly name: string;
      readonly x: readonly number[];
      readonly y: readonly number[];
      /** Whether NaN is meant to be a gap, of which no note is made. */
      readonly gaps?: boolean;
    }
  | {
      readonly mark: "dots";
      readonly name: string;
      readonly x: readonly number[];
      readonly y: readonly number[];
      /** How far each dot's error bar goes, to both sides along y. */
      readonly spread?: readonly number[];
      readonly gaps?: boolean;
    }
  /** What lies between two lines, such as mean ± a standard deviation. */
  | {
      readonly mark: "band";
      readonly name: string;
      readonly x: readonly number[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly gaps?: boolean;
    }
  /** A column from the axis for each stretch of x, as in a histogram. */
  | {
      readonly mark: "columns";
      readonly name: string;
      readonly from: readonly number[];
      readonly to: readonly number[];
      readonly y: readonly number[];
    }
  /** A bar for each name, with an error bar where `spread` is given (same unit as the value, to both sides). */
  | {
      readonly mark: "bars";
      readonly name: string;
      readonly labels: readonly string[];
      readonly values: readonly number[];
      readonly spread?: readonly number[];
    }
  /** A dashed line through the chart at a value of the axis that it crosses: across "x" at x = `at`, upright, or across "y". */
  | { readonly mark: "rule"; readonly name: string; readonly at: number; readonly across: "x" | "y" }
  /** A function of x and y as colours, under all other layers. A chart has one at most. `name` is what its numbers are. */
  | (Cells & Samples & { readonly mark: "field"; readonly name: string })
  /** Lines along which a function of x and y has the values `levels`. */
  | (Samples & { readonly mark: "contours"; readonly name: string; readonly levels: readonly number[] });

export type FieldLayer = Extract<Layer, { mark: "field" }>;
export type ContourLayer = Extract<Layer, { mark: "contours" }>;

export interface ChartView {
  readonly kind: "chart";
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Layer[];
  readonly note: string;
}

/** A matrix or an image: cells that are places in a table. What is a place in a plane is a field, a layer of a chart. */
export interface GridView extends Cells {
  readonly kind: "grid";
  readonly title: string;
  /** What the numbers are, for the legend; empty for an image, which has none. */
  readonly label: string;
  /** Names of single rows and columns; empty where these have none. */
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  /** What goes along the rows and along the columns, such as "actual" and "predicted"; empty where that is clear. */
  readonly rowLabel: string;
  readonly columnLabel: string;
  /** Whether cells show their number. */
  readonly isNumbered: boolean;
  readonly note: string;
}

/** On which way a step lies: the one to the loss, or the one back. */
export type Pass = "forward" | "backward";

export interface GraphNode {
  readonly id: string;
  readonly role: "input" | "variable" | "constant" | "step" | "output";
  readonly pass: Pass;
  /** The first line is the name, further ones are shapes and values. */
  readonly lines: readonly string[];
  /** The group that it belongs to, if any. */
  readonly group?: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly pass: Pass;
  /** Lines beside the arrow: shape, value, δ, gradient. */
  readonly lines: readonly string[];
}

/** Boxes and arrows, such as a program. */
export interface GraphView {
  readonly kind: "graph";
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Frames around nodes, such as layers. */
  readonly groups: readonly { readonly id: string; readonly label: string; readonly parent?: string }[];
  /** The same as text, for a terminal and for those who can't see the picture. */
  readonly text: string;
  readonly note: string;
}

/** A neuron as the lecture draws it. */
export interface NetworkUnit {
  /** What stands in the circle, such as "0.525"; empty for none. */
  readonly value: string;
  /** δ, beside the circle; empty for none. */
  readonly delta: string;
  readonly isBias: boolean;
}

/** A layer of neurons and the arrows to the next layer. */
export interface NetworkLayer {
  readonly name: string;
  /** The units that are drawn. */
  readonly units: readonly NetworkUnit[];
  /** How many units there are; more than are drawn, where the layer is wide. */
  readonly size: number;
}

export interface NetworkEdge {
  /** The layer it starts from, and the places of its two units among those that are drawn. */
  readonly layer: number;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /** What stands on the arrow: weight and gradient as text; empty for none. */
  readonly lines: readonly string[];
}

/** A network as the lecture draws it: columns of neurons, arrows between them, x and δ at the neurons, W and ∇ on the arrows. */
export interface NetworkView {
  readonly kind: "network";
  readonly title: string;
  readonly layers: readonly NetworkLayer[];
  readonly edges: readonly NetworkEdge[];
  /** The same as text. */
  readonly text: string;
  readonly note: string;
}

/** A picture made elsewhere. */
export interface SvgView {
  readonly kind: "svg";
  readonly svg: string;
  /** What is to be seen in it, for those who can't. */
  readonly alternative: string;
}

/** Something that was measured, beside what is written in the script about it. */
export interface FindingView {
  readonly kind: "finding";
  readonly what: string;
  readonly measured: number;
  readonly expected: number;
  /** How far from `expected` a run of the full experiment may be. */
  readonly spread: number;
  readonly unit: string;
  /** Whether it was held against what is written; quick runs are not. */
  readonly isCompared: boolean;
}

/** Several views under one title. */
export interface GroupView {
  readonly kind: "group";
  readonly title: string;
  readonly parts: readonly View[];
  /** Side by side where there is room, or one under the other. */
  readonly arrangement: "row" | "column";
}

/** What is drawn of a value, as plain data: a text, a table, a chart, and so on, by `kind`. */
export type View =
  | TextView
  | MarkdownView
  | TableView
  | ChartView
  | GridView
  | GraphView
  | NetworkView
  | SvgView
  | FindingView
  | GroupView;
