// Branches and loops. Where a condition is known they are plain ones; where it depends on what a compiled function is given, they
// are the engine's, which record both branches, or the body once.

import { cond, scan, stack, type Tensor, tensor, whileLoop } from "@adjoint/autograd";
import { Datum, numbersIfKnown } from "../datum.ts";
import type { ElementType } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Context, InnerGraph } from "../running.ts";
import { axisOf, MANY, type Operators, type Run } from "./operator.ts";

/** The number of a single value, or null where it is not known. */
function known(x: Datum, what: string): number | null {
  if (x.size !== 1) return x.number(what);
  return x.whole === null && numbersIfKnown(x.tensor) === null ? null : x.number(what);
}

const tensorsOf = (data: readonly Datum[]): Tensor[] => data.map((each) => each.tensor);
const withTypes = (tensors: readonly Tensor[], types: readonly ElementType[]): Datum[] =>
  tensors.map((each, i) => Datum.of(each, types[i]!));

/** One single element, as conditions are for the engine. */
const single = (condition: Datum): Tensor => condition.tensor.reshape([]);

/** A graph as a function of tensors, which notes the element types of what it gives. */
function asFunction(
  graph: InnerGraph,
  context: Context,
  types: readonly ElementType[],
  noted: ElementType[],
) {
  return (tensors: readonly Tensor[]): Tensor[] => {
    const results = graph.run(withTypes(tensors, types), context);
    results.forEach((each, i) => {
      noted[i] = each.type;
    });
    return tensorsOf(results);
  };
}

/** Several values beside each other along a new first axis. */
function stacked(data: readonly Datum[], node: NodeReader): Datum {
  const [first] = data;
  if (first === undefined)
    return node.refuse("a loop that does not run has no results to put beside each other");
  return first.with(stack(tensorsOf(data) as Tensor[]) as Tensor);
}

/** A loop whose condition is only known when it runs: the engine's, which has no results of single steps. */
function unknownLoop(
  node: NodeReader,
  body: InnerGraph,
  context: Context,
  limit: Datum | undefined,
  first: { readonly at: number; readonly goes: Datum; readonly state: readonly Datum[] },
): Datum[] {
  const { at, goes, state } = first;
  if (body.outputs.length > 1 + state.length)
    node.refuse(
      "how often it runs depends on what the model is given, and it has results of each step, whose number would not be known",
    );
  const types = state.map(({ type }) => type);
  const step = asFunction(body, context, ["int64", "bool", ...types], []);
  const most = limit?.tensor.reshape([]) ?? null;
  const [, , ...last] = whileLoop(
    ([i, goes]: Tensor[]) => (most === null ? goes! : goes!.and(i!.less(most))),
    ([i, goes, ...held]: Tensor[]) => {
      const [next, ...rest] = step([i!, goes!, ...held]);
      return [i!.add(1), next!.reshape([]), ...rest] as Tensor[];
    },
    [tensor(at, { dtype: "int32" }), single(goes), ...tensorsOf(state)] as Tensor[],
  );
  return withTypes(last, types);
}

const loop = (node: NodeReader): Run => {
  const body = node.graph("body");
  return ([limit, start, ...initial], context) => {
    const state0 = initial.map((each) => each ?? node.refuse("an initial value is left out"));
    if (body.inputs.length !== 2 + state0.length || body.outputs.length < 1 + state0.length)
      node.refuse(
        `its body has ${body.inputs.length} inputs and ${body.outputs.length} outputs for ${state0.length} values that go along`,
      );
    const results: Datum[][] = Array.from({ length: body.outputs.length - 1 - state0.length }, () => []);
    const truth = (value: boolean) => Datum.ofWhole("bool", [], [value ? 1n : 0n]);
    let goes = start ?? truth(true);
    let state = state0;
    const most = limit === undefined ? Infinity : known(limit, "how often it runs");
    for (let i = 0; ; i++) {
      const isGoing = most === null ? null : known(goes, "a condition");
      if (isGoing === null) {
        if (results.some((list) => list.length > 0))
          node.refuse("whether it goes on depends on what the model is given");
        return unknownLoop(node, body, context, limit, { at: i, goes, state });
      }
      if (isGoing === 0 || i >= most!) break;
      const made = body.run([Datum.ofWhole("int64", [], [BigInt(i)]), goes, ...state], context);
      goes = made[0]!;
      state = made.slice(1, 1 + state.length);
      for (const [k, each] of made.slice(1 + state.length).entries()) results[k]!.push(each);
    }
    return [...state, ...results.map((list) => stacked(list, node))];
  };
};

interface ScanSettings {
  readonly body: InnerGraph;
  /** How many inputs are scanned. */
  readonly scanned: number;
  readonly inputAxes: readonly number[];
  readonly inputDirections: readonly number[];
  readonly outputAxes: readonly number[];
  readonly outputDirections: readonly number[];
}

