// Whether a module's text holds together: every name is made once, before it is used, where it can be seen.

/** The faults of a text: names that are used before they are made, or made twice. */
export function faultsOf(text: string): readonly string[] {
  const faults: string[] = [];
  /** The names that can be seen: of the module, a function, and each region that is open. */
  const seen: Set<string>[] = [new Set()];
  const make = (name: string) => {
    if (seen.some((names) => names.has(name))) faults.push(`${name} is made twice`);
    seen.at(-1)!.add(name);
  };
  for (const line of text.split("\n")) {
    const code = line.replace(/\/\/.*$/, "").trim();
    if (code.startsWith("}")) seen.pop();
    const made = /^(%\d+)(?::\d+)? = (.*)$/.exec(code);
    const used = made === null ? code : made[2]!;
    const isFunction = code.startsWith("func.func");
    const args = isFunction ? [...code.matchAll(/(%arg\d+):/g)].map(([, name]) => name!) : [];
    const block = code.startsWith("^bb0") ? [...code.matchAll(/(%\d+):/g)].map(([, name]) => name!) : [];
    const carried = [...used.matchAll(/(%\d+) = /g)].map(([, name]) => name!);
    for (const [, name] of used.matchAll(/(%(?:arg)?\d+)/g)) {
      if (args.includes(name!) || block.includes(name!) || carried.includes(name!)) continue;
      if (!seen.some((names) => names.has(name!))) faults.push(`${name} is used before it is made: ${code}`);
    }
    // A region's names are made in it; those that a loop carries are seen in both of its regions.
    if (/\{$/.test(code)) seen.push(new Set());
    for (const name of [...args, ...block]) make(name);
    for (const name of carried) seen.at(-1)!.add(name);
    if (made !== null) (/\{$/.test(code) ? seen.at(-2)! : seen.at(-1)!).add(made[1]!);
  }
  return faults;
}
