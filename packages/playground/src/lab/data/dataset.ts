// What a data set is here: plain numbers in their own units, and how they are scaled for the network.

import type { DataPicture } from "../lab.ts";

/** Rows one after another, in the units of the data. */
export interface Rows {
  readonly count: number;
  /** [count, inputs]. */
  readonly x: Float64Array;
  /** The class or the number of each row. */
  readonly y: Float64Array;
}

/** (value − shift)/scale, for each column. */
export interface Scale {
  readonly shift: readonly number[];
  readonly scale: readonly number[];
}

export interface Dataset {
  readonly kind: DataPicture["kind"];
  readonly inputs: readonly string[];
  /** Names of the classes, or of the number that is predicted. */
  readonly outputs: readonly string[];
  readonly isClassification: boolean;
  readonly training: Rows;
  readonly test: Rows;
  /** Null where inputs are taken as they are. */
  readonly inputScale: Scale | null;
  /** Null where the target is, and for classes. */
  readonly targetScale: Scale | null;
  readonly scaling: string;
  readonly imageSize?: readonly [number, number];
  readonly source?: string;
}

/** A data set as the page draws it. */
export function pictureOf(data: Dataset): DataPicture {
  const { kind, inputs, outputs, isClassification, scaling, imageSize, source } = data;
  const samples = ({ count, x, y }: Rows) => ({ count, x: Float32Array.from(x), y: Float32Array.from(y) });
  return {
    kind,
    inputs,
    outputs,
    isClassification,
    scaling,
    training: samples(data.training),
    test: samples(data.test),
    ...(imageSize === undefined ? {} : { imageSize }),
    ...(source === undefined ? {} : { source }),
  };
}

/** Columns scaled. */
export function scaledBy(values: Float64Array, scale: Scale | null): Float64Array {
  if (scale === null) return values;
  const columns = scale.shift.length;
  return values.map((value, i) => (value - scale.shift[i % columns]!) / scale.scale[i % columns]!);
}
