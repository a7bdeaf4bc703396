// Programs as plain data and back. Functions of elements are saved by their expressions, primitives by their names;
// whatever is read is checked before it is used, and no code is generated from it but that of known operations.

import { kindOf } from "../array/arguments.ts";
import type { Description } from "../array/description.ts";
import { allocate, type DType, elementOf } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { savedNumber } from "../array/special.ts";
import type { Form } from "../array/tree.ts";
import { type Cell, cellOf } from "../tape/cell.ts";
import { listOf } from "../tape/outputs.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { type Saved as Data, type Given, Reader, savedAttributes } from "./attributes.ts";
import type {
  Origin,
  ProgramBody,
  ProgramParts,
  ProgramStep,
  ProgramValue,
  VariableOutcome,
} from "./parts.ts";
import { cellsOf, stepsOf } from "./parts.ts";

interface SavedArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: readonly (number | string)[];
}

/** A program as plain data. */
export interface Saved {
  /** Says what the data are. */
  readonly format: "adjoint program";
  /** The version of this form. */
  readonly version: 1;
  /** Every value, in the order in which values are made, with where it comes from. */
  readonly values: readonly SavedValue[];
  /** The steps in order: a primitive by its name, with values by their indices in `values`. */
  readonly steps: readonly {
    readonly primitive: string;
    readonly inputs: readonly number[];
    readonly attributes: Data;
    readonly outputs: readonly number[];
  }[];
  /** The variables with the numbers that they hold, and what the program leaves in each. */
  readonly variables: readonly (SavedArray & {
    readonly name: string;
    readonly value?: number;
    readonly grad?: number | null;
    readonly missesGrad?: boolean;
  })[];
  /** The indices of the inputs in `values`. */
  readonly inputs: readonly number[];
  /** The indices of the outputs in `values`. */
  readonly outputs: readonly number[];
  /** The tree in which the inputs sit. */
  readonly inputForm: Data;
  /** The tree in which the outputs sit. */
  readonly outputForm: Data;
}

type SavedValue =
  | { readonly from: "input"; readonly dtype: DType; readonly shape: Shape }
  | { readonly from: "variable" | "gradient"; readonly of: number }
  | ({ readonly from: "constant" } & SavedArray)
  | { readonly from: "step"; readonly of: number };

function savedArray(array: NDArray): SavedArray {
  const { dtype, shape } = array;
  return { dtype, shape: [...shape], data: Array.from(array.data as ArrayLike<number>, savedNumber) };
}

/** A program as plain data. Throws TypeError where something has no such form. */
export function savedOf(program: ProgramParts): Saved {
  const { values, inputs, outputs, outcomes } = program;
  const steps = stepsOf(values);
  const place = new Map(values.map((value, i) => [value, i]));
  const at = (value: ProgramValue) => place.get(value)!;
  const cells = cellsOf(program);
  const stepAt = new Map(steps.map((step, i) => [step, i]));
  const savedValue = ({ origin, dtype, shape }: ProgramValue): SavedValue => {
    switch (origin.kind) {
      case "argument":
        return { from: "input", dtype, shape: [...shape] };
      case "variable":
      case "gradient":
        return { from: origin.kind, of: cells.indexOf(origin.variable) };
      case "constant":
        return { from: "constant", ...savedArray(origin.array) };
      case "step":
        return { from: "step", of: stepAt.get(origin.step)! };
    }
  };
  return {
    format: "adjoint program",
    version: 1,
    values: values.map(savedValue),
    steps: steps.map(({ primitive, inputs, attributes, outputs }, i) => ({
      primitive: primitive.name,
      inputs: inputs.map(at),
      attributes: savedAttributes(attributes, savedOf, `the attributes of step ${i}, ${primitive.name}`),
      outputs: outputs.map(at),
    })),
    variables: cells.map((cell) => {
      const left = outcomes.find(({ variable }) => variable === cell);
      return {
        name: cell.name,
        ...savedArray(cell.value.array),
        ...(left?.value === undefined ? {} : { value: at(left.value) }),
        ...(left?.grad === undefined ? {} : { grad: left.grad === null ? null : at(left.grad) }),
        ...(left?.missesGrad === true ? { missesGrad: true } : {}),
      };
    }),
    inputs: inputs.map(at),
    outputs: outputs.map(at),
    inputForm: savedForm(program.inputForm),
    outputForm: savedForm(program.outputForm),
  };
}

function savedForm(form: Form): Data {
  switch (form.kind) {
    case "leaf":
      return { leaf: form.place };
    case "fixed":
      return {
        fixed: savedAttributes(
          form.value,
          savedOf,
          "an argument beside the tensors, or a result beside them,",
        ),
      };
    case "array":
      return { array: form.items.map(savedForm) };
    case "object":
      return { object: form.keys.map((key, i) => [String(key), savedForm(form.items[i]!)]) };
    case "entries":
      return {
        entries: form.keys.map((key, i) => [
          savedAttributes(key, savedOf, "a key of a Map"),
          savedForm(form.items[i]!),
        ]),
      };
    case "set":
      return { set: form.items.map(savedForm) };
  }
}

