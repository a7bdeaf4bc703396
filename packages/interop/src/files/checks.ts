// Checks of what the functions on files are given, where TypeScript can't make them.

import { Tensor } from "@adjoint/autograd";

/** What a value is, for messages: "null", "a number", "an array", "a Map". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `a ${name}`;
}

/** A name for messages, cut where it is long. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** The bytes of a file, as a Uint8Array of this realm. Throws TypeError for anything else. */
export function fileBytes(operation: string, value: unknown): Uint8Array {
  // By its tag, which is the same in every realm (such as a frame or a vm context). What reads it asks for this realm's.
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]")
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(
    `${operation}: got ${kindOf(value)} where the bytes of a file belong; give a Uint8Array, e.g. new Uint8Array(await response.arrayBuffer())`,
  );
}

/** Throws TypeError unless the options are an object with no other names than these: any other would be ignored silently. */
export function checkOptions(operation: string, options: unknown, names: readonly string[]): void {
  if (kindOf(options) !== "an object")
    throw new TypeError(
      `${operation}: got ${kindOf(options)} where options belong; write them by name: { ${names[0]}: … }`,
    );
  for (const name in options as object)
    if (!names.includes(name))
      throw new TypeError(`${operation}: there is no option "${name}"; the options are ${names.join(", ")}`);
}

/** Throws TypeError unless these are tensors by name. */
export function checkTensors(
  operation: string,
  tensors: unknown,
): asserts tensors is Readonly<Record<string, Tensor>> {
  if (kindOf(tensors) !== "an object")
    throw new TypeError(
      `${operation}: got ${kindOf(tensors)} where tensors by name belong, e.g. { weight: tensor(…) }`,
    );
  for (const [name, each] of Object.entries(tensors as object))
    if (!(each instanceof Tensor))
      throw new TypeError(
        `${operation}: what is called ${quoted(name)} is ${kindOf(each)} and must be a tensor; wrap numbers: tensor(…)`,
      );
}
