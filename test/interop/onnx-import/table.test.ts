// The README's table of operators against the code.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kinds } from "../../../packages/interop/src/onnx/import/operators/table.ts";

test("the README lists the operators that are read, by kind", () => {
  const text = readFileSync(new URL("../../../packages/interop/README.md", import.meta.url), "utf8");
  const [, section] = text.split("## Models from ONNX files");
  const rows = [...section!.matchAll(/^\| ([^|]+?) +\| (`[^|]+`) +\|$/gm)];
  const listed = rows.map(([, kind, names]) => [kind, names!.match(/\w+/g)]);
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(
      Object.entries(kinds).map(([kind, operators]) => [kind, Object.keys(operators).toSorted()]),
    ),
  );
});

test("no operator is in two kinds, and what is counted for users is right", () => {
  const names = Object.values(kinds).flatMap((operators) => Object.keys(operators));
  expect(new Set(names).size).toBe(names.length);
  const changes = readFileSync(new URL("../../../CHANGELOG.md", import.meta.url), "utf8");
  expect(changes).toContain(`the ${names.length} operators that perceptrons`);
});
