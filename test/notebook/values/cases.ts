// Values of every kind, odd ones among them, and what must be read of each in a terminal.

import {
  activation,
  compile,
  grad,
  linspace,
  normal,
  ones,
  record,
  scalar,
  type Tensor,
  tapeOf,
  tensor,
  variable,
  zeros,
} from "@adjoint/autograd";
import { checkActivation } from "@adjoint/autograd/check";
import {
  backpropagation,
  dense,
  gelu,
  keys,
  logistic,
  meanSquaredError,
  mlp,
  relu,
  sequential,
  summary,
  tanh,
} from "@adjoint/nn";
import {
  chart,
  curves,
  graph,
  group,
  heatMap,
  histogram,
  image,
  markdown,
  svg,
  table,
} from "@adjoint/notebook";
import { dot, lineY } from "@observablehq/plot";

export interface Case {
  readonly name: string;
  /** Made when the test runs: some are large. */
  readonly make: () => unknown;
  /** The kind of view. */
  readonly kind: string;
  /** What its text says. */
  readonly says: RegExp;
}

const key = keys(0);
const circular: { name: string; self?: unknown } = { name: "circle" };
circular.self = circular;
const history = { loss: [1, 0.5, 0.25], "validation.loss": [1.1, 0.7, 0.6] };

/** A chain of additions on one variable. */
function longTape(steps: number): unknown {
  let x: Tensor = variable([1, 2], { name: "w" });
  for (let i = 0; i < steps; i++) x = x.add(0.001);
  return tapeOf(x.sum());
}

