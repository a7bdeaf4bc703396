import { type Mutation, mutationsOf } from "./mutation.ts";

const tests = ["autograd/program/control.test.ts"];

export const control: readonly Mutation[] = [
  ...mutationsOf("autograd/src/program/scan.ts", tests, [
    ["reverse: !attributes.reverse", "reverse: attributes.reverse"],
    ["(flags.scanned[i] ? withAxisMoved(value, 1, 0) : value)", "value"],
    ["plus(at.carries[count + k]!, valueAt(share))", "valueAt(share)"],
    ["shape: i < carries ? shape : [length, ...shape],", "shape: [length, ...shape],"],
    ["length === 0\n      ? null", "length === 1\n      ? null"],
    ["results: moved.slice(carries),", "results: moved.slice(carries).reverse(),"],
    ["begun?.(beforeShared + shared[k]!) ?? null", "null"],
    ["begun?.(beforeShared + shared[k]!)", "begun?.(beforeShared + k)"],
  ]),
  ...mutationsOf("autograd/src/tape/reverse.ts", tests, [["reached.delete(step.inputs[k]!);", ""]]),
  ...mutationsOf("autograd/src/differentiate/scan.ts", tests, [
    ["Math.ceil(length / every) - 1", "Math.floor(length / every)"],
    ["reverse ? [rest, 0] : [0, inside]", "[0, inside]"],
    ["joined(reverse ? [end, flat] : [flat, end])", "joined([flat, end])"],
    ["const stretch = checkpoint(", "const stretch = ("],
    ["options.checkpointEvery ?? length", "length"],
    ["checkSameForm([before!, after!]);", ""],
    ["[inside, ...y.shape.slice(2)]), after", "[inside, ...after!.values[i]!.shape.slice(1)]), after"],
    ["if (every < length) return inStretches", "if (every <= length) return inStretches"],
  ]),
  ...mutationsOf("autograd/src/program/places.ts", tests, [
    ["(reverse ? length - 1 - i : i)", "i"],
    ["offset + place * strides[0]!", "offset"],
    ["all.set(part.data, i * size)", "all.set(part.data, 0)"],
  ]),
  ...mutationsOf("autograd/src/program/totals.ts", tests, [
    ["origin.place < carries ? [value] : []", "origin.place < 0 ? [value] : []"],
    ["if (SHORTER * size > sizeOf(value.shape)) return false;", "if (size > 0) return false;"],
  ]),
  ...mutationsOf("autograd/src/program/hoisted.ts", tests, [
    ["total(outputs) > total(inputs)", "total(outputs) < 0"],
    ["origin.place < carries.length) return null", "origin.place < 0) return null"],
    ["isOnRows && rows < MANY_ROWS", "isOnRows && rows > MANY_ROWS"],
    ["MOST_GROWTH * sizeOf(left.shape)", "1e9 * sizeOf(left.shape)"],
    ["parts[0] === true && parts[1] === false", "parts[0] === true"],
    ["origin.place < own ? origin.place : origin.place + wholes!.length", "origin.place"],
  ]),
  ...mutationsOf("autograd/src/program/choice.ts", tests, [
    ["if (differs !== true)", "if (differs === true)"],
    ["numbersOn(condition!.first !== 0 ?", "numbersOn(condition!.first === 0 ?"],
    [
      "return [null, ...operands.map((_, i) => made",
      "return [null, ...operands.map((_, i) => made.toReversed()",
    ],
  ]),
  ...mutationsOf("autograd/src/program/while.ts", tests, [
    [
      "elements.select(reshaped(mask!, [size, ...next.shape.slice(1).map(() => 1)]), next, values[i]!)",
      "next",
    ],
    ["floating.map((i, k) => [i, carries + k])", "floating.map((i, k) => [i, k])"],
  ]),
  ...mutationsOf("autograd/src/compile/nested.ts", tests, [
    [
      "moves: step === 0 ? outer.moves : [...outer.moves, { loop: this.loop, bytes: step * bytes }],",
      "moves: step === 0 ? outer.moves : [{ loop: this.loop, bytes: step * bytes }],",
    ],
    ["guards.length > 0 ||", "guards.length > 1e9 ||"],
  ]),
  ...mutationsOf("autograd/src/compile/emit.ts", tests, [
    ["reverse ? length - 1 : 0", "0"],
    ["for (const guard of guards) this.#host(guard);", ""],
    ["code.i32(loop.address).get(place).memory(M.i32_store);", ""],
  ]),
  ...mutationsOf("autograd/src/primitives/contraction.ts", tests, [
    ["{ order: [1, 0, 2] }", "{ order: [0, 1, 2] }"],
  ]),
];
