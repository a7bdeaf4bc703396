// A plugin for Rolldown that marks what is made when a module of the packages is loaded as free of effects, which it is
// (package.json says so of the modules: "sideEffects"). A bundler can't know that of a call, of what is read from an
// object, or of the static block of a class, and would carry them all from a file that holds many modules.
// So `const add = linear({ … })` is published as `const add = /* @__PURE__ */ (() => linear({ … }))()`.

import { RolldownMagicString } from "rolldown";
import { parseAst } from "rolldown/parseAst";

/** Whether bundlers see by themselves that making a value has no effect. */
function isPlain(node) {
  switch (node?.type) {
    // Nothing, as where a declaration or an element of an array is empty.
    case undefined:
    case "Literal":
    case "Identifier":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return true;
    case "UnaryExpression":
      return node.argument.type === "Literal" || node.argument.name === "Infinity";
    // Such as Math.tanh.
    case "MemberExpression":
      return node.object.name === "Math" && !node.computed;
    case "TemplateLiteral":
      return node.expressions.length === 0;
    case "ArrayExpression":
      return node.elements.every(isPlain);
    case "ObjectExpression":
      return node.properties.every(
        ({ type, computed, value }) => type === "Property" && !computed && isPlain(value),
      );
    case "ClassExpression":
      return (
        isPlain(node.superClass) &&
        node.body.body.every(
          ({ type, static: isStatic, computed, value }) =>
            type !== "StaticBlock" && !computed && (!isStatic || isPlain(value)),
        )
      );
    default:
      return false;
  }
}

/** Whether code waits, outside the functions in it. */
function waits(node) {
  if (typeof node !== "object" || node === null || /Function/.test(node.type)) return false;
  return node.type === "AwaitExpression" || Object.values(node).some(waits);
}

/** Whether a number is computed from numbers: a call would keep minifiers from writing the result. */
const isArithmetic = ({ type, left, right, argument, value }) =>
  type === "BinaryExpression"
    ? isArithmetic(left) && isArithmetic(right)
    : typeof value === "number" || (type === "UnaryExpression" && isArithmetic(argument));

/** Whether a value is made by a call that Rolldown has marked, of what is plain. */
const isMarked = (code, { start, arguments: given }) =>
  given?.every(isPlain) === true && code.slice(0, start).trimEnd().endsWith("/* @__PURE__ */");

export const pureValues = {
  name: "pure-values",
  renderChunk(code) {
    const text = new RolldownMagicString(code);
    for (const { type, declarations = [] } of parseAst(code).body) {
      if (type !== "VariableDeclaration") continue;
      for (const { init } of declarations) {
        if (init === null || isPlain(init) || isArithmetic(init) || isMarked(code, init)) continue;
        if (waits(init)) continue;
        // What is in parentheses may be an object, whose brace would otherwise begin a block.
        text.appendRight(init.start, "/* @__PURE__ */ (() => (");
        text.appendLeft(init.end, "))()");
      }
    }
    return { code: text.toString(), map: text.generateMap({ hires: "boundary" }).toString() };
  },
};