/** The parts of a program, from plain data. Throws TypeError, naming the place, where the data are not a program. */
export function programOf(
  json: unknown,
  given: Given,
  make: (parts: ProgramParts) => ProgramBody,
): ProgramParts {
  const read = new Reader(given, (inner) => make(programOf(inner, given, make)));
  const root = read.object(json, "");
  if (root["format"] !== "adjoint program" || root["version"] !== 1)
    read.refuse("", "is no program that toJSON gave (its format is missing, or of another version)");
  const saved = (name: keyof Saved) => read.list(root[name], name);
  const variables = saved("variables").map((each, i): Cell => {
    const at = `variables[${i}]`;
    const one = read.object(each, at);
    const array = arrayOf(read, one, at);
    return cellOf(new Variable(new Tensor(array), read.text(one["name"], `${at}.name`)));
  });
  const savedValues = saved("values");
  const savedSteps = saved("steps");
  const values: ProgramValue[] = [];
  const steps: ProgramStep[] = [];
  const earlier = (index: unknown, at: string): ProgramValue => {
    const n = read.index(index, values.length, at);
    return values[n]!;
  };
  const push = ({ shape, dtype }: { shape: Shape; dtype: DType }, origin: Origin): void => {
    values.push({ id: values.length, shape, dtype, origin });
  };
  savedValues.forEach((each, i) => {
    // An output of a step that has been read already.
    if (i < values.length) {
      const of = read.object(each, `values[${i}]`);
      if (of["from"] !== "step" || of["of"] !== steps.length - 1)
        read.refuse(`values[${i}]`, `is not the output of step ${steps.length - 1} that stands here`);
      return;
    }
    const at = `values[${i}]`;
    const one = read.object(each, at);
    switch (one["from"]) {
      case "input":
        push(
          { shape: read.shape(one["shape"], `${at}.shape`), dtype: read.dtype(one["dtype"], `${at}.dtype`) },
          { kind: "argument", place: -1 },
        );
        return;
      case "variable":
      case "gradient": {
        const variable = variables[read.index(one["of"], variables.length, `${at}.of`)]!;
        push(variable, { kind: one["from"], variable });
        return;
      }
      case "constant": {
        const array = arrayOf(read, one, at);
        push(array, { kind: "constant", array });
        return;
      }
      case "step": {
        const n = read.index(one["of"], savedSteps.length, `${at}.of`);
        if (n !== steps.length) read.refuse(`${at}.of`, `is step ${n}, and the next one is ${steps.length}`);
        takeStep(n);
        return;
      }
      default:
        read.refuse(
          `${at}.from`,
          `is ${JSON.stringify(one["from"])}; it must be input, variable, gradient, constant or step`,
        );
    }
  });
  function takeStep(n: number): void {
    const at = `steps[${n}]`;
    const one = read.object(savedSteps[n], at);
    const primitive = read.primitive(one["primitive"], `${at}.primitive`);
    const inputs = read
      .list(one["inputs"], `${at}.inputs`)
      .map((input, k) => earlier(input, `${at}.inputs[${k}]`));
    if (inputs.length === 0) read.refuse(`${at}.inputs`, "is empty; a step has operands");
    const attributes = read.attributes(one["attributes"], `${at}.attributes`);
    const described = describe(primitive, inputs, attributes, at);
    const places = read.list(one["outputs"], `${at}.outputs`);
    if (places.length !== described.length || places.some((place, k) => place !== values.length + k))
      read.refuse(`${at}.outputs`, `must be the ${described.length} values from ${values.length} on`);
    const outputs: ProgramValue[] = [];
    const step: ProgramStep = { primitive, inputs, attributes, outputs };
    steps.push(step);
    described.forEach((description, output) => {
      push(description, { kind: "step", step, output });
      outputs.push(values.at(-1)!);
    });
  }
  function describe(
    primitive: ProgramStep["primitive"],
    inputs: readonly ProgramValue[],
    attributes: unknown,
    at: string,
  ): readonly Description[] {
    try {
      const described = listOf<Description>(primitive.describe(inputs, attributes));
      for (const { shape } of described) read.shape(shape, at);
      return described;
    } catch (error) {
      return read.refuse(at, `is no step of ${primitive.name}: ${(error as Error).message}`);
    }
  }
  if (steps.length !== savedSteps.length)
    read.refuse("steps", `holds ${savedSteps.length} steps, of which values use ${steps.length}`);
  const inputs = saved("inputs").map((index, place) => {
    const at = `inputs[${place}]`;
    const n = read.index(index, values.length, at);
    const value = values[n]!;
    if (value.origin.kind !== "argument" || value.origin.place !== -1)
      read.refuse(at, `is value ${n}, which is no input, or one that another place has`);
    Object.assign(value.origin, { place });
    return value;
  });
  const unused = values.findIndex(({ origin }) => origin.kind === "argument" && origin.place < 0);
  if (unused >= 0) read.refuse(`values[${unused}]`, "is an input that inputs does not name");
  const outputs = saved("outputs").map((index, k) => earlier(index, `outputs[${k}]`));
  const outcomes = saved("variables").flatMap((each, i): VariableOutcome[] => {
    const one = read.object(each, `variables[${i}]`);
    const variable = variables[i]!;
    const left = (name: "value" | "grad"): ProgramValue | undefined => {
      if (one[name] === undefined || one[name] === null) return undefined;
      const at = `variables[${i}].${name}`;
      const value = earlier(one[name], at);
      if (value.dtype !== variable.dtype || !sameShape(value.shape, variable.shape))
        read.refuse(
          at,
          `is ${value.dtype} ${shapeText(value.shape)}, and its variable ${variable.dtype} ${shapeText(variable.shape)}`,
        );
      return value;
    };
    const [value, grad] = [left("value"), one["grad"] === null ? null : left("grad")];
    if (value === undefined && grad === undefined) return [];
    return [{ variable, value, grad, ...(one["missesGrad"] === true ? { missesGrad: true } : {}) }];
  });
  return {
    values,
    inputs,
    outputs,
    outcomes,
    inputForm: formOf(read, root["inputForm"], "inputForm", inputs.length),
    outputForm: formOf(read, root["outputForm"], "outputForm", outputs.length),
  };
}

