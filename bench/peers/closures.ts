// A closure for every node, in plain JavaScript.

import { Value } from "../closures.ts";
import { type Peer, type Ready, training } from "../protocol.ts";
import { type Algebra, scalarLoss, scalarNet } from "../scalar-net.ts";
import { POINTS, RATE, WORKLOADS } from "../workloads.ts";

const algebra: Algebra<Value> = {
  leaf: (value) => new Value(value),
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  affine: (a, factor, summand) => (summand === 0 ? a.mul(factor) : a.mul(factor).add(summand)),
  relu: (a) => a.relu(),
};

function scalars(): Ready {
  const net = scalarNet(algebra);
  const stepOn = (points: number) => {
    const lossOf = scalarLoss(algebra, points);
    return () => {
      for (const parameter of net.parameters) parameter.grad = 0;
      const loss = lossOf(net.parameters);
      loss.backward();
      for (const parameter of net.parameters) parameter.data -= RATE.S1 * parameter.grad;
      return loss.data;
    };
  };
  const values = () => net.groups(net.parameters.map(({ data }) => data));
  // Two points are what the peers that are slow at single numbers can do.
  return { ...training(stepOn(2), values, RATE.S1), step: stepOn(POINTS) };
}

export function start(): Promise<Peer> {
  const cannot = Object.fromEntries(WORKLOADS.map(({ name }) => [name, "knows single numbers only"]));
  return Promise.resolve({ versions: {}, workloads: { S1: scalars }, cannot });
}
