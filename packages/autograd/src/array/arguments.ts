// Checks of arguments where TypeScript can't make them: in JavaScript, in notebooks, behind an `any`.

/** What a value is, for messages: "null", "a number", "an array", "a Promise". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  // By its prototype: a field may be called "constructor", too.
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor?.name ?? "Object";
  if (name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** Throws TypeError unless the options are an object with no other names than these: any other would be ignored silently. */
export function checkOptions(operation: string, options: unknown, names: readonly string[]): void {
  if (kindOf(options) !== "an object") {
    throw new TypeError(
      `${operation}: got ${kindOf(options)} where options belong; write them by name: { ${names[0]}: … }`,
    );
  }
  for (const name in options as object) {
    if (!names.includes(name)) {
      throw new TypeError(`${operation}: there is no option "${name}"; the options are ${names.join(", ")}`);
    }
  }
}

/** Throws TypeError unless f is a function. `example` is a correct one, for the message. */
export function checkFunction(operation: string, f: unknown, example: string): void {
  if (typeof f === "function") return;
  throw new TypeError(
    `${operation}: got ${kindOf(f)} where the function belongs; give a function, e.g. ${example}`,
  );
}

/**
 * Whether a function that should have finished has returned a promise. If so, its rejection is handled here: whoever
 * refuses the function won't wait for it, and an unhandled rejection may end the process.
 */
export function isAsync(returned: unknown): boolean {
  if (typeof (returned as Partial<PromiseLike<unknown>> | null | undefined)?.then !== "function")
    return false;
  void (returned as PromiseLike<unknown>).then(undefined, () => {});
  return true;
}