function arrayOf(read: Reader, saved: Readonly<Record<string, unknown>>, at: string): NDArray {
  const dtype = read.dtype(saved["dtype"], `${at}.dtype`);
  const shape = read.shape(saved["shape"], `${at}.shape`);
  const data = read.list(saved["data"], `${at}.data`);
  if (data.length !== sizeOf(shape))
    read.refuse(`${at}.data`, `holds ${data.length} numbers, and ${shapeText(shape)} has ${sizeOf(shape)}`);
  const buffer = allocate(dtype, data.length);
  data.forEach((value, i) => {
    const number = read.number(value, `${at}.data[${i}]`);
    try {
      buffer[i] = elementOf(number, dtype, "");
    } catch (error) {
      read.refuse(`${at}.data[${i}]`, `is no element: ${(error as Error).message}`);
    }
  });
  return new NDArray(dtype, shape, buffer);
}

function formOf(read: Reader, saved: unknown, at: string, count: number): Form {
  const seen = new Set<number>();
  const from = (data: unknown, at: string): Form => {
    const one = read.object(data, at);
    const [kind = "nothing"] = Object.keys(one);
    const items = (list: unknown, at: string) =>
      read.list(list, at).map((item, i) => from(item, `${at}[${i}]`));
    const pairs = (list: unknown, at: string) =>
      read.list(list, at).map((pair, i) => {
        const [key, item, ...rest] = read.list(pair, `${at}[${i}]`);
        if (item === undefined || rest.length > 0) read.refuse(`${at}[${i}]`, "must be [key, form]");
        return { key, item: from(item, `${at}[${i}][1]`) };
      });
    switch (kind) {
      case "leaf": {
        const place = read.index(one["leaf"], count, `${at}.leaf`);
        seen.add(place);
        return { kind: "leaf", place };
      }
      case "fixed":
        return { kind: "fixed", value: read.attributes(one["fixed"], `${at}.fixed`) };
      case "array":
        return { kind: "array", items: items(one["array"], `${at}.array`) };
      case "set":
        return { kind: "set", items: items(one["set"], `${at}.set`) };
      case "entries": {
        const all = pairs(one["entries"], `${at}.entries`);
        return {
          kind: "entries",
          keys: all.map(({ key }, i) => read.attributes(key, `${at}.entries[${i}][0]`)),
          items: all.map(({ item }) => item),
        };
      }
      case "object": {
        const all = pairs(one["object"], `${at}.object`);
        const keys = all.map(({ key }, i) => read.text(key, `${at}.object[${i}][0]`));
        // The order in which an object has them.
        const order = Object.keys(Object.fromEntries(keys.map((key) => [key, null])));
        return {
          kind: "object",
          prototype: Object.prototype,
          isPlain: true,
          keys: order,
          items: all.map(({ item }) => item),
          attributes: order.map(() => ({ writable: true, enumerable: true, configurable: true })),
          accessors: [],
          accessorAttributes: [],
        };
      }
      default:
        return read.refuse(at, `is ${kindOf(data)} without leaf, fixed, array, object, entries or set`);
    }
  };
  const form = from(saved, at);
  if (seen.size !== count) read.refuse(at, `names ${seen.size} of the ${count} tensors`);
  return form;
}
