// A step that repeats a program along an axis. A carry goes from place to place; what is scanned is taken apart along its
// first axis, and what comes of the places is put together along one. Every value of the program is among the results, each
// place's beside the others, so that derivatives of every order are further scans, over values that are known: nothing is
// computed twice. What nobody reads costs a compiled program nothing.

import type { Description } from "../array/description.ts";
import { isFloat } from "../array/dtype.ts";
import { spread, withAxisMoved } from "../primitives/moving.ts";
import { applyAll } from "../tape/apply.ts";
import { sweepForward } from "../tape/forward.ts";
import { sweepBack } from "../tape/reverse.ts";
import { algebraOf, type Primitive, type Value } from "../tape/value.ts";
import { zerosOf } from "../tape/zeros.ts";
import { hoisted } from "./hoisted.ts";
import {
  answered,
  checkOperands,
  type InnerTape,
  listForm,
  noted,
  numbersOn,
  outputsOn,
  remembered,
  valuesOn,
} from "./inside.ts";
import { ancestorsOf, ProgramBody, type ProgramValue } from "./parts.ts";
import { evaluatePlaces, partOf, type Scan, type Sorted, sorted } from "./places.ts";
import { batchedOn } from "./region.ts";
import { type Everywhere, totalsOf } from "./totals.ts";

/** The results of a scan; `body` has the outputs that its author wants, and gets all of its values as further ones. */
export function scanned(
  given: Sorted<Value>,
  attributes: Omit<Scan, "carries" | "scanned">,
): readonly Value[] {
  const { body, operands } = hoisted(attributes.body, given, attributes.length);
  const own = new Set(body.outputs.slice(operands.carries.length));
  const others = body.values.filter(
    (value) =>
      !own.has(value) &&
      (value.origin.kind === "step" ||
        (value.origin.kind === "argument" && value.origin.place < operands.carries.length)),
  );
  const outputs = [...body.outputs, ...others];
  const all = new ProgramBody({ ...body, outputs, outputForm: listForm(outputs.length) });
  return applyAll(scan, [...operands.carries, ...operands.scanned, ...operands.shared], {
    ...attributes,
    body: all,
    carries: operands.carries.length,
    scanned: operands.scanned.length,
  });
}

/** A scan whose body is what a rule does at each place. Null stands for a result that is zero everywhere. */
function scannedBy(
  operands: Sorted<Value>,
  { length, reverse, name }: Pick<Scan, "length" | "reverse" | "name">,
  step: (parts: Sorted<Value>) => {
    readonly carries: readonly Value[];
    readonly results: readonly (Value | null)[];
  },
): { readonly carries: readonly Value[]; readonly results: readonly (Value | null)[] } {
  const { carries, scanned: slices, shared } = operands;
  const all = [...carries, ...slices, ...shared];
  const sizes = { carries: carries.length, scanned: slices.length } as Scan;
  let isThere: readonly boolean[] = [];
  const descriptions = [...carries, ...slices.map(partOf), ...shared];
  const { program, reads } = noted(
    descriptions,
    all[0]!,
    (values) => {
      const made = step(sorted(values, sizes));
      isThere = made.results.map((result) => result !== null);
      return [...made.carries, ...made.results.filter((result) => result !== null)];
    },
    carries.length,
  );
  const read = reads.map((i) => all[i]!);
  const scannedReads = reads.filter((i) => i >= carries.length && i < carries.length + slices.length).length;
  const made = scanned(sorted(read, { ...sizes, scanned: scannedReads }), {
    body: program,
    length,
    reverse,
    name,
  });
  let next = carries.length;
  return {
    carries: made.slice(0, carries.length),
    results: isThere.map((there) => (there ? made[next++]! : null)),
  };
}

/** The body's tape at one place, of the values that the scan has computed there. */
function tapeAt({ body, carries }: Scan, operands: Sorted<Value>, saved: readonly Value[]): InnerTape {
  const known = (value: ProgramValue) => saved[body.outputs.indexOf(value, carries) - carries]!;
  const ofCarries = body.inputs.slice(0, carries).map(known);
  return remembered(body, [...ofCarries, ...operands.scanned, ...operands.shared], known);
}

const floats = (values: readonly Description[]) =>
  values.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []));

/**
 * A scan by a rule that gives at each place the next carries, shares of so many sums over all places, and a part of each
 * result. Sums are found after the loop where that is shorter, and else carried: the k-th begins with `begun(k)`.
 */
