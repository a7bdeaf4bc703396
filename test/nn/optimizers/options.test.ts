// Options out of range: each is an error that says the range and an example.

import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const finite = "must be a finite number, 0 or more, e.g. ";
const positive = "must be a finite number above 0, e.g. ";
const fraction = "must be from 0 to below 1, e.g. ";
const learningRate = 0.1;

describe("RangeErrors of options", () => {
  test.each<[string, () => unknown]>([
    [`sgd: momentum 1 ${fraction}0.9`, () => nn.sgd({ learningRate, momentum: 1 })],
    [`sgd: momentum -0.1 ${fraction}0.9`, () => nn.sgd({ learningRate, momentum: -0.1 })],
    [`sgd: momentum NaN ${fraction}0.9`, () => nn.sgd({ learningRate, momentum: NaN })],
    [`sgd: weightDecay Infinity ${finite}1e-4`, () => nn.sgd({ learningRate, weightDecay: Infinity })],
    [`adagrad: learningRate -1 ${finite}{ learningRate: 0.01 }`, () => nn.adagrad({ learningRate: -1 })],
    [`adagrad: initialSum -1 ${finite}0.1`, () => nn.adagrad({ initialSum: -1 })],
    [`adagrad: epsilon NaN ${finite}1e-10`, () => nn.adagrad({ epsilon: NaN })],
    [`adadelta: decay 1 ${fraction}0.9`, () => nn.adadelta({ decay: 1 })],
    [`adadelta: epsilon 0 ${positive}1e-6`, () => nn.adadelta({ epsilon: 0 })],
    [`rmsProp: decay 1.5 ${fraction}0.99`, () => nn.rmsProp({ decay: 1.5 })],
    [`rmsProp: momentum 1 ${fraction}0.9`, () => nn.rmsProp({ momentum: 1 })],
    [`rmsProp: epsilon -1 ${finite}1e-8`, () => nn.rmsProp({ epsilon: -1 })],
    [
      "adam: betas [0.9,1] must be two numbers from 0 to below 1, e.g. [0.9, 0.999]",
      () => nn.adam({ betas: [0.9, 1] }),
    ],
    [`adam: epsilon -1 ${finite}1e-8`, () => nn.adam({ epsilon: -1 })],
    ["adamw: betas [-0.1,0.9] must be", () => nn.adamw({ betas: [-0.1, 0.9] })],
    [`weightDecay: alpha -1 ${finite}weightDecay(1e-4)`, () => nn.adamw({ weightDecay: -1 })],
    ["nadam: betas [1,0] must be", () => nn.nadam({ betas: [1, 0] })],
    [`nadam: momentumDecay -1 ${finite}4e-3`, () => nn.nadam({ momentumDecay: -1 })],
    [`nadam: epsilon Infinity ${finite}1e-8`, () => nn.nadam({ epsilon: Infinity })],
    ["lion: betas [0.9] must be", () => nn.lion({ betas: [0.9] as never })],
    ["lamb: betas [2,0.9] must be", () => nn.lamb({ betas: [2, 0.9] })],
    [`lamb: weightDecay -1 ${finite}0.01`, () => nn.lamb({ weightDecay: -1 })],
    [`lbfgs: learningRate 0 ${positive}1`, () => nn.lbfgs({ learningRate: 0 })],
    ["lbfgs: iterations 0 must be a whole number, 1 or more, e.g. 20", () => nn.lbfgs({ iterations: 0 })],
    ["lbfgs: history 1.5 must be a whole number, 1 or more, e.g. 10", () => nn.lbfgs({ history: 1.5 })],
    ["lbfgs: evaluations 1 must be a whole number, 2 or more, e.g. 25", () => nn.lbfgs({ evaluations: 1 })],
    [`lbfgs: gradientTolerance -1 ${finite}1e-7`, () => nn.lbfgs({ gradientTolerance: -1 })],
    [`lbfgs: changeTolerance NaN ${finite}1e-9`, () => nn.lbfgs({ changeTolerance: NaN })],
    [`clipByValue: the limit 0 ${positive}clipByValue(0.5)`, () => nn.clipByValue(0)],
    [`clipByGlobalNorm: the limit -1 ${positive}clipByGlobalNorm(1)`, () => nn.clipByGlobalNorm(-1)],
    [`scaleBy: the factor -1 ${finite}scaleBy(0.1)`, () => nn.scaleBy(-1)],
    [`averageOfWeights: decay 1 ${fraction}0.999`, () => nn.averageOfWeights([], { decay: 1 })],
    [`stepDecay: the rate -1 ${finite}stepDecay(0.1, { … })`, () => nn.stepDecay(-1, { every: 2 })],
    ["stepDecay: every 0 must be a whole number, 1 or more, e.g. 1000", () => nn.stepDecay(1, { every: 0 })],
    [`stepDecay: factor 0 ${positive}0.1`, () => nn.stepDecay(1, { every: 1, factor: 0 })],
    [`exponentialDecay: factor -1 ${positive}0.999`, () => nn.exponentialDecay(1, { factor: -1 })],
    ["exponentialDecay: every 0.5 must be", () => nn.exponentialDecay(1, { factor: 0.5, every: 0.5 })],
    ["cosineDecay: steps 0 must be a whole number", () => nn.cosineDecay(1, { steps: 0 })],
    [`cosineDecay: last -1 ${finite}1e-5`, () => nn.cosineDecay(1, { steps: 5, last: -1 })],
    ["warmUp: steps NaN must be a whole number", () => nn.warmUp(1, { steps: NaN })],
    [`warmUp: first -1 ${finite}0.001`, () => nn.warmUp(1, { steps: 1, first: -1 })],
    ["oneCycle: steps 1 must be a whole number, 2 or more", () => nn.oneCycle(1, { steps: 1 })],
    [`oneCycle: divide 0 ${positive}25`, () => nn.oneCycle(1, { steps: 10, divide: 0 })],
    [`oneCycle: divideLast -1 ${positive}1e4`, () => nn.oneCycle(1, { steps: 10, divideLast: -1 })],
    [
      "oneCycle: rising 1 of 10 steps must be below 1 and be more than one step",
      () => nn.oneCycle(1, { steps: 10, rising: 1 }),
    ],
    ["oneCycle: rising 0.1 of 10 steps must", () => nn.oneCycle(1, { steps: 10, rising: 0.1 })],
    ["joined: the schedules begin at [1] and must begin at 0", () => nn.joined([{ from: 1, rate: 1 }])],
    [
      "joined: the schedules begin at [0, 5, 5] and",
      () => nn.joined([0, 5, 5].map((from) => ({ from, rate: 1 }))),
    ],
    ["joined: the schedules begin at [] and", () => nn.joined([])],
    [`joined: the rate -1 ${finite}`, () => nn.joined([{ from: 0, rate: -1 }])],
    [`reduceOnPlateau: the rate NaN ${finite}reduceOnPlateau(0.1)`, () => nn.reduceOnPlateau(NaN)],
    [`reduceOnPlateau: factor 1 ${fraction}0.1`, () => nn.reduceOnPlateau(1, { factor: 1 })],
    [
      "reduceOnPlateau: patience -1 must be a whole number, 0 or more",
      () => nn.reduceOnPlateau(1, { patience: -1 }),
    ],
    [`reduceOnPlateau: threshold 1 ${fraction}0.0001`, () => nn.reduceOnPlateau(1, { threshold: 1 })],
    ["reduceOnPlateau: cooldown 0.5 must be a whole number", () => nn.reduceOnPlateau(1, { cooldown: 0.5 })],
    [`reduceOnPlateau: least -1 ${finite}1e-6`, () => nn.reduceOnPlateau(1, { least: -1 })],
  ])("%s", (says, make) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(says);
  });
});

test("options that nobody knows are errors, in every optimizer and schedule that takes options", () => {
  const odd = { lr: 1 } as never;
  const makers = [
    nn.sgd,
    nn.adagrad,
    nn.adadelta,
    nn.rmsProp,
    nn.adam,
    nn.adamw,
    nn.nadam,
    nn.lion,
    nn.lamb,
    nn.lbfgs,
  ];
  for (const make of makers) expect(() => make(odd)).toThrow(`${make.name}: there is no option "lr"`);
  const schedules = [
    nn.stepDecay,
    nn.exponentialDecay,
    nn.cosineDecay,
    nn.warmUp,
    nn.oneCycle,
    nn.reduceOnPlateau,
  ];
  for (const make of schedules) expect(() => make(1, odd)).toThrow(`${make.name}: there is no option "lr"`);
});
