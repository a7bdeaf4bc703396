// What a docstring has to say beside what its function does, as far as that can be told from code and place: the errors that
// an argument can cause, shapes, the source of a published method, and units. Each rule asks for a word, not for the truth.

import { declarationOf, placeOf } from "./public-names.mjs";

/** How far calls are followed: a function, the checks that it calls, and what these call. */
const DEPTH = 2;

/**
 * Checks whose errors are the same for every function, so that an entry need not repeat them: an argument of another kind
 * than its type says, an option of another name, a tensor behind a Proxy. The entry points state them once.
 */
const OF_EVERY_FUNCTION = new Set([
  ...["checkOptions", "checkTensor", "checkFunction", "checkDType", "checkText", "behindProxy", "kindOf"],
  // It passes on what the function that it runs throws.
  "inNameOf",
]);

/** Every node of code beneath one, types left out. */
function* codeOf(node) {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const each of node) yield* codeOf(each);
    return;
  }
  if (typeof node.type !== "string" || /^TS(?!AsExpression|NonNull|Satisfies)/.test(node.type)) return;
  yield node;
  for (const key in node) if (!SKIPPED.has(key)) yield* codeOf(node[key]);
}
const SKIPPED = new Set([
  "type",
  "start",
  "end",
  "typeAnnotation",
  "returnType",
  "typeParameters",
  "typeArguments",
]);

/** What one function throws itself, and the names that it mentions: operations are handed to others by name. */
const looked = new WeakMap();
function lookAt(node) {
  let found = looked.get(node);
  if (found !== undefined) return found;
  found = { throws: new Set(), mentions: new Set() };
  for (const each of codeOf(node)) {
    if (each.type === "ThrowStatement") {
      const name = /^(New|Call)Expression$/.test(each.argument.type) ? each.argument.callee.name : undefined;
      if (name !== undefined && !OF_EVERY_FUNCTION.has(name)) found.throws.add(name);
    } else if (each.type === "Identifier") found.mentions.add(each.name);
    else if (each.type === "PrivateIdentifier") found.mentions.add(`#${each.name}`);
  }
  looked.set(node, found);
  return found;
}

/** The errors that an argument can reach, by the function that throws them. `privates` are the private methods of its class. */
function thrownBy(nodes, module, privates, depth = DEPTH, seen = new Set()) {
  const thrown = new Set();
  for (const node of nodes) {
    const { throws, mentions } = lookAt(node);
    for (const name of throws) thrown.add(name);
    if (depth === 0) continue;
    for (const name of mentions) {
      if (seen.has(name) || OF_EVERY_FUNCTION.has(name)) continue;
      const inner = name.startsWith("#")
        ? privates?.get(name) && { nodes: [privates.get(name)], module }
        : declarationOf(module.file, name);
      // Classes are made, not called: what their methods throw is said there.
      if (!inner?.nodes || inner.nodes.some(({ type }) => /^(Class|TS)/.test(type))) continue;
      for (const each of thrownBy(inner.nodes, inner.module, privates, depth - 1, new Set([...seen, name])))
        thrown.add(each);
    }
  }
  return thrown;
}

const source =
  /\(\d{4}[),;]|\d{4}\)|\b(NumPy|SciPy|PyTorch|torchvision|JAX|Keras|scikit-learn|optax|GPT-2|safetensors|Graphviz)\b|[Tt]he lecture|(^|\. )As `/;

/** Where names stand that implement what others have published. */
const PUBLISHED = [
  /^packages\/nn\/src\/(layers|losses|optimizers|schedules|metrics|search)\//,
  /^packages\/nn\/src\/(activations|initializers|orthogonal)\.ts$/,
  /^packages\/linalg\/src\//,
  /^packages\/interop\/src\//,
  /^packages\/autograd\/src\/tensor\/(random|draws|choices|convolution|transposed-convolution|pooling|einsum|counting|lookup)\.ts$/,
  /^packages\/autograd\/src\/expression\/atoms\/(gamma|erf|erfc|erf-inv)\.ts$/,
  /^packages\/autograd\/src\/check\/(check-gradients|gradient-property)\.ts$/,
];

const shapes =
  /\[[^\]]*\]|→|\b(shape|axis|axes|element|elements|broadcast|matrix|vector|rank|single number|form)s?\b/;

/** Units by name. An entry in another unit would be wrong by a factor that no type shows. */
const UNITS = [
  [/^(sin|cos|tan|asin|acos|atan|atan2)$/, /radians/],
  [
    /^(log|log1p|logAddExp|xlogy|softplus|lgamma|logSoftmax|logSumExp|logCumSumExp|crossEntropy|negLogLoss|negLogLossWithLogits|klDivergence|focal|slogdet)$/,
    /[Nn]atural|base e|\bnats\b/,
  ],
  [/bytes$/i, /\bbytes?\b/i],
  [/(seconds|milliseconds|duration|timeout)$/i, /\b(s|ms|seconds|milliseconds)\b/],
];

const namesTensors = (node, text) => {
  const fn = node.value ?? node.init ?? node;
  return [...(fn.params ?? []), fn.returnType]
    .filter(Boolean)
    .some(({ start, end }) => /\bTensor\b/.test(text.slice(start, end)));
};

const isFunction = (node) => /Function/.test((node.value ?? node.init ?? node).type);

/** What the docstring of a name lacks: a list of words. */
export function lacks({ name, nodes, module, docs, privates }) {
  const doc = docs.join("\n");
  if (doc === "") return ["a docstring"];
  const missing = [];
  // In Markdown a line such as "[n, m]: …" defines a link, and is not shown.
  if (/^\[[^\]]*\]:/m.test(doc)) missing.push("another beginning of the line that begins with […]:");
  const short = name.split(".").at(-1);
  const functions = nodes.filter(isFunction);
  if (functions.length > 0) {
    const thrown = thrownBy(functions, module, privates);
    if (thrown.size > 0 && !/\b(Throws?|throws?|Rejects|Fails with)\b/.test(doc))
      missing.push(`what it throws (${[...thrown].join(", ")})`);
    if (functions.some((node) => namesTensors(node, module.source)) && !shapes.test(doc))
      missing.push("shapes");
  }
  const isStated = functions.length > 0 || nodes.some(({ type }) => type === "VariableDeclarator");
  if (
    isStated &&
    !name.includes(".") &&
    PUBLISHED.some((place) => place.test(placeOf(module.file))) &&
    !source.test(doc)
  )
    missing.push("its source: a publication, or the library whose convention it follows");
  for (const [names, unit] of UNITS)
    if (names.test(short) && !unit.test(doc)) missing.push(`its unit (${unit.source})`);
  return missing;
}
