// Functions with a derivative rule of their own: one step whose value is the function's and whose derivative is what the
// rule says. The rule speaks in operations, so it can be differentiated again.

import { checkFunction, checkOptions, kindOf } from "../array/arguments.ts";
import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { type Form, fill, flatten as flattenTree, refusals } from "../array/tree.ts";
import { Batching } from "../batch/batching.ts";
import { reshaped, summedTo } from "../primitives/moving.ts";
import { type Closed, closed } from "../program/closed.ts";
import { answered, outputsOn } from "../program/inside.ts";
import { ancestorsOf } from "../program/parts.ts";
import { applyAll } from "../tape/apply.ts";
import { interpretWith, onStack } from "../tape/interpreter.ts";
import { forgotten } from "../tape/leaf.ts";
import { openTraces, Trace } from "../tape/trace.ts";
import { heldBy, type Primitive, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import { flatten, type TensorsOf, type Tree } from "./tree.ts";

type Values = readonly Value[];
type Moved = readonly (Value | null)[];

/** Inputs' cotangents from those of outputs, or outputs' tangents from those of inputs; null is zero. */
type Derive = (inputs: Values, moved: Moved) => Moved;

/** What a rule is the derivative of, where that is not the function: a name, and the outputs. */
interface Surrogate {
  readonly name: string;
  readonly run: (inputs: Values) => Values;
}

/** A function of values and its rule. A class, since functions have no form as data: a program with such a step is not saved. */
class OwnRule {
  readonly name: string;
  readonly outputs: readonly Description[];
  readonly run: (inputs: Values) => Values;
  readonly derive: Derive;
  readonly surrogate: Surrogate | null;

  constructor(
    name: string,
    outputs: readonly Description[],
    run: OwnRule["run"],
    derive: Derive,
    surrogate: Surrogate | null,
  ) {
    this.name = name;
    this.outputs = outputs;
    this.run = run;
    this.derive = derive;
    this.surrogate = surrogate;
  }
}

/** The same function of many, and its rule. Operands that are not batched are shared by all parts. */
function forMany(
  { name, outputs, run, derive, surrogate }: OwnRule,
  isBatched: readonly boolean[],
  size: number,
  isPullback: boolean,
): OwnRule {
  const partsIn = (batching: Batching, wholes: Moved, areBatched: (i: number) => boolean): Moved =>
    wholes.map((whole, i) => (whole !== null && areBatched(i) ? batching.partOf(whole) : whole));
  const isWhole = (i: number) => isBatched[i]!;
  const under = (inputs: Values, make: (batching: Batching, parts: Values) => Moved): Moved => {
    const batching = new Batching(size);
    const parts = batching.partsOf(inputs, isBatched);
    return interpretWith(batching, () => make(batching, parts)).map((each) =>
      each === null ? null : batching.wholeOf(each),
    );
  };
  const ofParts =
    (f: OwnRule["run"]): OwnRule["run"] =>
    (inputs) =>
      under(inputs, (_, parts) => f(parts)) as Values;
  return new OwnRule(
    name,
    outputs.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype })),
    ofParts(run),
    (inputs, moved) => {
      const made = under(inputs, (batching, parts) =>
        derive(parts, partsIn(batching, moved, isPullback ? () => true : isWhole)),
      );
      if (!isPullback) return made;
      // What all parts share moves all of them.
      return made.map((each, i) => {
        if (each === null || isBatched[i]) return each;
        const own = each.shape.slice(1);
        return reshaped(summedTo(each, [1, ...own]), own);
      });
    },
    surrogate === null ? null : { name: surrogate.name, run: ofParts(surrogate.run) },
  );
}

