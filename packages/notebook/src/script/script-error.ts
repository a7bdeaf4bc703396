// What is wrong with a script before it runs.

/** A script that can't be read, at the line of the script where that shows. */
export class ScriptError extends Error {
  override readonly name = "SyntaxError";
  /** The line in the script, from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}
