// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the text of sources.

import { type Mutation, mutationsOf } from "./mutation.ts";

const html = (file: string, changes: Parameters<typeof mutationsOf>[2], ...tests: string[]): Mutation[] =>
  mutationsOf(
    `notebook/src/html/${file}`,
    // The quickest first; those of all views take long.
    [...tests.filter((test) => test !== "views"), "places", ...tests.filter((test) => test === "views")].map(
      (test) => `notebook/html/${test}.test.ts`,
    ),
    changes,
  );
const report = (file: string, changes: Parameters<typeof mutationsOf>[2]): Mutation[] =>
  mutationsOf(`notebook/src/report/${file}`, ["notebook/report/report.test.ts"], changes);

/** How views are drawn, and the page of a report. */
export const notebookPages: readonly Mutation[] = [
  ...html(
    "chart-data.ts",
    [
      ['axis.scale !== "log" || value > 0', 'axis.scale !== "log" || value >= 0'],
      ["    if (there.length < part.length) kept.push({ x: part[0]!.x, y: Number.NaN });\n", ""],
      ["b.y < a.y ? b : a", "b.y > a.y ? b : a"],
      ["      low = Math.min(low, 0);\n", ""],
      ["y: [...layer.low, ...layer.high]", "y: [...layer.low, ...layer.low]"],
      ["values[i]! + spread]", "values[i]!]"],
      ["else if (!fits(axis, value)) notPositive++;", ""],
    ],
    "chart",
  ),
  ...html(
    "chart-series.ts",
    [["signOf(layer, styles[i]!,", "signOf(layer, styles[layers.length - 1 - i]!,"]],
    "chart",
  ),
  ...html(
    "chart.ts",
    [
      ["[view.y, view.x] : [view.x, view.y]", "[view.x, view.y] : [view.y, view.x]"],
      [
        "numberText(value, digits[along])",
        "numberText(ranges[along][1] - value + ranges[along][0], digits[along])",
      ],
      ["${shortened(text, width, FONT)}</text>", "${trusted(shortened(text, width, FONT))}</text>"],
    ],
    "chart",
    "views",
  ),
  ...html(
    "chart-marks.ts",
    [
      ['y1: "low", y2: "high", ...cut', 'y1: "low", y2: "low", ...cut'],
      ['y1: "low", y2: "high", fill', 'y1: "low", y2: "low", fill'],
      ['y.scale === "log" ? extents.y[0] : 0', "0"],
      ['across === "x" ? Plot.ruleX', 'across === "y" ? Plot.ruleX'],
    ],
    "chart",
    "views",
  ),
  ...html(
    "chart-bars.ts",
    [
      ['type: axis.scale ?? "linear"', 'type: "linear"'],
      [" + series.indexOf(layer.name) * share", ""],
      ["high: value + spread", "high: value"],
      ["domain: [count, 0]", "domain: [0, count]"],
    ],
    "chart",
    "views",
  ),
  ...mutationsOf(
    "notebook/src/views/ticks.ts",
    ["notebook/html/chart.test.ts", "notebook/html/places.test.ts"],
    [
      ["Math.ceil(Math.log10(low) - 1e-9)", "Math.floor(Math.log10(low))"],
      ["Math.ceil(from / step - 1e-6)", "Math.floor(from / step - 1e-6)"],
    ],
  ),
  ...html(
    "chart-field.ts",
    [["      y1: y[1],\n      y2: y[0],\n", "      y1: y[0],\n      y2: y[1],\n"]],
    "chart",
  ),
  ...html(
    "colour-bar.ts",
    [["low + ((high - low) * (i + 0.5)) / STEPS", "high - ((high - low) * (i + 0.5)) / STEPS"]],
    "grid",
    "views",
    "chart",
  ),
  ...html(
    "grid.ts",
    [
      ["const cell = row * view.columns + column;", "const cell = column * view.rows + row;"],
      ['canvas.theme === "page" ? "light" : canvas.theme', '"light"'],
      ['view.colours === "ink" && canvas.theme === "page"', 'canvas.theme === "page"'],
      ["top + (row + 0.5) * cellHeight + 4", "top + (view.rows - row - 0.5) * cellHeight + 4"],
    ],
    "grid",
    "views",
  ),
  ...html(
    "grid-colours.ts",
    [
      ['shining(at < 0 ? "negative" : "positive"', 'shining(at > 0 ? "negative" : "positive"'],
      [
        'at < 0 ? "negative" : "positive", Math.abs(at));\n  });',
        'at > 0 ? "negative" : "positive", Math.abs(at));\n  });',
      ],
      ["const at = share * (STOPS.length - 1);", "const at = (1 - share) * (STOPS.length - 1);"],
      ["[0, 1, 2].map((i) => values[3 * cell + i]!)", "[2, 1, 0].map((i) => values[3 * cell + i]!)"],
      [
        "if (!Number.isFinite(value)) pixels[cell] = special(value);",
        "if (!Number.isFinite(value)) pixels[cell] = table[0]!;",
      ],
      ["Math.max(Math.abs(low), Math.abs(high))", "Math.abs(high)"],
    ],
    "grid",
    "views",
  ),
  ...html(
    "grid-image.ts",
    [
      ["colours[row * columns + column]!", "colours[column * rows + row]!"],
      ["        if (!Number.isFinite(value)) continue;\n", ""],
    ],
    "grid",
  ),
  ...html("finding.ts", [["<= spread", "< spread"]], "views"),
  ...html(
    "figure.ts",
    [
      ["for (const each of [...picture.notes, note])", "for (const each of [note])"],
      ["    left > 0\n", "    left < 0\n"],
      ["{ name, sign } of legend", "{ name, sign } of legend.slice(1)"],
    ],
    "views",
    "graph",
    "chart",
  ),
  ...html(
    "graph.ts",
    [
      ['pass === "forward" ? "forward: to the result"', 'pass === "backward" ? "forward: to the result"'],
      ["const colour = palette(edge.pass);", 'const colour = palette("forward");'],
      ["const colour = palette(node.pass);", 'const colour = palette("forward");'],
      ["astray > 0 ?", "astray < 0 ?"],
    ],
    "graph",
  ),
  ...html("graph-layout.ts", [["top - y + margin]", "y - bottom + margin]"]], "graph"),
  ...html(
    "graph-fold.ts",
    [
      ["JSON.stringify([group.id, node.pass])", "JSON.stringify([group.id])"],
      ["JSON.stringify([from, to, edge.pass])", "JSON.stringify([from, to])"],
      ["let depth = Math.max(-1, ...depths.values());", "let depth = 0;"],
    ],
    "graph",
  ),
  ...html(
    "network.ts",
    [
      ['edge.weight < 0 ? "backward" : "forward"', 'edge.weight > 0 ? "backward" : "forward"'],
      ['palette(i === 0 ? "ink" : "backward")', 'palette(i === 0 ? "backward" : "ink")'],
      ["const isPlain = edge.lines.length > 0;", "const isPlain = edge.lines.length === 0;"],
      ["const hidden = layer.size - drawn;", "const hidden = layer.size - layer.units.length;"],
    ],
    "network",
  ),
  ...html(
    "markup.ts",
    [
      [`/[&<>"']/g`, "/[&<>]/g"],
      [`/[&<>"']/g`, `/[<>"']/g`],
    ],
    "views",
  ),
  ...html(
    "markdown.ts",
    [
      ["html: false", "html: true"],
      ['aria-label="Code">${content}</pre>', 'aria-label="Code">${trusted(content)}</pre>'],
      ['!source.startsWith("data:image/")', 'source === ""'],
      ["headings.previous + 1, 6)", "6)"],
    ],
    "markdown",
    "views",
  ),
  ...html(
    "formula.ts",
    [
      ['"adj-wrong">${tex}</code>', '"adj-wrong">${trusted(tex)}</code>'],
      ["trust: false", "trust: true"],
    ],
    "markdown",
    "views",
  ),
  ...html("palette.ts", [["known(name)[theme];", "known(name).dark;"]], "views", "palette", "chart"),
  ...html(
    "index.ts",
    [['if (view.arrangement === "row") x +=', 'if (view.arrangement === "column") x +=']],
    "views",
  ),
  ...html(
    "svg.ts",
    [
      ["/^on/i.test(name) || ", ""],
      ["if (ASKS.test(element.textContent)) element.remove();", ";"],
      ['size("height", box[3])', 'size("height", box[2])'],
    ],
    "views",
  ),
  ...html(
    "number.ts",
    [
      ['.replace("-", "⁻")', '.replace("-", "")'],
      ['value > 0 ? "∞"', 'value < 0 ? "∞"'],
      ["size < 1e4 ? digits : Math.max(digits, 6)", "digits"],
    ],
    "chart",
    "grid",
    "views",
  ),
  ...html("table.ts", [["rows.length > MOST_ROWS ?", "rows.length < 0 ?"]], "views"),
  ...report("place.ts", [
    ["piece.from <= line", "piece.from < line"],
    [" && before.stream === event.stream", ""],
    ["if (bar !== undefined) outputs[bar.piece]![bar.at] = event;\n      else if", "if"],
    ["text: before.text + event.text", "text: event.text"],
  ]),
  ...report("cell.ts", [
    ["Math.floor(Math.round(seconds) / 60)", "Math.round(seconds / 60)"],
    ["const seconds = milliseconds / 1000;", "const seconds = milliseconds / 100;"],
    ['blank.split("\\n").length - 1', 'blank.split("\\n").length'],
    ['run.state === "waiting" && hasRun', 'run.state === "waiting"'],
  ]),
  ...report("code.ts", [
    ["failed.has(from + number - 1)", "failed.has(from + number)"],
    ["counter-reset:line ${from - 1}", "counter-reset:line ${from}"],
    ["line >= from && line < from + count", "line > from && line < from + count"],
  ]),
  ...report("console.ts", [
    ["lines.length - FIRST - LAST", "lines.length - FIRST"],
    ["...lines.slice(-LAST)", "...lines.slice(-LAST, -1)"],
    ['rest.slice(rest.lastIndexOf("\\r") + 1)', "rest"],
  ]),
  ...report("output.ts", [
    ["${count(done)} of ${count(total)}", "${count(total)} of ${count(done)}"],
    ["` at line ${line}`", "` at line ${line - 1}`"],
    ['stream === "out" ? "" : markup', 'stream === "error" ? "" : markup'],
  ]),
  ...report("index.ts", [
    ["[...facts, ...told]", "facts"],
    ["if (!known.includes(value)) known.push(value);", "if (known.length === 0) known.push(value);"],
    ["Math.min(event.cell, count - 1)", "event.cell"],
    ["default-src 'none'", "default-src *"],
    ["<title>${plain(title)}</title>", "<title>${trusted(plain(title))}</title>"],
    ['href="#cell-${i + 1}"', 'href="#cell-${i}"'],
    [
      'event.kind === "failed" && event.line !== null ? [event.line]',
      'event.kind === "failed" && event.line !== null ? [event.line + 1]',
    ],
  ]),
];
