// A laboratory in this process, whose files come from the disk.

import { readFile } from "node:fs/promises";
import { createLab } from "../../../packages/playground/src/lab/create-lab.ts";
import type { Lab, Mistake, Opened, Settings } from "../../../packages/playground/src/lab/lab.ts";

const folder = new URL("../../../packages/playground/src/lab/data/", import.meta.url);

export const laboratory = (): Lab => createLab((name) => readFile(new URL(name, folder)));

/** Opens settings that are possible. */
export async function opened(lab: Lab, settings: Settings): Promise<Opened> {
  const answer = await lab.open(settings);
  if ("mistakes" in answer) throw new Error(JSON.stringify(answer.mistakes));
  return answer;
}

/** The mistakes of an answer; none where it is a result. */
export const mistakesOf = (answer: object): readonly Mistake[] =>
  "mistakes" in answer ? (answer as { mistakes: readonly Mistake[] }).mistakes : [];
