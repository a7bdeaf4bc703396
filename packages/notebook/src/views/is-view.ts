// Whether something is a view, as far as whoever draws it relies on.

import type { View } from "./view.ts";

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isList =
  (of: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(of);
const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const has =
  (fields: Readonly<Record<string, (value: unknown) => boolean>>) =>
  (value: unknown): boolean =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const axis = has({ label: isText });
const layer = has({ mark: isText, name: isText });

const tests: Readonly<Record<View["kind"], (value: unknown) => boolean>> = {
  text: has({ text: isText }),
  markdown: has({ source: isText }),
  table: has({
    title: isText,
    columns: isList(has({ name: isText, align: isText })),
    rows: isList(isList(isText)),
    note: isText,
  }),
  chart: has({ title: isText, x: axis, y: axis, layers: isList(layer), note: isText }),
  grid: has({
    rows: isNumber,
    columns: isNumber,
    values: (values) => values instanceof Float64Array,
    colours: isText,
    range: isList(isNumber),
  }),
  graph: has({ nodes: isList(isRecord), edges: isList(isRecord), groups: isList(isRecord), text: isText }),
  network: has({ layers: isList(isRecord), edges: isList(isRecord), text: isText }),
  svg: has({ svg: isText, alternative: isText }),
  finding: has({ what: isText, measured: isNumber, expected: isNumber, spread: isNumber }),
  group: has({ title: isText, parts: isList((part) => isView(part)), arrangement: isText }),
};

/** Whether something is a view. */
export function isView(value: unknown): value is View {
  if (!isRecord(value) || typeof value.kind !== "string") return false;
  return Object.hasOwn(tests, value.kind) && tests[value.kind as View["kind"]](value);
}