function swept(
  whole: Sorted<Value>,
  along: Pick<Scan, "length" | "reverse" | "name">,
  rule: (at: Sorted<Value>) => readonly Value[],
  sums: number,
  begun: (k: number) => Value | null,
): {
  readonly carried: readonly Value[];
  readonly shares: readonly Value[];
  readonly results: readonly Value[];
} {
  const count = whole.carries.length;
  const sizes = { carries: count, scanned: whole.scanned.length } as Scan;
  const all = [...whole.carries, ...whole.scanned, ...whole.shared];
  const descriptions = [...whole.carries, ...whole.scanned.map(partOf), ...whole.shared];
  const like = all[0]!;
  const { program } = noted(descriptions, like, (values) => rule(sorted(values, sizes)), all.length);
  const shares = program.outputs.slice(count, count + sums);
  const totals = totalsOf(shares, along.length, count);
  const parts = program.outputs.slice(count + sums);
  // What is asked for as a result need not be kept for the sums as well.
  const needed = [...new Set(totals.flatMap((total) => total?.needs ?? []))].filter(
    (value) => !parts.includes(value),
  );
  const carriedShares = shares.filter((_, k) => totals[k] === null);
  const begin = shares.flatMap((share, k) => (totals[k] === null ? [begun(k) ?? zerosOf(share, like)] : []));
  const made = scannedBy({ ...whole, carries: [...whole.carries, ...begin] }, along, (at) => {
    const own = at.carries.slice(0, count);
    const valueAt = valuesOn(program, [...own, ...at.scanned, ...at.shared], like);
    const { plus } = algebraOf(like);
    return {
      carries: [
        ...program.outputs.slice(0, count).map(valueAt),
        ...carriedShares.map((share, k) => plus(at.carries[count + k]!, valueAt(share))),
      ],
      results: [...parts, ...needed].map(valueAt),
    };
  });
  const results = made.results.map((result) => result!);
  const kept = [...parts, ...needed];
  const everywhere = (value: ProgramValue): Everywhere => {
    const { origin } = value;
    if (origin.kind === "constant") return { value: algebraOf(like).make(origin.array), differs: false };
    const place = kept.indexOf(value);
    if (place >= 0) return { value: results[place]!, differs: true };
    if (origin.kind !== "argument") throw new Error("scan: a value that a sum needs was not kept");
    return { value: all[origin.place]!, differs: origin.place < count + whole.scanned.length };
  };
  let next = count;
  return {
    carried: made.carries.slice(0, count),
    shares: totals.map((total) => (total === null ? made.carries[next++]! : total.sum(everywhere))),
    results: results.slice(0, parts.length),
  };
}

