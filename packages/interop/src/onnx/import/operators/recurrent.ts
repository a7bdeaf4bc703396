// Recurrent networks: RNN, GRU and LSTM, in both directions. The products with the inputs are made for all steps at once; a scan
// goes along the sequence. Sequences that are shorter than others keep their state from their end on, and give zeros there.

import { scan, stack, type Tensor, tensor, where, zeros } from "@adjoint/autograd";
import { type Datum, floats } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operator, Operators, Run } from "./operator.ts";
import { activationsOf, type ElementMap } from "./recurrent-activations.ts";

/** The weights of one direction. */
interface Weights {
  /** [gates·hidden, inputs] */
  readonly input: Tensor;
  /** [gates·hidden, hidden] */
  readonly hidden: Tensor;
  /** Biases of what the inputs give to the gates, [gates·hidden]; null for none. */
  readonly inputBias: Tensor | null;
  /** Those of the hidden state, [gates·hidden], where they are not among the others. */
  readonly hiddenBias: Tensor | null;
  /** [3·hidden], or null */
  readonly peepholes: Tensor | null;
}

/** The state that goes along: the hidden state, and an LSTM's cell behind it. */
type State = readonly Tensor[];

/** One step of a cell: of what the inputs give to all gates, [batch, gates·hidden], and a state, the next state. */
type Step = (gates: Tensor, state: State) => State;

interface Cell {
  readonly gates: number;
  /** How many functions each direction has, and what they are by default. */
  readonly functions: readonly string[];
  /** How many tensors the state has. */
  readonly states: number;
  /** Whether the hidden state's biases are added within the step. */
  readonly keepsHiddenBias: (node: NodeReader) => boolean;
  readonly step: (
    node: NodeReader,
    weights: Weights,
    functions: readonly ElementMap[],
    hidden: number,
  ) => Step;
}

/** The parts of [batch, n·hidden], one for each gate. */
const gatesOf = (x: Tensor, n: number): Tensor[] =>
  (x as Tensor<[number, number]>).split(n, { axis: 1 }) as Tensor[];

const rnn: Cell = {
  gates: 1,
  functions: ["Tanh"],
  states: 1,
  keepsHiddenBias: () => false,
  step:
    (_node, { hidden }, [f]) =>
    (gates, [h]) => [f!(gates.add(h!.matmul(hidden.transpose())))],
};

const gru: Cell = {
  gates: 3,
  functions: ["Sigmoid", "Tanh"],
  states: 1,
  keepsHiddenBias: (node) => node.opset >= 3 && node.flag("linear_before_reset"),
  step(node, { hidden, hiddenBias }, [f, g], size) {
    const isLinearBefore = node.flag("linear_before_reset");
    const [ofGates, ofNew] = (hidden as Tensor<[number, number]>).split([2 * size, size], {
      axis: 0,
    }) as Tensor[];
    const [gateBias, newBias] =
      hiddenBias === null
        ? [null, null]
        : ((hiddenBias as Tensor<[number]>).split([2 * size, size]) as Tensor[]);
    return (gates, [h]) => {
      const [z, r, n] = gatesOf(gates, 3);
      const ofHidden = h!.matmul(ofGates!.transpose()) as Tensor;
      const [hz, hr] = gatesOf(gateBias === null ? ofHidden : ofHidden.add(gateBias!), 2);
      const update = f!(z!.add(hz!));
      const reset = f!(r!.add(hr!));
      const own = (x: Tensor): Tensor => {
        const y: Tensor = x.matmul(ofNew!.transpose());
        return newBias === null ? y : y.add(newBias!);
      };
      const candidate = g!(n!.add(isLinearBefore ? reset.mul(own(h!)) : own(reset.mul(h!))));
      // 1 − z is exact where z is near 1, and z·n would not be.
      return [update.neg().add(1).mul(candidate).add(update.mul(h!))];
    };
  },
};

const lstm: Cell = {
  gates: 4,
  functions: ["Sigmoid", "Tanh", "Tanh"],
  states: 2,
  keepsHiddenBias: () => false,
  step(node, { hidden, peepholes }, [f, g, h], size) {
    const isCoupled = node.flag("input_forget");
    const [pi, po, pf] =
      peepholes === null
        ? [null, null, null]
        : ((peepholes as Tensor<[number]>).split([size, size, size]) as [Tensor, Tensor, Tensor]);
    const seen = (gate: Tensor, peephole: Tensor | null, cell: Tensor): Tensor =>
      peephole === null ? gate : gate.add(peephole.mul(cell));
    return (gates, [before, cell]) => {
      const all: Tensor = gates.add(before!.matmul(hidden.transpose()));
      const [i, o, forget, c] = gatesOf(all, 4);
      const input = f!(seen(i!, pi, cell!));
      const kept = isCoupled ? input.neg().add(1) : f!(seen(forget!, pf, cell!));
      const next = kept.mul(cell!).add(input.mul(g!(c!)));
      const output = f!(seen(o!, po, next));
      return [output.mul(h!(next)), next];
    };
  },
};

const DIRECTIONS = { forward: [false], reverse: [true], bidirectional: [false, true] } as const;

