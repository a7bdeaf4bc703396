// The lecture's equations, stage by stage, and the same with their numbers put in.

import { GROUNDED_RATE, GROUNDED_TARGET } from "./example.ts";
import {
  bold,
  bracketed,
  column,
  lines,
  math,
  matrix,
  matrixOf,
  name,
  numeral,
  ofLayer,
  operator,
  row,
  withoutBias,
} from "./mathml.ts";
import type { Matrix, Pass } from "./pass.ts";
import type { Step } from "./stages.ts";

export interface Equation {
  readonly equation: string;
  readonly numbers: string;
}

const [W, x, δ, nabla] = [bold("W"), bold("x"), bold("δ"), "<mi>∇</mi>"];
const [φ, ψ, J, y, ρ, log] = [name("φ"), name("ψ"), name("J"), name("y"), name("ρ"), name("log")];
const ŷ = `<mover>${y}<mo>^</mo></mover>`;
const [equals, minus, times, gets, of] = [
  operator("="),
  operator("−"),
  operator("∘"),
  operator("←"),
  operator("\u2061"),
];
const one = "<mn>1</mn>";

const transposed = (rows: Matrix): Matrix => rows[0]!.map((_, j) => rows.map((each) => each[j]!));

/** The equation of a step of a pass, and its numbers. */
export function equationOf(step: Step, pass: Pass, exact: boolean): Equation {
  const layer = step.layer ?? 0;
  switch (step.kind) {
    case "start":
      return {
        equation: math(ofLayer(x, 0), equals, matrix([[one], [x]])),
        numbers: math(ofLayer(x, 0), equals, column(pass.x[0]!, exact), operator(","), targetNumbers(exact)),
      };
    case "feedforward":
      return feedforward(pass, layer, exact);
    case "loss":
      return loss(pass, exact);
    case "backpropagation":
      return layer === 2 ? outputDelta(pass, exact) : hiddenDelta(pass, layer, exact);
    case "gradient":
      return gradient(pass, layer, exact);
    case "update":
      return update(pass, exact);
  }
}

const targetNumbers = (exact: boolean) => row(y, equals, numeral(GROUNDED_TARGET[0]!, exact));

function feedforward(pass: Pass, layer: number, exact: boolean): Equation {
  const from = layer - 1;
  const isOutput = layer === 2;
  // The output layer has no bias neuron to be left out.
  const left = isOutput ? ofLayer(x, layer) : withoutBias(x, layer);
  const result = isOutput ? pass.x[layer]! : pass.x[layer]!.slice(1);
  return {
    equation: math(
      ...(isOutput ? [ŷ, equals] : []),
      left,
      equals,
      φ,
      of,
      bracketed(ofLayer(W, from, true), ofLayer(x, from)),
    ),
    numbers: math(
      left,
      equals,
      φ,
      of,
      bracketed(matrixOf(transposed(pass.weights[from]!), exact), column(pass.x[from]!, exact)),
      equals,
      φ,
      of,
      column(pass.sums[from]!, exact),
      equals,
      column(result, exact),
    ),
  };
}

function loss(pass: Pass, exact: boolean): Equation {
  const part = (factor: string, inner: string) => row(factor, log, of, inner);
  const prediction = numeral(pass.x[2]![0]!, exact);
  const target = numeral(GROUNDED_TARGET[0]!, exact);
  return {
    equation: math(
      J,
      equals,
      minus,
      part(y, ŷ),
      minus,
      part(bracketed(one, minus, y), bracketed(one, minus, ŷ)),
    ),
    numbers: math(
      J,
      equals,
      minus,
      part(row(target, operator("·")), prediction),
      minus,
      part(row(bracketed(one, minus, target), operator("·")), bracketed(one, minus, prediction)),
      equals,
      numeral(pass.loss, exact),
    ),
  };
}

function outputDelta(pass: Pass, exact: boolean): Equation {
  const derivative = `<mfrac>${row(operator("∂"), J)}${row(operator("∂"), ŷ)}</mfrac>`;
  return {
    equation: math(ofLayer(δ, 2), equals, ψ, of, bracketed(ŷ), times, derivative, equals, ŷ, minus, y),
    numbers: math(
      ofLayer(δ, 2),
      equals,
      numeral(pass.x[2]![0]!, exact),
      minus,
      numeral(GROUNDED_TARGET[0]!, exact),
      equals,
      numeral(pass.delta[2]![0]!, exact),
    ),
  };
}

function hiddenDelta(pass: Pass, layer: number, exact: boolean): Equation {
  const next = layer + 1;
  const carried = bracketed(ofLayer(W, layer), ofLayer(δ, next));
  const slopes = pass.x[layer]!.map((value) => {
    const number = numeral(value, exact);
    return [row(number, bracketed(one, minus, number))];
  });
  return {
    equation: math(
      ofLayer(δ, layer),
      equals,
      ψ,
      of,
      bracketed(ofLayer(x, layer)),
      times,
      carried,
      equals,
      ofLayer(x, layer),
      times,
      bracketed(one, minus, ofLayer(x, layer)),
      times,
      carried,
    ),
    numbers: math(
      ofLayer(δ, layer),
      equals,
      matrix(slopes),
      times,
      bracketed(matrixOf(pass.weights[layer]!, exact), column(pass.delta[next]!, exact)),
      equals,
      column(pass.delta[layer]!, exact),
    ),
  };
}

function gradient(pass: Pass, layer: number, exact: boolean): Equation {
  const next = layer + 1;
  // δ of the output has no entry for a bias neuron.
  const isLast = next === 2;
  const back = isLast ? ofLayer(δ, next, true) : withoutBias(δ, next, true);
  const derivative = `<mfrac>${row(operator("∂"), J)}${row(operator("∂"), ofLayer(W, layer))}</mfrac>`;
  const deltas = isLast ? pass.delta[next]! : pass.delta[next]!.slice(1);
  return {
    equation: math(ofLayer(nabla, layer), equals, derivative, equals, ofLayer(x, layer), back),
    numbers: math(
      ofLayer(nabla, layer),
      equals,
      column(pass.x[layer]!, exact),
      matrixOf([deltas], exact),
      equals,
      matrixOf(pass.gradients[layer]!, exact),
    ),
  };
}

function update(pass: Pass, exact: boolean): Equation {
  const step = (l: number) => row(ofLayer(W, l), gets, ofLayer(W, l), minus, ρ, ofLayer(nabla, l));
  const rate = GROUNDED_RATE === 1 ? "" : row(numeral(GROUNDED_RATE, exact), operator("·"));
  const numbers = (l: number) =>
    row(
      ofLayer(W, l),
      gets,
      matrixOf(pass.weights[l]!, exact),
      minus,
      rate,
      matrixOf(pass.gradients[l]!, exact),
      equals,
      matrixOf(pass.updated[l]!, exact),
    );
  return {
    equation: math(lines(step(1), step(0)), operator(","), ρ, equals, numeral(GROUNDED_RATE, exact)),
    numbers: math(lines(numbers(1), numbers(0))),
  };
}