/** A scan as version 9 has it. */
function scanned(
  node: NodeReader,
  settings: ScanSettings,
  inputs: readonly Datum[],
  context: Context,
): Datum[] {
  const { body, scanned: count } = settings;
  const states = inputs.slice(0, inputs.length - count);
  const xs = inputs.slice(states.length);
  if (body.inputs.length !== inputs.length || body.outputs.length < states.length)
    node.refuse(
      `its body has ${body.inputs.length} inputs and ${body.outputs.length} outputs, and it has ${inputs.length} inputs`,
    );
  const lined = xs.map((x, i) => {
    const axis = axisOf(node, settings.inputAxes[i] ?? 0, x.rank);
    const moved: Tensor = x.tensor.moveAxis(axis, 0);
    return settings.inputDirections[i] === 1 ? moved.flip({ axis: 0 }) : moved;
  });
  const noted: ElementType[] = [];
  const step = asFunction(
    body,
    context,
    inputs.map(({ type }) => type),
    noted,
  );
  const [last, ys] = scan(
    (carry: Tensor[], parts: Tensor[]): readonly [Tensor[], Tensor[]] => {
      const results = step([...carry, ...parts]);
      return [results.slice(0, states.length), results.slice(states.length)];
    },
    tensorsOf(states),
    lined,
  ) as unknown as [Tensor[], Tensor[]];
  const outputs = ys.map((y, i) => {
    const turned = settings.outputDirections[i] === 1 ? y.flip({ axis: 0 }) : y;
    return turned.moveAxis(0, axisOf(node, settings.outputAxes[i] ?? 0, y.rank)) as Tensor;
  });
  return withTypes([...last, ...outputs], noted);
}

/** Version 8 has a batch in front, whose parts are scanned by themselves. */
function batched(
  node: NodeReader,
  settings: ScanSettings,
  [lengths, ...inputs]: readonly (Datum | undefined)[],
  context: Context,
): Datum[] {
  const all = inputs.map((each) => each ?? node.refuse("an input is left out"));
  const batch = all[0]?.shape[0] ?? node.refuse("it has no inputs");
  const whole = lengths?.numbers("the lengths of the sequences");
  const scannedFrom = all.length - settings.scanned;
  const parts = Array.from({ length: batch }, (_, b) => {
    const own = all.map((each, i) => {
      const part = each.tensor.slice(b) as Tensor;
      const length = i < scannedFrom || whole === undefined ? null : whole[b]!;
      if (length !== null && length !== part.shape[0])
        node.refuse("sequences of several lengths are not read");
      return each.with(part);
    });
    return scanned(node, settings, own, context);
  });
  return (parts[0] ?? []).map((first, i) =>
    first.with(stack(parts.map((each) => each[i]!.tensor) as Tensor[]) as Tensor),
  );
}

export const controlFlow: Operators = {
  If: {
    since: 1,
    inputs: [1, 1],
    outputs: MANY,
    prepare(node) {
      const [onTrue, onFalse] = [node.graph("then_branch"), node.graph("else_branch")];
      for (const branch of [onTrue, onFalse]) {
        if (branch.inputs.length > 0) node.refuse("a branch has inputs; it sees the names around it instead");
        if (branch.outputs.length !== node.outputs)
          node.refuse(`a branch has ${branch.outputs.length} outputs, and it ${node.outputs}`);
      }
      return ([condition], context) => {
        const isTrue = known(condition!, "a condition");
        if (isTrue !== null) return (isTrue === 1 ? onTrue : onFalse).run([], context);
        const noted: ElementType[] = [];
        const branch = (graph: InnerGraph) => () => asFunction(graph, context, [], noted)([]);
        return withTypes(cond(single(condition!), branch(onTrue), branch(onFalse)), noted);
      };
    },
  },
  Loop: { since: 1, inputs: [2, MANY], mayLack: [0, 1], outputs: MANY, prepare: (node) => loop(node) },
  Scan: {
    since: 8,
    // The first may be left out in version 8.
    inputs: [0, MANY],
    outputs: MANY,
    prepare(node) {
      const body = node.graph("body");
      const count = node.int("num_scan_inputs");
      if (count < 1 || count > body.inputs.length)
        node.refuse(`num_scan_inputs is ${count}, and its body has ${body.inputs.length} inputs`);
      if (node.opset < 9) {
        const inputDirections = node.ints("directions") ?? [];
        const settings = {
          body,
          scanned: count,
          inputAxes: [],
          inputDirections,
          outputAxes: [],
          outputDirections: [],
        };
        return (inputs, context) => batched(node, settings, inputs, context);
      }
      const settings: ScanSettings = {
        body,
        scanned: count,
        inputAxes: node.ints("scan_input_axes") ?? [],
        inputDirections: node.ints("scan_input_directions") ?? [],
        outputAxes: node.ints("scan_output_axes") ?? [],
        outputDirections: node.ints("scan_output_directions") ?? [],
      };
      return (inputs, context) =>
        scanned(
          node,
          settings,
          inputs.map((each) => each ?? node.refuse("an input is left out")),
          context,
        );
    },
  },
};
