// Leaves out of the reference what repeats itself or says nothing, and puts in what the docstrings of atoms say.

import { readdirSync, readFileSync } from "node:fs";
import { Comment, Converter, ReflectionKind, UnknownType } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";

const expression = new URL("../../../packages/autograd/src/expression/", import.meta.url);

/** The docstrings of elementary functions, by name: `Tensor`, `Scalar` and `Expression` take their methods from these. */
function elementaryFunctions() {
  const files = readdirSync(new URL("atoms/", expression)).map((file) => `atoms/${file}`);
  const docs = new Map();
  for (const file of [...files, "compounds.ts"])
    for (const [, doc, name] of readFileSync(new URL(file, expression), "utf8").matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const (\w+)/g,
    ))
      docs.set(name, doc.replaceAll(/\s*\n\s*\* ?/g, " ").trim());
  return docs;
}

/** Classes whose methods of one element are derived, and whose constructors are not for users. */
const carriers = new Set(["Tensor", "Variable", "Scalar", "Expression"]);

const textOf = (signature) => signature.comment?.summary.map(({ text }) => text).join("") ?? "";

function tidyCarrier(project, type, docs) {
  for (const child of [...(type.children ?? [])]) {
    // A variable is a tensor: its page tells what it has beside that.
    if (type.name === "Variable" && child.inheritedFrom !== undefined) {
      project.removeReflection(child);
      continue;
    }
    child.inheritedFrom = undefined;
    const call = child.type?.type === "reflection" ? child.type.declaration.signatures?.[0] : undefined;
    if (call === undefined || child.comment !== undefined || !docs.has(child.name)) continue;
    child.comment = new Comment([{ kind: "text", text: docs.get(child.name) }]);
    const operands = (call.parameters ?? []).filter(({ name }) => name !== "this");
    const operand = type.name === "Tensor" ? "Tensor | number" : `${type.name} | number`;
    const list = operands.map(({ name }) => `${name.replace(/^__/, "")}: ${operand}`).join(", ");
    child.type = new UnknownType(`(${list}) => ${type.name}`);
  }
}

function tidy(project) {
  const docs = elementaryFunctions();
  for (const type of project.getReflectionsByKind(ReflectionKind.Class)) {
    for (const child of [...(type.children ?? [])])
      if (child.kind === ReflectionKind.Constructor) project.removeReflection(child);
    if (carriers.has(type.name)) tidyCarrier(project, type, docs);
  }
  for (const callable of project.getReflectionsByKind(ReflectionKind.FunctionOrMethod)) {
    const { signatures = [] } = callable;
    // What a list of names shows beside this one.
    const about = signatures.at(-1)?.comment;
    if (about !== undefined) callable.comment = about.clone();
    // Overloads share a docstring: it stands once, below the last of them.
    for (const [i, signature] of signatures.entries())
      if (i + 1 < signatures.length && textOf(signature) === textOf(signatures.at(-1))) {
        signature.comment = undefined;
        signature.sources = undefined;
      }
  }
}

const says = /\| Description \|/;
const repeats = /^(Type Parameters|Parameters|Returns|Inherited from|Overrides|Implementation of)$/;

/** Without the sections that only repeat what the signature says. */
function withoutRepetition(text) {
  const kept = [];
  // The level of the section that is left out at the moment.
  let left = Infinity;
  for (const section of text.split(/^(?=#+ )/m)) {
    const [, marks, title] = /^(#+) (.*)/.exec(section) ?? [];
    if (marks !== undefined && marks.length <= left) left = Infinity;
    if (left < Infinity) continue;
    if (title !== undefined && repeats.test(title) && !says.test(section)) {
      left = marks.length;
      // A rule between members stands at the end of the last section of one.
      if (/\n\*\*\*\n/.test(section)) kept.push("***\n\n");
      continue;
    }
    kept.push(title === "Call Signature" ? section.replace(/^.*\n+/, "") : section);
  }
  return kept.join("");
}

/** A line that begins with a shape and a colon is no definition of a link. */
const withShapes = (text) => text.replaceAll(/^\[([^\]\n]*)\]: /gm, "\\[$1\\]: ");

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => tidy(project));
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = withShapes(withoutRepetition(page.contents));
  });
}