export const cases: readonly Case[] = [
  { name: "a number", make: () => 1.23456789, kind: "text", says: /^1\.23457$/ },
  { name: "NaN", make: () => Number.NaN, kind: "text", says: /^NaN$/ },
  { name: "−∞", make: () => -Infinity, kind: "text", says: /^-∞$/ },
  { name: "a large integer", make: () => 2n ** 80n, kind: "text", says: /^1208925819614629174706176n$/ },
  { name: "a string", make: () => "hello\nworld", kind: "text", says: /^hello\nworld$/ },
  { name: "an empty string", make: () => "", kind: "text", says: /an empty string/ },
  { name: "a boolean", make: () => true, kind: "text", says: /^true$/ },
  { name: "null", make: () => null, kind: "text", says: /^null$/ },
  { name: "undefined", make: () => undefined, kind: "text", says: /^undefined$/ },
  { name: "a symbol", make: () => Symbol("s"), kind: "text", says: /^Symbol\(s\)$/ },
  {
    name: "a function",
    make: () =>
      function double(x: number) {
        return 2 * x;
      },
    kind: "text",
    says: /^function double\n/,
  },
  { name: "a class", make: () => class Walk {}, kind: "text", says: /^class Walk$/ },
  { name: "a date", make: () => new Date(0), kind: "text", says: /^1970-01-01T00:00:00\.000Z$/ },
  { name: "an invalid date", make: () => new Date(Number.NaN), kind: "text", says: /invalid/ },
  {
    name: "a map",
    make: () => new Map([["rate", 0.1]]),
    kind: "table",
    says: /Map of 1 entry\nkey +value\n.*\nrate +0\.1/,
  },
  { name: "a set", make: () => new Set([1, 2]), kind: "table", says: /Set of 2 values/ },
  {
    name: "an error with a cause",
    make: () => new Error("outer", { cause: new TypeError("inner") }),
    kind: "text",
    says: /^Error: outer[\s\S]*caused by TypeError: inner/,
  },
  {
    name: "an error that causes itself",
    make: () => {
      const error = new Error("round");
      error.cause = error;
      return error;
    },
    kind: "text",
    says: /the same as above/,
  },
  { name: "an array of numbers", make: () => [1, 2, 3], kind: "text", says: /\[3\]\n +1 +2 +3/ },
  { name: "an empty array", make: () => [], kind: "text", says: /^\[\]$/ },
  { name: "a typed array", make: () => new Uint8Array([1, 2]), kind: "text", says: /Uint8Array \[2\]/ },
  {
    name: "an array of objects",
    make: () => [
      { a: 1, b: "x" },
      { a: 2.5, b: "y" },
    ],
    kind: "table",
    says: / {2}a {2}b\n/,
  },
  { name: "an array of mixed values", make: () => [1, "two", { three: 3 }], kind: "text", says: /'two'/ },
  { name: "a flat object", make: () => ({ rate: 0.1, name: "adam" }), kind: "table", says: /rate +0\.1/ },
  {
    name: "nested objects",
    make: () => ({ a: { b: { c: [1, 2] } } }),
    kind: "text",
    says: /a: \{ b: \{ c: \[ 1, 2 \]/,
  },
  { name: "a circular object", make: () => circular, kind: "text", says: /\[Circular \*1\]/ },
  {
    name: "an object whose getter throws",
    make: () => ({
      ok: 1,
      get bad(): number {
        throw new Error("no entry");
      },
    }),
    kind: "table",
    says: /reading it throws: no entry/,
  },
  {
    name: "an array of objects whose getters throw",
    make: () => [
      {
        get bad(): number {
          throw new Error("no entry");
        },
      },
    ],
    kind: "table",
    says: /reading it throws: no entry/,
  },
  {
    name: "a Proxy that allows nothing",
    make: () =>
      new Proxy(
        {},
        {
          get() {
            throw new Error("no");
          },
          getPrototypeOf() {
            throw new Error("no");
          },
          ownKeys() {
            throw new Error("no");
          },
          has() {
            throw new Error("no");
          },
        },
      ),
    kind: "text",
    says: /traps were not called/,
  },
  { name: "a Promise", make: () => Promise.resolve(1), kind: "text", says: /await it/ },
  {
    name: "an object without a prototype",
    make: () => Object.assign(Object.create(null), { a: 1 }),
    kind: "table",
    says: /a +1/,
  },
  { name: "a regular expression", make: () => /x+/g, kind: "text", says: /^\/x\+\/g$/ },
  { name: "a buffer", make: () => new ArrayBuffer(4), kind: "text", says: /byteLength: 4/ },
  {
    name: "an object that throws when it is printed",
    make: () => ({
      [Symbol.for("nodejs.util.inspect.custom")]() {
        throw new Error("unprintable");
      },
      deep: { er: 1 },
    }),
    kind: "text",
    says: /can't be shown: Error: unprintable/,
  },
  {
    name: "an object that throws what is no error",
    make: () => ({
      [Symbol.for("nodejs.util.inspect.custom")]() {
        throw null;
      },
      deep: { er: 1 },
    }),
    kind: "text",
    says: /can't be shown: null was thrown/,
  },
  { name: "a Scalar", make: () => scalar(2), kind: "text", says: /^2 {2}\(Scalar, derivative 0\)$/ },
  { name: "a tensor of one number", make: () => tensor(0.5), kind: "text", says: /^0\.5 {2}\(float32\)$/ },
  { name: "a short vector", make: () => tensor([1, -2.5]), kind: "text", says: /float32 \[2\]\n +1 +-2\.5/ },
  {
    name: "a long vector",
    make: () => linspace(0, 6, 200).sin(),
    kind: "chart",
    says: /value\n[\s\S]*index/,
  },
  {
    name: "a small matrix",
    make: () =>
      tensor([
        [1, -2],
        [3, 4.5],
      ]),
    kind: "grid",
    says: / {2}1 +-2\n {2}3 +4\.5/,
  },
  {
    name: "a matrix with NaN and infinities",
    make: () =>
      tensor([
        [1, Number.NaN],
        [Infinity, -Infinity],
      ]),
    kind: "grid",
    says: /NaN\n +∞ +-∞/,
  },
  { name: "a large matrix", make: () => normal(key(), [40, 30]), kind: "grid", says: /float32 \[40, 30\]/ },
  {
    name: "a batch of images",
    make: () => ones([3, 8, 8]),
    kind: "group",
    says: /0 +1 +2\n████████ {2}████████/,
  },
  {
    name: "a batch with channels",
    make: () => ones([2, 1, 8, 8]),
    kind: "group",
    says: /████████ {2}████████/,
  },
  { name: "a colour image", make: () => ones([6, 8, 3]).mul(0.9), kind: "grid", says: /████████/ },
  {
    name: "a bool tensor",
    make: () => tensor([true, false]),
    kind: "text",
    says: /bool \[2\]\n +true +false/,
  },
  {
    name: "an int32 tensor",
    make: () => tensor([7, 8], { dtype: "int32" }),
    kind: "text",
    says: /int32 \[2\]\n +7 +8/,
  },
  { name: "an empty tensor", make: () => zeros([0, 3]), kind: "text", says: /float32 \[0, 3\]: no elements/ },
  {
    name: "a tensor of nothing but NaN",
    make: () => zeros([40]).div(0),
    kind: "group",
    says: /NaN[\s\S]*40/,
  },
  {
    name: "a tensor of five axes",
    make: () => zeros([2, 2, 2, 2, 2]),
    kind: "text",
    says: /\[2, 2, 2, 2, 2\]/,
  },
  {
    name: "a million elements",
    make: () => linspace(-1, 1, 1_000_000).reshape([1000, 1000]),
    kind: "group",
    says: /elements +min +mean +max[\s\S]*1,000,000/,
  },
  {
    name: "a vector of a million",
    make: () => linspace(-1, 1, 1_000_000),
    kind: "group",
    says: /1,000,000[\s\S]*count/,
  },
  {
    name: "a variable",
    make: () => variable([1, 2], { name: "w" }),
    kind: "text",
    says: /"w" float32 \[2\]/,
  },
  {
    name: "a program",
    make: () => record((x: Tensor) => x.tanh().sum(), ones([3])),
    kind: "graph",
    says: /map tanh\(%0\)/,
  },
  {
    name: "a tape",
    make: () => tapeOf(variable([1, 2]).tanh().sum()),
    kind: "graph",
    says: /Tape of 3 steps/,
  },
  {
    name: "a tape of 10,000 steps",
    make: () => longTape(10_000),
    kind: "table",
    says: /Tape of 10,002 steps[\s\S]*map +10,?000[\s\S]*too many to be drawn/,
  },
  {
    name: "a compiled function",
    make: () => {
      const f = compile((x: Tensor) => x.tanh().sum());
      f(ones([3]));
      return f;
    },
    kind: "group",
    says: /kernels/,
  },
  {
    name: "a compiled function that was never called",
    make: () => compile((x: Tensor) => x.tanh()),
    kind: "text",
    says: /without a program yet/,
  },
  {
    name: "a compiled program",
    make: () => compile((x: Tensor) => x.tanh().sum()).program(ones([3])),
    kind: "text",
    says: /kernels/,
  },
  {
    name: "a derivative",
    make: () => grad((x: Tensor) => x.square().sum()),
    kind: "text",
    says: /^function/,
  },
  { name: "an activation", make: () => relu, kind: "group", says: /kink \(x = 0\)[\s\S]*φ′\(x\)/ },
  { name: "an activation without ψ", make: () => gelu, kind: "group", says: /there is none: x = / },
  {
    name: "an activation that overflows",
    make: () => activation("steep", (x) => x.mul(1000).exp()),
    kind: "group",
    says: /steep/,
  },
  {
    name: "a model",
    make: () => mlp([2, 3, 1], { activation: tanh, key: key() }),
    kind: "group",
    says: /dense\(2, 3, tanh\)[\s\S]*2 units and a bias neuron/,
  },
  {
    name: "a wide model",
    make: () => mlp([784, 100, 10], { activation: relu, key: key() }),
    kind: "group",
    says: /784 units/,
  },
  {
    name: "a model of 64 layers",
    make: () =>
      mlp(
        Array.from({ length: 65 }, () => 16),
        { activation: relu, key: key() },
      ),
    kind: "group",
    says: /26 more rows[\s\S]*64 layers are too many/,
  },
  {
    name: "a model that is no chain of dense layers",
    make: () => sequential(dense(2, 2, { key: key() }), (x: Tensor) => x.tanh()),
    kind: "table",
    says: /dense\(2, 2, linear\)/,
  },
  { name: "an empty model", make: () => sequential(), kind: "table", says: /total +0/ },
  {
    name: "an object of layers",
    make: () => ({ encoder: dense(2, 2, { key: key() }) }),
    kind: "table",
    says: /encoder/,
  },
  {
    name: "a summary",
    make: () => summary(mlp([2, 1], { key: key() }), { input: [4, 2] }),
    kind: "table",
    says: /\[4, 1\]/,
  },
  {
    name: "a backpropagation",
    make: () =>
      backpropagation(
        mlp([2, 2, 1], { activation: logistic, key: key() }),
        ones([1, 2]),
        ones([1, 1]),
        meanSquaredError,
      ),
    kind: "group",
    says: /δ\(2\)/,
  },
  { name: "a history", make: () => history, kind: "chart", says: /a training +b validation/ },
  { name: "a history of one epoch", make: () => ({ loss: [1] }), kind: "table", says: /loss +1/ },
  { name: "a history of no epochs", make: () => ({ loss: [] }), kind: "text", says: /no epochs/ },
  {
    name: "a history that diverged",
    make: () => ({ loss: [1, Infinity, Number.NaN] }),
    kind: "chart",
    says: /2 values not finite/,
  },
  {
    name: "a result of fit",
    make: () => ({ history, ending: "early stopping", training: {} }),
    kind: "group",
    says: /ended by: early stopping/,
  },
  { name: "a report", make: () => checkActivation(tanh), kind: "text", says: /tanh is right/ },
  {
    name: "a search's result",
    make: () => ({
      trials: [
        { settings: { rate: 0.1 }, budget: null, loss: 2, details: null },
        { settings: { rate: 0.01 }, budget: null, loss: null, details: null },
      ],
    }),
    kind: "table",
    says: /0\.1 +2\n[\s\S]*1 loss not finite/,
  },
  {
    name: "a specification of Observable Plot",
    make: () => ({ title: "Numbers", marks: [lineY([1, 2, 3]), dot([[1, 2]])] }),
    kind: "group",
    says: /Numbers/,
  },
  { name: "a mark of Observable Plot", make: () => lineY([1, 2, 3]), kind: "svg", says: /a plot of line/ },
  {
    name: "an object with marks that are none",
    make: () => ({ marks: [1, 2] }),
    kind: "text",
    says: /marks: \[ 1, 2 \]/,
  },
  {
    name: "an SVG text",
    make: () => `<svg xmlns="http://www.w3.org/2000/svg"></svg>`,
    kind: "svg",
    says: /a picture/,
  },
  { name: "an SVG element", make: () => ({ outerHTML: `<svg></svg>` }), kind: "svg", says: /a picture/ },
  { name: "another element", make: () => ({ outerHTML: `<p>text</p>` }), kind: "text", says: /<p>text<\/p>/ },
  {
    name: "what displays itself",
    make: () => ({
      [Symbol.for("Jupyter.display")]: () => ({ "text/markdown": "**bold**", "text/plain": "bold" }),
    }),
    kind: "markdown",
    says: /\*\*bold\*\*/,
  },
  {
    name: "what fails to display itself",
    make: () => ({
      inner: {},
      [Symbol.for("Jupyter.display")]() {
        throw new Error("no display");
      },
    }),
    kind: "text",
    says: /inner/,
  },
  {
    name: "Markdown",
    make: () => markdown`$\frac{1}{2}$ of **${2}**`,
    kind: "markdown",
    says: /\$\\frac\{1\}\{2\}\$ of \*\*2\*\*/,
  },
  {
    name: "a chart",
    make: () =>
      chart([{ mark: "bars", name: "accuracy", labels: ["sgd"], values: [90], spread: [1] }], {
        x: "optimizer",
        y: { label: "accuracy", unit: "%" },
      }),
    kind: "chart",
    says: /accuracy \(%\) by optimizer\nsgd +█+ +90 ± 1/,
  },
  {
    name: "a chart without layers",
    make: () => chart([], { x: "x", y: "y" }),
    kind: "chart",
    says: /without layers/,
  },
  {
    name: "curves",
    make: () => curves({ loss: [3, 2, 1] }, { x: "step", y: { label: "loss", scale: "log" } }),
    kind: "chart",
    says: /loss, logarithmic/,
  },
  {
    name: "curves of nothing",
    make: () => curves({ loss: [] }, { x: "step", y: "loss" }),
    kind: "chart",
    says: /step/,
  },
  {
    name: "a histogram",
    make: () => histogram([1, 2, 2, Number.NaN]),
    kind: "chart",
    says: /1 number that is not finite left out/,
  },
  { name: "a table", make: () => table([{ a: 1 }]), kind: "table", says: /a\n─\n1/ },
  { name: "a table of nothing", make: () => table([]), kind: "table", says: /without columns/ },
  {
    name: "a heat map",
    make: () => heatMap([[1, 2]], { rowNames: ["r"], columnNames: ["a", "b"] }),
    kind: "grid",
    says: / {2}a {2}b\nr {2}1 {2}2/,
  },
  {
    name: "a heat map over a plane",
    make: () =>
      heatMap(
        [
          [1, 2],
          [3, 4],
        ],
        { label: "loss", x: { label: "a", domain: [0, 1] }, y: { label: "b", domain: [0, 1] } },
      ),
    kind: "chart",
    says: /^b\n +1 ┤[\s\S]*loss: blank 1 … ██ 4$/,
  },
  {
    name: "an image",
    make: () =>
      image([
        [0, 1],
        [1, 0],
      ]),
    kind: "grid",
    says: /^▄▀$/,
  },
  { name: "a drawing of its own", make: () => svg("<svg></svg>", "a circle"), kind: "svg", says: /a circle/ },
  {
    name: "a graph",
    make: () =>
      graph(
        [
          { id: "x", lines: ["x"] },
          { id: "y", lines: ["y"] },
        ],
        [{ from: "x", to: "y", lines: ["[2]"] }],
      ),
    kind: "graph",
    says: /x → y: \[2\]/,
  },
  {
    name: "several values",
    make: () => group([1, tensor([1, 2])], { title: "Both" }),
    kind: "group",
    says: /^Both\n1\n\nfloat32/,
  },
  {
    name: "an array of views",
    make: () => [markdown`one`, markdown`two`],
    kind: "group",
    says: /one\n\ntwo/,
  },
];
