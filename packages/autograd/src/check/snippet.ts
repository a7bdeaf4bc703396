// A check as a script that runs by itself: imports, what the user defined, the function, its inputs, and the call.

import type { CheckOptions } from "./check-gradients.ts";
import type { Program } from "./drawn-program.ts";
import { identifier } from "./literal.ts";

/** The parts of a script. */
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
    uses: operations.flatMap(({ uses }) => uses ?? []),
    sources: operations.flatMap(({ source }) => (source === undefined ? [] : [source])),
    f: program.functionCode(),
    inputs: program.inputsCode(),
  };
}

/** A user's function: by its name where its source is given, else by its text and the names that are free in it. */
export function functionFragment(f: object, source: string | undefined, inputs: readonly string[]): Fragment {
  const list = ["[", ...inputs.map((input) => `  ${input},`), "]"].join("\n");
  if (source !== undefined) {
    const name = identifier((f as { readonly name?: string }).name ?? "");
    return { uses: [], sources: [source], f: name, inputs: list };
  }
  const text = Function.prototype.toString.call(f);
  // A method's text is no expression.
  const isMethod = /^(?:async\s+)?(?!function\b|async\b|class\b)[\w$]+\s*\([\s\S]*\)\s*\{/.test(text);
  const code = isMethod ? text.replace(/^(async\s+)?/, "$1function ") : text;
  const open = openNames(code);
  const sources =
    open.length === 0
      ? []
      : [
          `// The function uses ${open.join(", ")}: import or define it here, or give gradientProperty the lines that do as its option "source".`,
        ];
  return { uses: [], sources, f: code, inputs: list };
}

const words = new Set(
  "async await break case catch class const continue debugger default delete do else export extends false finally for function get if import in instanceof let new null of return set static super switch this throw true try typeof undefined var void while with yield arguments".split(
    " ",
  ),
);

/** Code without strings and comments. */
const withoutRemarks = (text: string) =>
  text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "");

/** A name that no code uses: this one, or with the first number from 2 that makes it one. */
function freeName(name: string, codes: readonly string[]): string {
  const taken = new Set(codes.flatMap((code) => withoutRemarks(code).match(/[A-Za-z_$][\w$]*/g) ?? []));
  let [free, number] = [name, 1];
  while (taken.has(free)) free = `${name}${++number}`;
  return free;
}

/** Names in a function's text that neither it nor the language defines. Recognised by their form only: an extra name does no harm. */
function openNames(text: string): string[] {
  const bare = withoutRemarks(text);
  const declared = new Set<string>();
  const parameters = [
    /\(([^()]*)\)\s*(?:=>|\{)/g,
    /([\w$]+)\s*=>/g,
    /(?:const|let|var|function|class)\s+([^=;(]+)/g,
  ];
  for (const form of parameters)
    for (const [, list] of bare.matchAll(form))
      for (const [name] of list!.matchAll(/[A-Za-z_$][\w$]*/g)) declared.add(name);
  // What follows a dot is a property; what a colon follows is a key or a label.
  const used = [...bare.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*(?!\s*:|[\w$])/g)].map(([name]) => name);
  return [...new Set(used)].filter(
    (name) => !declared.has(name) && !words.has(name) && !(name in globalThis) && name !== "tensor",
  );
}

export function snippet(
  { uses, sources, f, inputs }: Fragment,
  { order, seed, compiled }: CheckOptions,
): string {
  const told = [
    order === undefined ? "" : `order: ${order}`,
    seed === undefined ? "" : `seed: ${seed}`,
    compiled === undefined ? "" : `compiled: ${compiled}`,
  ].filter(Boolean);
  const options = told.length === 0 ? "" : `, { ${told.join(", ")} }`;
  const imported = new Set(["tensor", ...uses]);
  const checks = new Set(["checkGradients"]);
  const rest: string[] = [];
  // Every name is imported once, whichever part asks for it.
  for (const line of sources.flatMap((source) => source.split("\n"))) {
    const [, names, path] = /^import \{([^}]*)\} from "@adjoint\/autograd(\/check)?";$/.exec(line) ?? [];
    if (names === undefined) rest.push(line);
    else for (const name of names.split(",")) (path === undefined ? imported : checks).add(name.trim());
  }
  // A constant of a name that the function uses would take the place of what it means by that.
  const codes = [f, inputs, ...rest];
  const [checked, point] = [freeName("f", codes), freeName("inputs", codes)];
  return [
    `import { ${[...imported].sort().join(", ")} } from "@adjoint/autograd";`,
    `import { ${[...checks].sort().join(", ")} } from "@adjoint/autograd/check";`,
    ...(rest.length === 0 ? [] : ["", ...rest]),
    "",
    `const ${checked} = ${f};`,
    `const ${point} = ${inputs};`,
    `console.log(String(checkGradients(${checked}, ${point}${options})));`,
  ].join("\n");
}
