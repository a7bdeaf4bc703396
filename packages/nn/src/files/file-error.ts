// What is thrown for a file that is damaged, or that says something its format has no place for.

/** A file that can't be read. Nothing of it has been used. */
export class FileError extends Error {
  override readonly name = "FileError";
  /** The byte of the file at which the mistake was noticed. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
