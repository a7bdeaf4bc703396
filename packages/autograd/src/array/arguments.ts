// Checks of arguments where TypeScript can't make them: in JavaScript, in notebooks, behind an `any`.

/** What a value is, for messages: "null", "a number", "an array", "a Promise". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = value.constructor?.name ?? "Object";
  if (name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** Throws TypeError unless options are an object of these names: another one would be ignored in silence. */
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

/** Throws TypeError unless it is a function. `example` shows a right call. */
export function checkFunction(operation: string, f: unknown, example: string): void {
  if (typeof f === "function") return;
  throw new TypeError(
    `${operation}: got ${kindOf(f)} where the function belongs; give a function, e.g. ${example}`,
  );
}

/**
 * Whether a function that should have been done has returned a promise. Its rejection is then taken care of: whoever
 * refuses the function won't wait for it, and an engine may end over a rejection that nobody handles.
 */
export function isAsync(returned: unknown): boolean {
  if (typeof (returned as Partial<PromiseLike<unknown>> | null | undefined)?.then !== "function")
    return false;
  void (returned as PromiseLike<unknown>).then(undefined, () => {});
  return true;
}
