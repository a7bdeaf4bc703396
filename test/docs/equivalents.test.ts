// The tables of equivalents for those who come from other libraries: what stands in their right column is there.

import * as autograd from "@adjoint/autograd";
import * as check from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import * as notebook from "@adjoint/notebook";
import { expect, test } from "vitest";
import { documents, textOf } from "./documents.ts";

const functions = new Set([autograd, check, nn, notebook].flatMap((names) => Object.keys(names)));
const methodsOf = (prototype: object): readonly string[] =>
  prototype === Object.prototype
    ? []
    : [...Object.getOwnPropertyNames(prototype), ...methodsOf(Object.getPrototypeOf(prototype) as object)];
const methods = new Set([
  ...[autograd.Tensor, autograd.Variable, autograd.Scalar, autograd.Expression].flatMap((type) =>
    methodsOf(type.prototype as object),
  ),
  // Those of a place in a tensor, of optimizers and of layers.
  ...["set", "minimize", "step", "forward"],
]);
/** What a reader's own functions are called in the tables. */
const own = new Set(["key", "f", "lossOf", "pullback"]);

test.each(documents.filter((document) => document.startsWith("docs/from/")))(
  "%s names what exists",
  (page) => {
    const cells = [...textOf(page).matchAll(/^\|.*\| *(.*?) *\|$/gm)].map(([, cell]) => cell!);
    const codes = cells.flatMap((cell) => [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code!));
    const called = codes.flatMap((code) => [...code.matchAll(/(\.?)\b([a-zA-Z]\w*)\(/g)]);
    const unknown = called.filter(
      ([, dot, name]) => !(dot === "." ? methods.has(name!) : functions.has(name!) || own.has(name!)),
    );
    expect(unknown.map(([text]) => text)).toEqual([]);
    // Names that stand alone, such as `customVjp`, but for those of options and of other things in small letters.
    const alone = codes.filter((code) => /^[a-z]+[A-Z]\w*$/.test(code) && !functions.has(code));
    expect(alone).toEqual(page.endsWith("pytorch.md") ? ["outputActivation"] : []);
  },
);
