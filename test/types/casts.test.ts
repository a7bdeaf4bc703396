// That types of tensors follow from the code. A cast would hide where they don't, and readers copy what they see.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { documents } from "../docs/documents.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files under a folder, by their paths from the root. */
const filesIn = (folder: string, ending: string) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`);

const sources = ["autograd", "nn", "linalg", "examples"].flatMap((name) =>
  filesIn(`packages/${name}/src`, ".ts"),
);

/** Where something is said to be a tensor, or a tree of tensors, of which the compiler knows less. */
const casts = (file: string) =>
  [...readFileSync(`${root}${file}`, "utf8").matchAll(/\bas (unknown as )?(readonly )?Tensor(sOf)?\b/g)].map(
    () => file,
  );

test("two lines of the sources, where the engine's values become tensors and trees of them, claim a tensor's type", () => {
  expect([...sources, ...documents].flatMap(casts)).toEqual([
    "packages/autograd/src/differentiate/tree.ts",
    "packages/autograd/src/tensor/tensor.ts",
  ]);
});
