// A mistake in a formula and its place.

/** Where a formula is wrong, and what to do. */
export class FormulaMistake extends Error {
  override readonly name = "FormulaMistake";
  /** The first character that is wrong and the one after the last. */
  readonly from: number;
  readonly to: number;

  constructor(message: string, from: number, to: number) {
    super(message);
    this.from = from;
    this.to = to;
  }
}
