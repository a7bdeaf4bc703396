// What a script consists of for those who read it.

/** A piece of a cell: comment lines, which are Markdown, or code. */
export interface Piece {
  readonly kind: "markdown" | "code";
  /** The comment's text without its slashes, or the code as it stands. */
  readonly text: string;
  /** The first and last line in the file, from 1. */
  readonly from: number;
  readonly to: number;
}

/** What lies between two lines that begin with `// %%`. The first cell begins at the first line. */
export interface Cell {
  /** What stands behind `// %%`; empty where nothing does. */
  readonly title: string;
  readonly pieces: readonly Piece[];
  readonly from: number;
  readonly to: number;
}