export const scan: Primitive<Scan> = {
  name: "scan",
  describe(inputs, attributes) {
    const { body, carries, length } = attributes;
    const { carries: carried, scanned: slices, shared } = sorted(inputs, attributes);
    checkOperands("scan", [...carried, ...slices.map(partOf), ...shared], body.inputs);
    return body.outputs.map(({ shape, dtype }, i) => ({
      shape: i < carries ? shape : [length, ...shape],
      dtype,
    }));
  },
  evaluate: (inputs, attributes) =>
    evaluatePlaces(inputs, attributes, (operands) => numbersOn(attributes.body, operands)),
  unfolded(inputs, attributes) {
    const { make } = algebraOf(inputs[0]!);
    return evaluatePlaces(
      inputs.map(({ array }) => array),
      attributes,
      (operands) =>
        outputsOn(
          attributes.body,
          operands.map((array) => make(array)),
        ).map(({ array }) => array),
    );
  },
  lowering: ({ body, carries, scanned: slices, length, reverse }) =>
    length === 0
      ? null
      : {
          family: "control",
          control: { kind: "repeat", body, carries, scanned: slices, length, reverse },
        },
  batched(inputs, attributes, isBatched, size) {
    const { body, carries } = attributes;
    const operands = sorted(inputs, attributes);
    const flags = sorted(isBatched, attributes);
    // The places stay in front, and the parts come behind them.
    const inFront = (value: Value, i: number) => (flags.scanned[i] ? withAxisMoved(value, 1, 0) : value);
    const wholes: Sorted<Value> = {
      carries: operands.carries.map((each, i) =>
        flags.carries[i] ? each : spread(each, [size, ...each.shape]),
      ),
      scanned: operands.scanned.map(inFront),
      shared: operands.shared,
    };
    const varies = [...flags.carries.map(() => true), ...flags.scanned, ...flags.shared];
    const made = scannedBy(wholes, attributes, ({ carries: carried, scanned: slices, shared }) => {
      const outputs = batchedOn(body, [...carried, ...slices, ...shared], varies, size);
      return { carries: outputs.slice(0, carries), results: outputs.slice(carries) };
    });
    return [...made.carries, ...made.results.map((each) => withAxisMoved(each!, 0, 1))];
  },
  pushforward({ inputs, outputs, attributes }, tangents) {
    const { body, carries } = attributes;
    const operands = sorted(inputs, attributes);
    const moving = sorted(tangents, attributes);
    const floating = floats(operands.carries);
    const saved = outputs.slice(carries);
    const [movingSlices, movingShared] = [moving.scanned, moving.shared].map((list) =>
      list.flatMap((tangent, i) => (tangent == null ? [] : [{ i, tangent }])),
    ) as [{ i: number; tangent: Value }[], { i: number; tangent: Value }[]];
    const made = scannedBy(
      {
        carries: floating.map((i) => moving.carries[i] ?? zerosOf(operands.carries[i]!, inputs[0]!)),
        scanned: [...movingSlices.map(({ tangent }) => tangent), ...operands.scanned, ...saved],
        shared: [...movingShared.map(({ tangent }) => tangent), ...operands.shared],
      },
      attributes,
      (at) => {
        const [ownSlices, ofSlices] = split(at.scanned, movingSlices.length, operands.scanned.length);
        const [ownShared, ofShared] = split(at.shared, movingShared.length, operands.shared.length);
        const tape = tapeAt(
          attributes,
          { carries: [], scanned: ofSlices, shared: ofShared },
          at.scanned.slice(movingSlices.length + operands.scanned.length),
        );
        const leaves = sorted(tape.leaves, attributes);
        const moved = sweepForward(
          tape.outputs,
          new Map([
            ...floating.map((i, k) => [leaves.carries[i]!, at.carries[k]!] as const),
            ...movingSlices.map(({ i }, k) => [leaves.scanned[i]!, ownSlices[k]!] as const),
            ...movingShared.map(({ i }, k) => [leaves.shared[i]!, ownShared[k]!] as const),
          ]),
          tape.trace,
        );
        return {
          carries: floating.map((i) => moved[i] ?? zerosOf(tape.outputs[i]!, at.carries[0]!)),
          results: moved.slice(carries),
        };
      },
    );
    return answered([
      ...body.outputs.slice(0, carries).map((_, i) => made.carries[floating.indexOf(i)] ?? null),
      ...made.results,
    ]);
  },
  pullback({ inputs, outputs, attributes }, _cotangent, wanted, cotangents, begun) {
    const { body, carries } = attributes;
    const operands = sorted(inputs, attributes);
    const floating = floats(operands.carries);
    const arrived = cotangents
      .slice(carries)
      .flatMap((cotangent, k) => (cotangent == null ? [] : [{ place: carries + k, cotangent }]));
    const ends = [...floating, ...arrived.map(({ place }) => place)];
    const reaches = ancestorsOf(
      ends.map((i) => body.outputs[i]!),
      ({ primitive }) => primitive.stops === true,
    );
    const asked = body.inputs.map(
      (input, i) => wanted[i] === true && isFloat(input.dtype) && reaches.has(input),
    );
    const [slices, shared] = [sorted(asked, attributes).scanned, sorted(asked, attributes).shared].map(
      (list) => list.flatMap((is, i) => (is ? [i] : [])),
    ) as [number[], number[]];
    const along = { ...attributes, reverse: !attributes.reverse };
    const whole: Sorted<Value> = {
      carries: floating.map((i) => cotangents[i] ?? zerosOf(operands.carries[i]!, inputs[0]!)),
      scanned: [...arrived.map(({ cotangent }) => cotangent), ...operands.scanned, ...outputs.slice(carries)],
      shared: operands.shared,
    };
    /** The cotangents at one place: of the carries, of what is shared and reached there, and of the parts. */
    const atPlace = (at: Sorted<Value>) => {
      const [own, ofSlices] = split(at.scanned, arrived.length, operands.scanned.length);
      const tape = tapeAt(
        attributes,
        { carries: [], scanned: ofSlices, shared: at.shared },
        at.scanned.slice(arrived.length + operands.scanned.length),
      );
      const leaves = sorted(tape.leaves, attributes);
      const reached = sweepBack(
        ends.map((i) => tape.outputs[i]!),
        [...at.carries, ...own],
        tape.trace,
      );
      const of = (leaf: Value) => reached.get(leaf) ?? zerosOf(leaf, leaf);
      return [
        ...floating.map((i) => of(leaves.carries[i]!)),
        ...shared.map((i) => of(leaves.shared[i]!)),
        ...slices.map((i) => of(leaves.scanned[i]!)),
      ];
    };
    const beforeShared = carries + operands.scanned.length;
    // A sum that is carried goes on from what the steps after this loop have added: no second one is kept beside it.
    const { carried, shares, results } = swept(
      whole,
      along,
      atPlace,
      shared.length,
      (k) => begun?.(beforeShared + shared[k]!) ?? null,
    );
    return [
      ...operands.carries.map((_, i) => carried[floating.indexOf(i)] ?? null),
      ...operands.scanned.map((_, i) => results[slices.indexOf(i)] ?? null),
      ...operands.shared.map((_, i) => shares[shared.indexOf(i)] ?? null),
    ];
  },
  label: ({ name, length, reverse }) =>
    `${name === "" ? "" : `${name}, `}${length} times${reverse ? ", backwards" : ""}`,
};

/** The first `a` of a list, and the `b` after them. */
const split = <T>(list: readonly T[], a: number, b: number): [readonly T[], readonly T[]] => [
  list.slice(0, a),
  list.slice(a, a + b),
];