function ruled(isPullback: boolean): Primitive<OwnRule> {
  const primitive: Primitive<OwnRule> = {
    name: isPullback ? "ownPullback" : "ownPushforward",
    describe: (_inputs, { outputs }) => answered(outputs),
    evaluate(inputs, { run }) {
      const outputs = onStack(null, () => Trace.unseen(() => run(inputs.map((array) => new Tensor(array)))));
      return answered(outputs.map(({ array }) => array));
    },
    surrogate: (inputs, { name, surrogate }) =>
      surrogate === null
        ? null
        : {
            outputs: surrogate.run(inputs),
            note: `${name || "a function with a rule of its own"} is checked against its surrogate${surrogate.name === "" ? "" : ` ${surrogate.name}`}: its rule must be the derivative of that, and is not compared with its value's`,
          },
    unfolded: (inputs, { run }) => answered(run(inputs).map(({ array }) => array)),
    composed: (inputs, { run }) => answered(run(inputs)),
    batched: (inputs, rule, isBatched, size) =>
      answered(applyAll(primitive, inputs, forMany(rule, isBatched, size, isPullback))),
    ...(isPullback
      ? {
          pullback: ({ inputs, attributes }, _cotangent, _wanted, cotangents) =>
            attributes.derive(inputs, cotangents),
        }
      : { pushforward: ({ inputs, attributes }, tangents) => answered(attributes.derive(inputs, tangents)) }),
    label: ({ name }) => name,
  };
  return primitive;
}

/** The steps of functions with rules of their own. */
export const byPullback: Primitive<OwnRule> = ruled(true);
export const byPushforward: Primitive<OwnRule> = ruled(false);

/** The arguments with the value that each variable holds in its place: for the rule it is a tensor like others. */
function withoutVariables(operation: string, args: readonly unknown[]): readonly unknown[] {
  const { form, leaves } = flattenTree<Tensor>(args, {
    isLeaf: (value) => value instanceof Tensor,
    ...refusals(`${operation}: argument`),
  });
  return fill(
    form,
    leaves.map((leaf) => asTensor(heldBy(leaf))),
  ) as readonly unknown[];
}

type AnyFunction = (...args: unknown[]) => unknown;

/** A function of the arguments, as one of values. */
function surrogateOf(operation: string, f: AnyFunction, { program, own, form }: Closed): Surrogate {
  const shapesOf = (list: readonly { readonly shape: Description["shape"] }[]) =>
    list.map(({ shape }) => shapeText(shape)).join(", ");
  return {
    // One that is written in place has the option's name.
    name: f.name === "surrogate" ? "" : f.name,
    run(inputs) {
      const args = fill(form, inputs.slice(0, own).map(asTensor)) as unknown[];
      const { leaves } = flatten(operation, "the surrogate's result", f(...args), "give what f would give");
      const fits = (leaf: Tensor, i: number) => sameShape(leaf.shape, program.outputs[i]!.shape);
      if (leaves.length !== program.outputs.length || !leaves.every(fits))
        throw new ShapeError(
          `${operation}: the surrogate gives ${shapesOf(leaves)} where the function gives ${shapesOf(program.outputs)}; give a function of the same arguments with a result of the same form`,
        );
      return leaves;
    },
  };
}

/** Calls f as one step with this rule. Result is what f returns. */
function callWithRule<Result>(
  operation: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  primitive: Primitive<OwnRule>,
  ruleOf: (call: Closed) => Derive,
  { surrogate }: { readonly surrogate?: unknown },
): Result {
  const call = closed(operation, f, withoutVariables(operation, args));
  const { program, operands, own, read, resultForm } = call;
  if (own === 0 || program.outputs.length === 0) return f(...(args as never[])) as Result;
  const moving = ancestorsOf(program.outputs, ({ primitive: each }) => each.stops === true);
  const given = operands.map((operand, i) => {
    if (i < own) return operand;
    if (moving.has(program.inputs[i]!) && isFloat(operand.dtype) && openTraces(operand.traces) !== null) {
      const variable = read[i - own];
      const what =
        variable === undefined
          ? `a tensor ${shapeText(operand.shape)} from around it`
          : variable.name === ""
            ? "a variable"
            : `variable "${variable.name}"`;
      throw new Error(
        `${operation}: the function takes ${what}, which is differentiated, and its rule says nothing of that; give it as another argument, or use stopGradient if it is meant as a constant`,
      );
    }
    return forgotten(operand);
  });
  const outputs = program.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const rule = new OwnRule(
    f.name,
    outputs,
    (inputs) => outputsOn(program, inputs),
    ruleOf(call),
    surrogate === undefined ? null : surrogateOf(operation, surrogate as AnyFunction, call),
  );
  return fill(resultForm, applyAll(primitive, given, rule)) as Result;
}

