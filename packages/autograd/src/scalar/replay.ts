// Computes the values of steps again from their operands' values, after leaves have changed. One loop with a case for
// each operation, generated, or interpreted where generating code is not allowed. No operation is named here.

import { canGenerateCode, generate, makeFunction } from "../expression/to-function.ts";
import { functions, Kind } from "./rules.ts";
import type { Segment } from "./segment.ts";

/** Computes the values of nodes from … to − 1 again. All of these nodes must be steps. */
export const replay: Pass = (segment, from, to) => {
  pass ??= canGenerateCode() ? generatedPass() : interpretedPass;
  pass(segment, from, to);
};

type Pass = (segment: Segment, from: number, to: number) => void;

let pass: Pass | undefined;

function generatedPass(): Pass {
  const scope = new Map<string, unknown>([["call", replayCall]]);
  const cases = functions
    .map((fn, code) => {
      if (code < Kind.first) return "";
      const names = ["value[a[i]]", "value[b[i]]"].slice(0, fn.arity);
      const { statements, results, functions } = generate([fn.expression], names);
      for (const [name, value] of functions) scope.set(name, value);
      return `case ${code}: { ${statements} value[i] = ${results[0]}; break; }`;
    })
    .join("\n");
  const body = `
    const { code, a, b, value } = segment;
    for (let i = from; i < to; i++) {
      switch (code[i]) {
        case ${Kind.call}: call(segment, i); break;
        ${cases}
      }
    }`;
  return makeFunction<Pass>(["segment", "from", "to"], body, scope);
}

const interpretedPass: Pass = (segment, from, to) => {
  for (let i = from; i < to; i++) replayCall(segment, i);
};

function replayCall(segment: Segment, index: number): void {
  const { fn, operands } = segment.read(index, functions)!;
  segment.value[index] = fn.value(...operands.map((operand) => segment.value[operand]!));
}
