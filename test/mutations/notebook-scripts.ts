// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the text of sources.

import { type Mutation, mutationsOf } from "./mutation.ts";

const script = (file: string, changes: Parameters<typeof mutationsOf>[2], ...tests: string[]): Mutation[] =>
  mutationsOf(
    `notebook/src/script/${file}`,
    tests.map((test) => `notebook/${test}.test.ts`),
    changes,
  );
const run = (file: string, changes: Parameters<typeof mutationsOf>[2], ...tests: string[]): Mutation[] =>
  mutationsOf(
    `notebook/src/run/${file}`,
    tests.map((test) => `notebook/run/${test}.test.ts`),
    changes,
  );
const cli = (file: string, changes: Parameters<typeof mutationsOf>[2]): Mutation[] =>
  mutationsOf(`notebook/src/cli/${file}`, ["notebook/cli/cli.test.ts"], changes);

/** How scripts are read, run and watched, and the command. */
export const notebookScripts: readonly Mutation[] = [
  ...script(
    "cells-of.ts",
    [
      ["title === undefined ? start : start + 1", "start"],
      ["piecesOf(lines.slice(body, end), body + 1)", "piecesOf(lines.slice(body, end), body)"],
      ["from: start + 1,", "from: start,"],
      ["      to: end,", "      to: end - 1,"],
      ['  if (lines.length > 1 && lines.at(-1) === "") lines.pop();\n', ""],
      ['!";}".includes(last) && ', ""],
      ["source.split(/\\r?\\n/)", 'source.split("\\n")'],
    ],
    "script/cells",
  ),
  ...script(
    "pieces.ts",
    [
      ["(isAtHead || standsApart)", "standsApart"],
      ["isBlank(lines[from - 1]) && isBlank(lines[to])", "isBlank(lines[from - 1])"],
      [
        '      pieces.push({ kind: "markdown", text: text.join("\\n"), from: first + from,',
        '      pieces.push({ kind: "markdown", text: text.join("\\n"), from: first + from + 1,',
      ],
      ["from: first + from, to: first + to - 1 });\n  };", "from: first + from, to: first + to });\n  };"],
    ],
    "script/cells",
  ),
  ...script(
    "lines.ts",
    [
      ["findEntry(line - 1, column - 1)", "findEntry(line, column - 1)"],
      ["this.#from + entry.originalLine", "this.#from + entry.originalLine + 1"],
      ["if (!moves.has(line)) moves.set", "moves.set"],
    ],
    "script/cells",
    "run/run",
    "run/session",
  ),
  ...script(
    "marked.ts",
    [
      ["if (i > 0) lines", "lines"],
      ["`;${MARKER}(${i});`", "`${MARKER}(${i});`"],
      ["lines[cell.from - 1] =", "lines[cell.from] ="],
    ],
    "script/cells",
    "run/run",
  ),
  ...script(
    "transform.ts",
    [["from + (first.location?.line ?? 1) - 1", "from + (first.location?.line ?? 1)"]],
    "script/units",
    "run/run",
  ),
  ...script("read.ts", [['text.replace(/^#!/, "//")', "text"]], "script/cells", "run/run"),
  ...script(
    "names.ts",
    [
      ['    if (before === "." || before === "?.") return;\n', ""],
      ["      if (FUNCTIONS.has(node.type)) return false;\n", ""],
      ['  if (node.type === "UpdateExpression") return namesIn(node.argument);\n', ""],
      ['declaration.kind === "let" || declaration.kind === "var" ? declaration.kind : "const"', '"const"'],
    ],
    "script/units",
    "run/session",
  ),
  ...script(
    "rewrite.ts",
    [
      ['"\\n".repeat(Math.max(lost, 0))', '""'],
      ['code.slice(init.start, init.end) : "void 0"', 'code.slice(init.start, init.end) : "0"'],
      ["if (!isUsed(each) || each.type", "if (each.type"],
    ],
    "script/units",
    "run/session",
  ),
  ...script(
    "units.ts",
    [
      ["key: JSON.stringify([\n", "key: JSON.stringify([\n        cell.pieces,\n"],
      ['edits.filter((edit) => !edit.text.includes("import ")),', "edits,"],
      ["        from,\n      ]),", "      ]),"],
      [".filter((each) => !isEmpty(each)).length", ".length"],
      ["home === i || this.#shared.has(name)", "home === i"],
      ["cell.from + (read as ScriptError).line - 1", "cell.from + (read as ScriptError).line"],
      ["if (home > i) later.set", "if (home >= i + 2) later.set"],
    ],
    "script/units",
    "run/session",
  ),
  ...run(
    "run.ts",
    [
      ['signal === "SIGINT" ? 130 : 1', "1"],
      ["(!isOver || exitCode === UNSETTLED)", "!isOver"],
      ["return result(1);", "return result(0);"],
      ["script: [path, ...(options.arguments ?? [])]", "script: [path]"],
      ['last?.kind === "begin" ? last.cell : 0', "0"],
    ],
    "run",
  ),
  ...run(
    "child/host.ts",
    [
      ["    this.flush();\n    this.#tell(event);", "    this.#tell(event);"],
      ["    if (this.#held !== undefined && this.#held.stream !== stream) this.flush();\n", ""],
      ["decoder.decode(chunk, { stream: true })", "decoder.decode(chunk)"],
      [
        "milliseconds: performance.now() - this.#began",
        "milliseconds: (performance.now() - this.#began) / 1000",
      ],
      ["line: this.#places.linesOf(stack)[0] ?? null", "line: this.#places.linesOf(stack).at(-1) ?? null"],
      ["    this.#held.text += text;\n", "    this.#held.text = text;\n"],
      ["setImmediate(() => this.flush()).unref();", ""],
      ["    this.end();\n    this.#cell = cell;", "    this.#cell = cell;\n    this.end();"],
    ],
    "run",
    "session",
  ),
  ...run(
    "child/bars.ts",
    [
      ["done / total", "total / done"],
      ["if (event.isOver) this.#bars.delete(event.id);\n    else this", "this"],
      ["    this.#erase();\n    const result", "    const result"],
      [" || !this.#isAtMargin", ""],
      ["!this.#terminal.isTTY || ", ""],
    ],
    "bars",
    "run",
  ),
  ...run(
    "child/kernel.ts",
    [
      ["at(line - OWN_LINES, column)", "at(line, column)"],
      ["process.argv.splice(1, 2, file)", "process.argv.splice(1, 1, file)"],
      ["  timers.stop();\n", ""],
      ["if (place !== undefined) host.move(place.cell);", ""],
      ["for (const name of order.globals) Reflect.deleteProperty(globalThis, name);", ";"],
      ["  if (isLeft) {", "  if (!isLeft) {"],
    ],
    "session",
  ),
  ...run(
    "child/preload.ts",
    [
      ["    process.exit(1);\n", "    process.exit(0);\n"],
      ["    host.end();\n    host.over();", "    host.over();"],
    ],
    "run",
  ),
  ...run(
    "session.ts",
    [
      ['entry.status === "failed" || ', ""],
      ["line: event.line === null ? null : (moves.get(event.line) ?? event.line)", "line: event.line"],
      ['      if (outcome !== "well") break;\n', ""],
      ['name: ++seeds === 1 ? "seed" :', 'name: ++seeds === 0 ? "seed" :'],
      ["entry?.unit.key !== unit.key", "entry?.unit.code !== unit.code"],
      [
        "    this.#kernel?.kill();\n    // An update that comes meanwhile",
        "    // An update that comes meanwhile",
      ],
      [
        "this.#kernel.forget(this.#globals.filter((name) => !globals.includes(name)));",
        "this.#kernel.forget(this.#globals);",
      ],
      ["if (isCurrent()) this.#isIdle = true;", ""],
    ],
    "session",
    "watch",
  ),
  ...run(
    "kernel.ts",
    [
      ['this.#finish(this.#isKilled ? "killed" : "ended")', 'this.#finish("ended")'],
      ["if (await isOver(PATIENCE)) return;\n", "return this.kill();\n"],
    ],
    "session",
  ),
  ...run(
    "facts.ts",
    [
      ['each.startsWith("@") ? 2 : 1', "1"],
      ['changes === "" ? commit :', 'changes !== "" ? commit :'],
      ['["commit", commit],', ""],
      ["now.toISOString()", "now.toString()"],
      ["[name, versions[i]]", "[name, versions[i + 1]]"],
    ],
    "around",
  ),
  ...run(
    "server.ts",
    [
      ["    count++;\n", ""],
      ['!["127.0.0.1", "localhost"].includes(host)', 'host === ""'],
      [".writeHead(500,", ".writeHead(200,"],
    ],
    "around",
  ),
  ...run("watch-files.ts", [["text === undefined || text === before", "text === undefined"]], "around"),
  ...run(
    "watch.ts",
    [
      ["    if (imports !== undefined) files.set(imports);\n", ""],
      ["live: true", "live: false"],
      ["    facts = found;\n", ""],
    ],
    "watch",
  ),
  ...cli("main.ts", [
    ["return own.length === 0 ? 2 : 0;", "return 0;"],
    ["    return code;\n  } catch", "    return 0;\n  } catch"],
    ["    return 2;\n  }\n}", "    return 1;\n  }\n}"],
    ["args.slice(at + 1)]", "args.slice(at)]"],
  ]),
  ...cli("run.ts", [
    [
      'arguments: [...command.arguments, ...(command.fast ? ["--fast"] : [])],\n  });\n  process.off',
      "arguments: command.arguments,\n  });\n  process.off",
    ],
    ['await svgOf(event.view, { theme: "light" })', 'await svgOf(event.view, { theme: "dark" })'],
    ['await pngOf(event.view, { theme: "light" })', 'await pngOf(event.view, { theme: "dark" })'],
    ["    number++;\n", ""],
    ["  return exitCode;\n", "  return 0;\n"],
    ['path.replace(/\\.[^.]*$/, ".html")', "`${path}.html`"],
    ["await factsOf(source, path, mode)", '[{ name: "mode", value: mode }]'],
  ]),
  ...cli("script-file.ts", [
    ["a[i - 1] === b[j - 1] ? 0 : 1", "a[i - 1] === b[j - 1] ? 1 : 0"],
    [".sort((a, b) => a.far - b.far)", ".sort((a, b) => b.far - a.far)"],
  ]),
  ...cli("new.ts", [['.replaceAll("{version}", version)', ""]]),
];
