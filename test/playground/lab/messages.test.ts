// The laboratory behind messages, as in a worker: everything that goes to and fro is plain data.

import { expose, proxy, wrap } from "comlink";
import { expect, test } from "vitest";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import type { Lab, Opened, Progress } from "../../../packages/playground/src/lab/lab.ts";
import { laboratory } from "./laboratory.ts";

test("every answer travels as a message, and so do the reports of a training", async () => {
  const { port1, port2 } = new MessageChannel();
  try {
    expose(laboratory(), port1 as never);
    const lab = wrap<Lab>(port2 as never) as unknown as Lab;
    const direct = laboratory();
    expect(await lab.choices()).toEqual(await direct.choices());
    expect(await lab.stage(5, true)).toEqual(await direct.stage(5, true));
    expect(await lab.facts("x²")).toEqual(await direct.facts("x²"));
    expect(await lab.facts("x²)")).toEqual(await direct.facts("x²)"));
    const settings = { ...startingWith("xor"), hidden: [{ units: 2, activation: "tanh" }] };
    expect(await lab.suggest(settings.data)).toEqual(await direct.suggest(settings.data));
    expect(await lab.open(settings)).toEqual(await direct.open(settings));
    const told: Progress[] = [];
    await lab.train(
      proxy((progress: Progress) => {
        told.push(progress);
        if (told.length === 2) void lab.pause();
      }),
    );
    expect(told.length).toBeGreaterThanOrEqual(2);
    const { step } = await lab.pause();
    await direct.steps(step);
    expect(await lab.tape()).toEqual(await direct.tape());
    expect(await lab.activations(1)).toEqual(await direct.activations(1));
    expect((await lab.weight(0, 1, 1)).values.at(-1)).toBe((await direct.weight(0, 1, 1)).values.at(-1));
    for (const what of ["code", "safetensors"] as const)
      expect(await lab.exported(what)).toEqual(await direct.exported(what));
    await expect(lab.weight(9, 0, 0)).rejects.toThrow("there is no weight");
    const opened = (await lab.open({ ...settings, seed: -1 })) as Opened | { mistakes: unknown };
    expect(opened).toHaveProperty("mistakes");
  } finally {
    port1.close();
    port2.close();
  }
});