function checkLike(operation: string, what: string, made: Tensor, like: Description): void {
  if (made.dtype === like.dtype && sameShape(made.shape, like.shape)) return;
  throw new ShapeError(
    `${operation}: the rule's ${what} is ${made.dtype} ${shapeText(made.shape)} where ${like.dtype} ${shapeText(like.shape)} belongs; a derivative has the shape and type of what it is the derivative of`,
  );
}

/** The tensors of a tree that a rule gave, which must be like these. */
function leavesLike(
  operation: string,
  what: string,
  tree: unknown,
  like: readonly Description[],
): readonly Tensor[] {
  const { leaves, paths } = flatten(operation, `the rule's ${what}`, tree, "give what vjp or jvp would give");
  if (leaves.length !== like.length)
    throw new TypeError(
      `${operation}: the rule's ${what} holds ${leaves.length} tensors where ${like.length} belong; give a tree of the same form`,
    );
  for (const [i, leaf] of leaves.entries()) checkLike(operation, `${what}${paths[i]}`, leaf, like[i]!);
  return leaves;
}

/** The field of what a rule returned. */
function fieldOf(
  operation: string,
  returned: unknown,
  field: "pullback" | "tangent",
  others: string,
): unknown {
  const made = returned as Record<string, unknown> | null | undefined;
  if (kindOf(returned) === "an object" && made!["value"] !== undefined && made![field] !== undefined)
    return made![field];
  throw new TypeError(
    `${operation}: the rule returned ${kindOf(returned)}${kindOf(returned) === "an object" ? ` with ${Object.keys(made!).join(", ")}` : ""}; it must return { value, ${field} }${others}`,
  );
}

/** The options of `customVjp` and `customJvp`. */
export interface OwnRuleOptions<Args extends readonly unknown[]> {
  /**
   * A function of the same arguments whose derivative the rule is, where that is not f's on purpose: the smooth
   * function behind a spike, or the identity behind rounding. It is computed only by `checkGradients`, which then
   * compares the rule with it.
   */
  readonly surrogate?: (...args: Args) => Tree;
}

function checkRule(operation: string, options: { readonly surrogate?: unknown }): void {
  checkOptions(operation, options, ["surrogate"]);
  if (options.surrogate !== undefined)
    checkFunction(`${operation}: the surrogate`, options.surrogate, "(x) => x.logistic()");
}

const filledIn = (moved: Moved, like: readonly Description[], inputs: Values): Tensor[] =>
  like.map((one, i) => asTensor(moved[i] ?? zerosOf(one, inputs[0]!)));

/** The tensors among the arguments by argument: where each one's begin, and their descriptions. */
function byArgument({ form, program }: Closed): readonly (readonly Description[])[] {
  const items = (form as Extract<Form, { kind: "array" }>).items;
  return items.map((item) => placesIn(item).map((place) => program.inputs[place]!));
}

function placesIn(form: Form): number[] {
  if (form.kind === "leaf") return [form.place];
  return form.kind === "fixed" ? [] : form.items.flatMap(placesIn);
}

/**
 * A function with f's signature and value whose derivative is what a rule says. For the same arguments the rule returns
 * what `vjp` would: f's value, and a pullback from the value's cotangent to that of the argument or, where there are
 * several, to a list of theirs, null for those that don't move it. All are trees of tensors. The rule consists of
 * tensor operations, so that second derivatives, vmap and compile go through it. f is recorded in every call, as by
 * `record`, and must not depend on variables or watched tensors around it: pass them as arguments. Throws Error where
 * it does; TypeError or ShapeError where the rule gives what does not fit. A program that is recorded with it can't be
 * saved. Where the rule is not the derivative of f on purpose, say of what it is: `{ surrogate: g }`, and
 * `checkGradients` checks it.
 */
