// What a person asked for and can't have.

/** An error whose message is for the person at the terminal: no stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
