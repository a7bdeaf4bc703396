// Which names a piece of JavaScript declares at its top level, which it assigns, and which it mentions.

import {
  type AnyNode,
  type Declaration,
  type Pattern,
  type Program,
  parse,
  type Token,
  type VariableDeclaration,
} from "acorn";

export type Kind = "import" | "const" | "let" | "var" | "function" | "class";

export interface Names {
  readonly program: Program;
  /** What is declared at the top level, and how. */
  readonly declared: ReadonlyMap<string, Kind>;
  /** Those that an `export` names already. */
  readonly exported: ReadonlySet<string>;
  /** Whatever is assigned anywhere, functions included. Names of inner scopes are among them. */
  readonly assigned: ReadonlySet<string>;
  /** Every identifier outside of imports that isn't the name of a property behind a dot. */
  readonly mentioned: ReadonlySet<string>;
}

/** The names that a pattern binds or assigns, such as `[a, { b, ...rest }]`. */
function namesIn(pattern: Pattern | AnyNode | null): string[] {
  if (!pattern) return [];
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "ArrayPattern") return pattern.elements.flatMap(namesIn);
  if (pattern.type === "ObjectPattern")
    return pattern.properties.flatMap((each) => namesIn(each.type === "Property" ? each.value : each));
  if (pattern.type === "AssignmentPattern") return namesIn(pattern.left);
  return pattern.type === "RestElement" ? namesIn(pattern.argument) : [];
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

/** Every node below the one given, itself included; `enter` says whether to look into it. */
function walk(node: AnyNode, enter: (node: AnyNode) => boolean): void {
  if (!enter(node)) return;
  for (const value of Object.values(node) as unknown[])
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(each)) walk(each, enter);
}

const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ClassDeclaration",
  "ClassExpression",
]);

/** The names that a `let`, `const` or `var` statement binds. */
export const boundBy = ({ declarations }: VariableDeclaration): string[] =>
  declarations.flatMap(({ id }) => namesIn(id));

function declare(declaration: Declaration, declared: Map<string, Kind>): void {
  if (declaration.type === "VariableDeclaration") {
    const kind = declaration.kind === "let" || declaration.kind === "var" ? declaration.kind : "const";
    for (const name of boundBy(declaration)) declared.set(name, kind);
  } else if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration")
    declared.set(declaration.id.name, declaration.type === "FunctionDeclaration" ? "function" : "class");
}

/** What is assigned by this node itself. */
function targetsOf(node: AnyNode): string[] {
  if (node.type === "AssignmentExpression") return namesIn(node.left);
  if (node.type === "UpdateExpression") return namesIn(node.argument);
  if (node.type === "ForInStatement" || node.type === "ForOfStatement") return namesIn(node.left);
  return [];
}

/** Reads a module of JavaScript. Throws what acorn throws, a SyntaxError with `loc`. */
export function namesOf(code: string): Names {
  const tokens: Token[] = [];
  const program = parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    locations: true,
    onToken: tokens,
    // A name may be declared in another cell.
    allowUndeclaredExports: true,
  } as Parameters<typeof parse>[1]);
  const declared = new Map<string, Kind>();
  const exported = new Set<string>();
  const imports: [number, number][] = [];
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      imports.push([statement.start, statement.end]);
      for (const { local } of statement.specifiers) declared.set(local.name, "import");
    } else if (statement.type === "ExportNamedDeclaration") {
      const own = new Map<string, Kind>();
      if (statement.declaration) declare(statement.declaration, own);
      for (const [name, kind] of own) declared.set(name, kind);
      for (const name of own.keys()) exported.add(name);
      for (const { exported: name } of statement.specifiers)
        if (name.type === "Identifier") exported.add(name.name);
    } else if (statement.type === "ExportDefaultDeclaration") {
      if (
        "id" in statement.declaration &&
        statement.declaration.id &&
        FUNCTIONS.has(statement.declaration.type)
      )
        declared.set(
          statement.declaration.id.name,
          statement.declaration.type === "ClassDeclaration" ? "class" : "function",
        );
    } else declare(statement as Declaration, declared);
  }
  const assigned = new Set<string>();
  walk(program, (node) => {
    for (const name of targetsOf(node)) assigned.add(name);
    return true;
  });
  // A `var` within a block or a loop belongs to the module as well.
  for (const statement of program.body)
    walk(statement, (node) => {
      if (FUNCTIONS.has(node.type)) return false;
      if (node.type === "VariableDeclaration" && node.kind === "var") declare(node, declared);
      return true;
    });
  const mentioned = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.type.label !== "name") return;
    const before = tokens[i - 1]?.type.label;
    if (before === "." || before === "?.") return;
    if (imports.some(([from, to]) => token.start >= from && token.end <= to)) return;
    mentioned.add((token as { value?: string }).value!);
  });
  return { program, declared, exported, assigned, mentioned };
}
