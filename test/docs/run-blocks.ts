// Imports the programs it is given, one after another, and writes as JSON what each printed or threw: one start of Node
// and of the packages for all of them. Each is a module, so none sees the names of another.

/** What became of one program. */
export interface Outcome {
  readonly output: string;
  /** Why it did not run to its end; null where it did. */
  readonly error: string | null;
}

const { stdout } = process;
const write = stdout.write.bind(stdout);
const outcomes: Outcome[] = [];
for (const file of process.argv.slice(2)) {
  let output = "";
  stdout.write = (chunk: string | Uint8Array) => {
    output += chunk;
    return true;
  };
  let error: string | null = null;
  try {
    await import(file);
  } catch (thrown) {
    error = thrown instanceof Error ? String(thrown.stack) : String(thrown);
  }
  outcomes.push({ output, error });
}
write(JSON.stringify(outcomes));
