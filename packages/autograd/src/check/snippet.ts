// A check as a script that runs by itself: imports, what the user defined, the function, its inputs, and the call.

import type { CheckOptions } from "./check-gradients.ts";
import { identifier } from "./literal.ts";
import type { Program } from "./program.ts";

/** What a script is made from. */
export interface Fragment {
  /** Public names that the code uses. */
  readonly uses: readonly string[];
  /** Imports and definitions of the user's. */
  readonly sources: readonly string[];
  /** The function, as an expression. */
  readonly f: string;
  /** Its inputs, as an expression. */
  readonly inputs: string;
}

export function programFragment(program: Program): Fragment {
  const operations = [...new Set(program.steps.map((step) => step.operation))];
  return {
    uses: operations.flatMap(({ uses }) => (uses === undefined ? [] : [uses])),
    sources: operations.flatMap(({ source }) => (source === undefined ? [] : [source])),
    f: program.functionCode(),
    inputs: program.inputsCode(),
  };
}

/** A user's function: by its name where its source is told or it is no code of its own, else by its text. */
export function functionFragment(f: object, source: string | undefined, inputs: readonly string[]): Fragment {
  const name = identifier((f as { readonly name?: string }).name ?? "");
  const list = ["[", ...inputs.map((input) => `  ${input},`), "]"].join("\n");
  if (source !== undefined) return { uses: [], sources: [source], f: name, inputs: list };
  return { uses: [], sources: [], f: Function.prototype.toString.call(f), inputs: list };
}

export function snippet({ uses, sources, f, inputs }: Fragment, { order, seed }: CheckOptions): string {
  const told = [
    order === undefined ? "" : `order: ${order}`,
    seed === undefined ? "" : `seed: ${seed}`,
  ].filter(Boolean);
  const options = told.length === 0 ? "" : `, { ${told.join(", ")} }`;
  const imported = new Set(["tensor", ...uses]);
  const rest: string[] = [];
  // Every name is imported once, whichever part asks for it.
  for (const line of sources.flatMap((source) => source.split("\n"))) {
    const names = /^import \{([^}]*)\} from "@adjoint\/autograd";$/.exec(line)?.[1];
    if (names === undefined) rest.push(line);
    else for (const name of names.split(",")) imported.add(name.trim());
  }
  return [
    `import { ${[...imported].sort().join(", ")} } from "@adjoint/autograd";`,
    `import { checkGradients } from "@adjoint/autograd/check";`,
    ...(rest.length === 0 ? [] : ["", ...rest]),
    "",
    `const f = ${f};`,
    `const inputs = ${inputs};`,
    `console.log(String(checkGradients(f, inputs${options})));`,
  ].join("\n");
}
