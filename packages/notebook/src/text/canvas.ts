// What charts are drawn on, character by character.

/** Rows between the least and the greatest value. */
export const height = 12;
/** A character and the colour of its series, if any. */
export interface Ink {
  character: string;
  colour: number | null;
  /** The colour behind it, where a field lies below. */
  back: number | null;
}

/** Where things are drawn: rows from the top, columns from the left. */
export class Canvas {
  readonly rows: Ink[][];
  readonly width: number;
  constructor(width: number) {
    this.width = width;
    this.rows = Array.from({ length: height + 1 }, () =>
      Array.from({ length: width }, () => ({ character: " ", colour: null, back: null })),
    );
  }
  put(row: number, column: number, character: string, colour: number | null): void {
    const ink = this.rows[row]?.[column];
    if (ink === undefined) return;
    ink.character = character;
    ink.colour = colour;
  }
}
