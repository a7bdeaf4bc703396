// What random programs are made of beside operations: functions called through checkpoints, loops, branches, batches and
// rules of their own. Each is called on one operand.

import { checkpoint } from "../differentiate/checkpoint.ts";
import { cond } from "../differentiate/cond.ts";
import { customJvp, customVjp } from "../differentiate/own-rule.ts";
import { scan } from "../differentiate/scan.ts";
import { jvp, vjp } from "../differentiate/transforms.ts";
import { vmap } from "../differentiate/vmap.ts";
import { record } from "../program/record.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import type { Operation } from "./drawn-program.ts";

/** The tensor that something is. */
function onlyTensor(value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  throw new TypeError("a structure gave something other than a tensor");
}

/** A function of one tensor, with its text. */
interface Called {
  readonly run: (t: Tensor) => Tensor;
  readonly code: string;
  readonly uses: readonly string[];
}

const wave: Called = {
  run: (t) => asTensor(t.sin().mul(t)),
  code: "(t) => t.sin().mul(t)",
  uses: [],
};

const bend: Called = {
  run: (t) => t.mul(0.5).tanh(),
  code: "(t) => t.mul(0.5).tanh()",
  uses: [],
};

/** One carry along the first axis, which each result depends on; with the last place first where `reverse`. */
function loop(reverse: boolean): Called {
  const text = reverse ? ", { reverse: true }" : "";
  return {
    run(t) {
      const begin = asTensor(t.slice(0).mul(0.5));
      const step = (c: Tensor, x: Tensor) => [c.mul(0.5).add(x).tanh(), c.mul(x)] as const;
      const [end, products] = scan(step, begin, t, { reverse });
      return asTensor(products.add(end));
    },
    code: `(t) => { const [end, products] = scan((c, x) => [c.mul(0.5).add(x).tanh(), c.mul(x)], t.slice(0).mul(0.5), t${text}); return products.add(end); }`,
    uses: ["scan"],
  };
}

/** A branch; what decides is the same for all numbers, so that there is no jump. */
function branch(takes: boolean): Called {
  const decides = takes ? "less(1e9).all()" : "greater(1e9).any()";
  return {
    run: (t) => cond(asTensor(takes ? t.less(1e9).all() : t.greater(1e9).any()), wave.run, bend.run, t),
    code: `(t) => cond(t.${decides}, ${wave.code}, ${bend.code}, t)`,
    uses: ["cond"],
  };
}

/** How a function is called. */
interface Way {
  readonly name: string;
  readonly call: (f: Called["run"], t: Tensor) => Tensor;
  readonly code: (f: string, t: string) => string;
  readonly uses: readonly string[];
}

const plainly: Way = { name: "called", call: (f, t) => f(t), code: (f, t) => `(${f})(${t})`, uses: [] };

/** As a step of a program that runs: so that steps' own rules count where eager code has none of them. */
const recorded: Way = {
  name: "recorded",
  call: (f, t) => onlyTensor(record(f, t).run(t)),
  code: (f, t) => `record(${f}, ${t}).run(${t})`,
  uses: ["record"],
};

const ways: readonly Way[] = [
  {
    name: "checkpoint",
    call: (f, t) => checkpoint(f)(t),
    code: (f, t) => `checkpoint(${f})(${t})`,
    uses: ["checkpoint"],
  },
  {
    name: "customVjp",
    call: (f, t) => asTensor(customVjp(f, (x: Tensor) => vjp(f, x))(t)),
    code: (f, t) => `customVjp(${f}, (x) => vjp(${f}, x))(${t})`,
    uses: ["customVjp", "vjp"],
  },
  {
    name: "customJvp",
    call: (f, t) => customJvp(f, ([x]: readonly [Tensor], [dx]) => jvp(f, x, onlyTensor(dx)))(t),
    code: (f, t) => `customJvp(${f}, ([x], [dx]) => jvp(${f}, x, dx))(${t})`,
    uses: ["customJvp", "jvp"],
  },
];

const batched: Way = {
  name: "vmap",
  call: (f, t) => onlyTensor(vmap(f)(t)),
  code: (f, t) => `vmap(${f})(${t})`,
  uses: ["vmap"],
};

/** A function called in some way, on tensors of at least so many axes, none of them empty. */
const called = (name: string, { run, code, uses }: Called, way: Way, rank: number): Operation => ({
  name: way === plainly ? name : `${way.name} ${name}`.trim(),
  operands: ["float"],
  ask: ({ shape }) => (shape.length >= rank && !shape.includes(0) ? { others: [], args: [] } : null),
  call: ([first]) => way.call(run, first!),
  code: ([first]) => way.code(code, first!),
  uses: [...uses, ...way.uses],
});

const loops = [false, true].map((reverse) => ["scan", loop(reverse)] as const);
const branches = [false, true].map((takes) => ["cond", branch(takes)] as const);

export const structures: readonly Operation[] = [
  ...ways.map((way) => called("", wave, way, 0)),
  called("", wave, batched, 1),
  ...loops.flatMap(([name, f]) => [
    called(name, f, plainly, 1),
    called(name, f, recorded, 1),
    called(name, f, batched, 2),
    called(name, f, ways[0]!, 1),
  ]),
  ...branches.flatMap(([name, f]) => [
    called(name, f, plainly, 0),
    called(name, f, recorded, 0),
    called(name, f, batched, 1),
  ]),
];
