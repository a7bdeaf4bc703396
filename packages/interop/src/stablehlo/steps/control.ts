// Steps that hold programs: regions, branches and loops.

import type { StepTable } from "@adjoint/autograd";
import type { Context, Results } from "../context.ts";
import type { Operand } from "../operand.ts";
import { elementTypeOf } from "../types.ts";
import { alongPlaces } from "./places.ts";

type Entries = Pick<StepTable<Results>, "cond" | "region" | "scan" | "whileLoop">;

export function control(context: Context): Entries {
  const { emit, of, isRead, inside } = context;
  const described = ({ shape, dtype }: Parameters<typeof of>[0]) => ({ shape, type: elementTypeOf(dtype) });
  const made = (results: Results) => results.filter((each) => each !== null);

  return {
    region: ({ attributes: { program }, inputs, outputs }) =>
      inside(program, inputs.map(of), (i) => isRead(outputs[i]!)),

    cond({ attributes: { onTrue, onFalse }, inputs: [condition, ...inputs], outputs }) {
      const read = outputs.filter(isRead);
      const operands = inputs.map(of);
      const branch = (program: typeof onTrue) => () =>
        made(inside(program, operands, (i) => isRead(outputs[i]!)));
      const results = emit.choose(of(condition!), branch(onTrue), branch(onFalse), read.map(described));
      return outputs.map((output) => (isRead(output) ? results[read.indexOf(output)]! : null));
    },

    whileLoop({ attributes: { condition, body, carries }, inputs }) {
      const operands = inputs.map(of);
      const shared = operands.slice(carries);
      return emit.loop(
        operands.slice(0, carries),
        (state) => inside(condition, [...state, ...shared], (i) => i === 0)[0]!,
        (state) => made(inside(body, [...state, ...shared], () => true)),
      );
    },

    scan({ attributes: { body, carries, scanned, length, reverse }, inputs, outputs }) {
      const operands = inputs.map(of);
      const start = operands.slice(0, carries);
      const slices = operands.slice(carries, carries + scanned);
      const shared = operands.slice(carries + scanned);
      const wanted = outputs.slice(carries).filter(isRead);
      const along = { length, axis: 0, reverse };
      const parts = wanted.map((output) => ({ ...described(output), shape: output.shape.with(0, 1) }));
      const whole = (x: Operand) => emit.reshape(x, [1, ...x.shape]);
      const part = (x: Operand) => emit.reshape(x, x.shape.slice(1));
      const { carried, results } = alongPlaces(context, along, start, slices, parts, (state, given) => {
        const own = made(
          inside(body, [...state, ...given.map(part), ...shared], (i) => i < carries || isRead(outputs[i]!)),
        );
        return { carried: own.slice(0, carries), parts: own.slice(carries).map(whole) };
      });
      return outputs.map((output, i) => {
        if (i < carries) return carried[i]!;
        return isRead(output) ? results[wanted.indexOf(output)]! : null;
      });
    },
  };
}
