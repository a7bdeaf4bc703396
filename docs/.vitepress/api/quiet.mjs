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
  // A field stands where its type does.
  for (const field of project.getReflectionsByKind(ReflectionKind.Property)) field.sources = undefined;
  for (const type of project.getReflectionsByKind(ReflectionKind.Class)) {
    for (const child of [...(type.children ?? [])])
      if (child.kind === ReflectionKind.Constructor) project.removeReflection(child);
    if (carriers.has(type.name)) tidyCarrier(project, type, docs);
  }
  for (const callable of project.getReflectionsByKind(ReflectionKind.FunctionOrMethod)) {
    const { signatures = [] } = callable;
    const texts = new Set(signatures.map(textOf));
    // Overloads share a docstring: it stands once, above them, and in lists of names.
    if (texts.size !== 1 || texts.has("")) continue;
    callable.comment ??= new Comment();
    callable.comment.summary = signatures[0].comment.summary;
    for (const [i, signature] of signatures.entries()) {
      signature.comment = undefined;
      if (i + 1 < signatures.length) signature.sources = undefined;
    }
  }
}

const says = /\| Description \|/;
const repeats = /^(Type Parameters|Parameters|Returns|Inherited from|Overrides|Implementation of)$/;
/** What a type is made of says something where that has a page. */
const relations = /^(Extends|Implements)$/;

/** A section with its source at the end, and without the rule that separates it from the next. */
function arranged(section) {
  const text = section.replaceAll(/^\*\*\*\n+/gm, "");
  const source = /^Defined in: (.*)\n+/m.exec(text);
  return source === null ? text : `${text.replace(source[0], "").trimEnd()}\n\n_Source: ${source[1]}_\n\n`;
}

/** Without the sections that only repeat what the signature says. */
function withoutRepetition(text) {
  const kept = [];
  // The level of the section that is left out at the moment.
  let left = Infinity;
  for (const section of text.split(/^(?=#+ )/m)) {
    const [, marks, title] = /^(#+) (.*)/.exec(section) ?? [];
    if (marks !== undefined && marks.length <= left) left = Infinity;
    if (left < Infinity) continue;
    if (
      title !== undefined &&
      ((repeats.test(title) && !says.test(section)) || (relations.test(title) && !section.includes("](")))
    ) {
      left = marks.length;
      continue;
    }
    kept.push(arranged(title === "Call Signature" ? section.replace(/^.*\n+/, "") : section));
  }
  return kept.join("");
}

/** A line that begins with a shape and a colon is no definition of a link. */
const withShapes = (text) => text.replaceAll(/^\[([^\]\n]*)\]: /gm, "\\[$1\\]: ");

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => tidy(project));
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    const text = withShapes(withoutRepetition(page.contents));
    // What a class derives from a table is a property to typedoc.
    page.contents = carriers.has(page.model.name) ? text.replace(/^## Properties$/m, "## Operations") : text;
  });
}
