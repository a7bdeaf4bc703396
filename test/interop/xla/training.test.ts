// Recorded training steps on XLA, on one device and on several, against Adjoint's own.

import { record } from "@adjoint/autograd";
import { type Mesh, xlaBundle } from "@adjoint/interop";
import { load } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { python } from "../peers.ts";
import { collectivesIn, countsOf, summedNumbers } from "./collectives.ts";
import { type Batches, batchAt, cases, type FloatType } from "./networks.ts";
import { batchFile, trained } from "./runner.ts";
import { type Reference, reference } from "./sensitivity.ts";
import { splitOver, summed } from "./splits.ts";

const STEPS = 100;
const MINUTES = 60_000;
const isDeep = process.env["ADJOINT_DEEP"] === "1";

const two: readonly Mesh[] = [{ data: 2 }, { model: 2 }];
const four: readonly Mesh[] = [{ data: 4 }, { model: 4 }, { data: 2, model: 2 }];
const eight: readonly Mesh[] = [{ data: 8 }, { data: 4, model: 2 }, { data: 2, model: 4 }];
const all = [...two, ...four, ...eight, { model: 8 }];
/** Compiling for several devices is slow: all meshes for the smallest network, some for the others. */
const some: readonly Mesh[] = [{ data: 2 }, { model: 4 }, { data: 8 }, { data: 4, model: 2 }];
/** 12 channels have no eighth. */
const meshes: readonly (readonly Mesh[])[] = isDeep
  ? [all, [...two, ...four, ...eight], all]
  : [all, some, some];

/** What is computed once for the tests that need it. */
function once<Key, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

describe.skipIf(!python.isHere)(`training on XLA${python.reason}`, () => {
  // The data are read only where something is tested.
  (python.isHere ? cases(STEPS) : []).forEach((each, place) => {
    describe(each.name, () => {
      const referenceOf = once((dtype: FloatType): Reference => reference(each, dtype, 3));

      function onXLA(dtype: FloatType, mesh?: Mesh) {
        const network = each.make(dtype);
        const batches: Batches = each.batches(dtype);
        const program = record(network.step, ...batchAt(batches, 0));
        const options = mesh === undefined ? { names: ["x", "y"] } : splitOver(mesh, place, batches);
        const files = {
          ...xlaBundle(program, network.holder, options),
          "batches.safetensors": batchFile({ x: batches.x, y: batches.y }),
        };
        return { network, batches, ...trained(files, STEPS) };
      }

      function expectNear(losses: readonly number[], { losses: wanted, bounds }: Reference) {
        expect(losses.length).toBe(STEPS);
        // It learns: the rest would hold of a network that stays as it is.
        expect(wanted.at(-1)!).toBeLessThan(0.6 * wanted[0]!);
        losses.forEach((loss, i) => {
          expect(Math.abs(loss - wanted[i]!), `step ${i + 1}`).toBeLessThanOrEqual(bounds[i]!);
        });
      }

      test.each<FloatType>(["float32", "float64"])(
        "has, in %s, the losses of a hundred steps here, as near as trainings that differ in rounding alone",
        (dtype) => {
          const { losses, weights, network, batches } = onXLA(dtype);
          expectNear(losses, referenceOf(dtype));
          // What was trained there goes on here: the next step has the loss that it would have there.
          load(network.holder, weights);
          const next = network.step(...batchAt(batches, 0)).item();
          const again = each.make(dtype);
          load(again.holder, weights);
          expect(again.step(...batchAt(batches, 0)).item()).toBe(next);
          expect(next).toBeLessThan(0.6 * losses[0]!);
        },
        20 * MINUTES,
      );

      test.each(meshes[place]!.map((mesh) => [JSON.stringify(mesh), mesh] as const))(
        "has the same losses over %s, and exchanges what the formulas say",
        (_, mesh) => {
          const { losses, hlo } = onXLA("float32", mesh);
          expectNear(losses, referenceOf("float32"));
          const collectives = collectivesIn(hlo);
          expect(summedNumbers(collectives)).toBe(summed(mesh, place, each));
          // The smallest network's by kind: the flag of a gated product, or two, are sums of their own.
          const { "all-reduce": sums = 0, ...others } = countsOf(collectives);
          expect(others).toEqual({});
          if (place === 0) expect(sums).toBe("data" in mesh && "model" in mesh ? 6 : 3);
        },
        20 * MINUTES,
      );
    });
  });
});