/** One direction over x [time, batch, inputs]: the hidden states [time, batch, hidden], and the last state. */
function along(
  step: Step,
  x: Tensor,
  weights: Weights,
  first: State,
  within: Tensor | null,
  reverse: boolean,
): { readonly all: Tensor; readonly last: State } {
  const [time, batch, inputs] = x.shape as [number, number, number];
  const products: Tensor = x.reshape([time * batch, inputs]).matmul(weights.input.transpose() as Tensor);
  const sums = weights.inputBias === null ? products : products.add(weights.inputBias);
  const given: Tensor = sums.reshape([time, batch, -1]);
  const xs: Tensor[] = within === null ? [given] : [given, within];
  const [last, all] = scan(
    (state: Tensor[], [gates, isWithin]: Tensor[]): readonly [Tensor[], Tensor] => {
      const next = step(gates!, state);
      if (isWithin === undefined) return [[...next], next[0]!];
      const kept = next.map((each, i) => where(isWithin, each, state[i]!) as Tensor);
      return [kept, where(isWithin, next[0]!, 0) as Tensor];
    },
    [...first],
    xs,
    { reverse },
  ) as unknown as [Tensor[], Tensor];
  return { all, last };
}

/** Whether each step of a sequence lies within its length: [time, batch, 1]. */
function withinLengths(lengths: Tensor, time: number): Tensor {
  const steps = tensor(
    Int32Array.from({ length: time }, (_, t) => t),
    { shape: [time, 1, 1] },
  );
  return steps.less(lengths.reshape([1, lengths.size, 1]));
}

/** Of a weight with an axis of directions in front, the part of one. */
const partOf = (x: Datum | undefined, direction: number): Tensor | null =>
  x === undefined ? null : (x.tensor.slice(direction) as Tensor);

/** The weights of one direction. Both biases of a gate are one, but where the hidden state's is needed within the step. */
function weightsOf(
  [, w, r, b]: readonly (Datum | undefined)[],
  direction: number,
  peepholes: Datum | undefined,
  keepsHiddenBias: boolean,
): Weights {
  const bias = partOf(b, direction);
  const [ofInput, ofHidden] =
    bias === null ? [null, null] : ((bias as Tensor<[number]>).split(2) as unknown as [Tensor, Tensor]);
  return {
    input: partOf(w, direction)!,
    hidden: partOf(r, direction)!,
    inputBias: ofInput === null || keepsHiddenBias ? ofInput : ofInput.add(ofHidden),
    hiddenBias: keepsHiddenBias ? ofHidden : null,
    peepholes: partOf(peepholes, direction),
  };
}

const recurrence = (cell: Cell, most: number): Operator => ({
  since: 7,
  inputs: [3, most],
  outputs: cell.states + 1,
  prepare(node): Run {
    const directions =
      DIRECTIONS[node.oneOf("direction", ["forward", "reverse", "bidirectional"], "forward")];
    const isBatchFirst = node.opset >= 14 && node.flag("layout");
    const functions = activationsOf(node, cell.functions, directions.length);
    const stated = node.int("hidden_size", 0);
    const keepsBias = cell.keepsHiddenBias(node);
    if (cell === lstm) node.flag("input_forget");
    return (inputs) => {
      const [x, , r, , lengths, ...states] = inputs;
      const peepholes = cell === lstm ? states[2] : undefined;
      const own = floats(x!, "the input");
      const sequence = isBatchFirst ? own.swapAxes(0, 1) : own;
      const [time, batch] = sequence.shape as [number, number];
      const hidden = r!.shape[2] ?? 0;
      if (own.rank !== 3 || r!.rank !== 3 || r!.shape[0] !== directions.length)
        node.refuse(
          `X [${own.shape.join(", ")}] and R [${r!.shape.join(", ")}] must have three axes, and R one direction for each`,
        );
      if (stated !== 0 && stated !== hidden) node.refuse(`hidden_size is ${stated}, and R has ${hidden}`);
      const within = lengths === undefined ? null : withinLengths(lengths.tensor, time);
      const results = directions.map((reverse, direction) => {
        const weights = weightsOf(inputs, direction, peepholes, keepsBias);
        const step = cell.step(node, weights, functions[direction]!, hidden);
        const first = Array.from({ length: cell.states }, (_, i): Tensor => {
          const state = states[i];
          if (state === undefined) return zeros([batch, hidden], { dtype: own.dtype });
          return (isBatchFirst ? state.tensor.swapAxes(0, 1) : state.tensor).slice(direction) as Tensor;
        });
        return along(step, sequence, weights, first, within, reverse);
      });
      const all = stack(
        results.map((each) => each.all),
        { axis: 1 },
      ) as Tensor;
      const last = Array.from(
        { length: cell.states },
        (_, i) =>
          stack(
            results.map((each) => each.last[i]!),
            { axis: 0 },
          ) as Tensor,
      );
      return [
        x!.with(isBatchFirst ? all.permute([2, 0, 1, 3]) : all),
        ...last.map((each) => x!.with(isBatchFirst ? each.swapAxes(0, 1) : each)),
      ];
    };
  },
});

export const recurrent: Operators = {
  GRU: recurrence(gru, 6),
  LSTM: recurrence(lstm, 8),
  RNN: recurrence(rnn, 6),
};