export function customVjp<Args extends readonly unknown[], Out extends Tree>(
  f: (...args: Args) => Out,
  rule: (...args: Args) => {
    readonly value: Tree;
    readonly pullback: (cotangent: TensorsOf<Out>) => unknown;
  },
  options: OwnRuleOptions<Args> = {},
): (...args: Args) => TensorsOf<Out> {
  checkFunction("customVjp", f, "(x) => x.relu()");
  checkFunction("customVjp", rule, "(x) => ({ value: f(x), pullback: (dy) => dy.mul(…) })");
  checkRule("customVjp", options);
  const ruleOf = (call: Closed): Derive => {
    const { program, own, form, resultForm, operands } = call;
    const wanted = byArgument(call);
    return (inputs, cotangents) => {
      const args = fill(form, inputs.slice(0, own).map(asTensor)) as unknown as Args;
      const pullback = fieldOf("customVjp", rule(...args), "pullback", ", as vjp does");
      checkFunction("customVjp: the rule's pullback", pullback, "(dy) => dy.mul(…)");
      const cotangent = fill(resultForm, filledIn(cotangents, program.outputs, inputs));
      const pulled = (pullback as (cotangent: unknown) => unknown)(cotangent);
      const list = wanted.length === 1 ? [pulled] : pulled;
      if (!Array.isArray(list) || list.length !== wanted.length)
        throw new TypeError(
          `customVjp: the rule's pullback gave ${kindOf(pulled)}${Array.isArray(pulled) ? ` of ${pulled.length}` : ""} for ${wanted.length} arguments; give a list, a cotangent for each argument, null for none`,
        );
      const moved = list.flatMap(
        (tree: unknown, i): Moved =>
          tree === null || wanted[i]!.length === 0
            ? wanted[i]!.map(() => null)
            : leavesLike("customVjp", "cotangent", tree, wanted[i]!),
      );
      return operands.map((_, i) => moved[i] ?? null);
    };
  };
  return (...args) =>
    callWithRule<TensorsOf<Out>>("customVjp", f as never, args, byPullback, ruleOf, options);
}

/**
 * A function with f's signature and value whose derivative is what a rule says, in forward mode: for the arguments and
 * a tangent for each, trees of tensors, it returns what `jvp` would, f's value and the value's tangent. Reverse mode
 * follows by transposition. Otherwise like `customVjp`. Throws what `customVjp` throws. JAX's `custom_jvp`.
 */
export function customJvp<Args extends readonly unknown[], Out extends Tree>(
  f: (...args: Args) => Out,
  rule: (
    inputs: Args,
    tangents: { [K in keyof Args]: TensorsOf<Args[K]> },
  ) => { readonly value: Tree; readonly tangent: Tree },
  options: OwnRuleOptions<Args> = {},
): (...args: Args) => TensorsOf<Out> {
  checkFunction("customJvp", f, "(x) => x.relu()");
  checkFunction("customJvp", rule, "([x], [dx]) => ({ value: f(x), tangent: dx.mul(…) })");
  checkRule("customJvp", options);
  const ruleOf =
    ({ program, own, form }: Closed): Derive =>
    (inputs, tangents) => {
      const args = fill(form, inputs.slice(0, own).map(asTensor));
      const along = fill(form, filledIn(tangents, program.inputs.slice(0, own), inputs));
      const tangent = fieldOf("customJvp", rule(args as never, along as never), "tangent", ", as jvp does");
      const made = leavesLike("customJvp", "tangent", tangent, program.outputs);
      return made.map((each) => (isFloat(each.dtype) ? each : null));
    };
  return (...args) =>
    callWithRule<TensorsOf<Out>>("customJvp", f as never, args, byPushforward, ruleOf, options);
}
