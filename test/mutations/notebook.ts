// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the text of sources.

import { type Mutation, mutationsOf } from "./mutation.ts";

const values = (file: string, changes: Parameters<typeof mutationsOf>[2], ...more: string[]): Mutation[] =>
  mutationsOf(
    `notebook/src/${file}`,
    [...more, "notebook/values/options.test.ts", kinds, "notebook/values/values.test.ts"],
    changes,
  );
const training = "notebook/values/pictures-of-training.test.ts";
const constructors = "notebook/values/constructors.test.ts";
const kinds = "notebook/values/kinds.test.ts";
const places = "notebook/values/places.test.ts";
const show = "notebook/values/show.test.ts";
const terminal = (file: string, changes: Parameters<typeof mutationsOf>[2]): Mutation[] =>
  mutationsOf(`notebook/src/text/${file}`, [places, "notebook/values/text.test.ts"], changes);

/** What a value becomes, and how a terminal shows it. */
export const notebook: readonly Mutation[] = [
  ...values(
    "views/histogram.ts",
    [
      ["Math.min(bins - 1, Math.floor(", "Math.min(bins, Math.floor("],
      [
        "Math.floor(((value - low) / (high - low)) * bins)",
        "Math.round(((value - low) / (high - low)) * bins)",
      ],
      ["else if (value < low ||", "else if (value <= low ||"],
      ["to: counts.map((_, i) => edge(i + 1))", "to: counts.map((_, i) => edge(i))"],
      ['outside === 0 ? ""', 'outside >= 0 ? ""'],
    ],
    constructors,
  ),
  ...values(
    "views/matrix.ts",
    [
      ["const [rows, columns] = shape as", "const [columns, rows] = shape as"],
      ["low < 0 && high > 0 ?", "low < 0 ?"],
      ["[-most, most] : [low, high]", "[low, high] : [low, high]"],
      ["    if (!Number.isFinite(value)) continue;\n", ""],
    ],
    constructors,
    "notebook/values/text.test.ts",
  ),
  ...values(
    "views/grid.ts",
    [
      ["greatest > 1 ? 255 : 1", "1"],
      ["{ title, x, y, note });", "{ title, x: y, y: x, note });"],
      ['"rowLabel", options.rowLabel', '"rowLabel", options.columnLabel'],
    ],
    constructors,
    "notebook/values/text.test.ts",
  ),
  ...values("views/chart.ts", [["y.map((_, i) => i)", "y.map((_, i) => i + 1)"]], constructors),
  ...values(
    "views/layer.ts",
    [["      checkLengths(where, { ...numbers, ...spread });\n", ""]],
    constructors,
  ),
  ...values(
    "views/number-text.ts",
    [
      ["Math.max(0, digits - 1)", "digits"],
      ['value > 0 ? "∞" : "-∞"', '"∞"'],
      ["Math.floor(Math.log10(size)) + 1", "Math.floor(Math.log10(size))"],
      ['count === 1 ? "" : "s"', 'count <= 1 ? "" : "s"'],
    ],
    places,
  ),
  ...values(
    "views/network.ts",
    [
      ["        if (next.hasBias && to === 0) return [];\n", ""],
      ["layer.weight?.(from, to - shift)", "layer.weight?.(from, to)"],
      ["all.at(-1)!", "all.at(-2)!"],
    ],
    constructors,
    training,
  ),
  ...values(
    "views/table.ts",
    [['isNumber(i) ? "right" : "left"', 'isNumber(i) ? "left" : "right"']],
    constructors,
  ),
  ...values("views/check.ts", [["domain[0] <= 0", "domain[0] < 0"]], constructors),
  ...values("finding.ts", [["isCompared: !fast", "isCompared: true"]], show),
  ...mutationsOf(
    "notebook/src/show.ts",
    [show],
    [
      ["  runner?.pending?.add(work);\n", ""],
      ["stdout.isTTY === true && ", ""],
      ["tell(found, runner, place)", "tell(found, runner, placeIn(runner))"],
      ["  if (!runner.wantsText) return;\n", ""],
    ],
  ),
  ...mutationsOf(
    "notebook/src/seed.ts",
    ["notebook/seed.test.ts", show],
    [
      ["count === 0 ? given() : undefined", "given()"],
      ["value: String(chosen)", "value: String(number)"],
    ],
  ),
  ...mutationsOf(
    "notebook/src/progress.ts",
    [show],
    [
      ["now - last < interval && (!isEnd || isAtTotal)", "now - last < interval"],
      ["const interval = 50", "const interval = 0"],
    ],
  ),
  ...values("values/numbers.ts", [
    ["elementText(array, data[i * count + j]!, digits)", "elementText(array, data[j * rows + i]!, digits)"],
    ["(_, i) => data[i * count + j]!)", "(_, i) => data[j * n + i]!)"],
    ['counted(rows - shown, "more row")', 'counted(rows, "more row")'],
    ["more === 0 ? []", "more >= 0 ? []"],
    ['["min", numberText(min, digits)]', '["min", numberText(max, digits)]'],
    ["each !== 0).length", "each === 0).length"],
  ]),
  ...values("values/statistics.ts", [
    ["squares += distance * (value - mean)", "squares += distance * distance"],
    ["Math.sqrt(squares / count)", "Math.sqrt(squares / (count - 1))"],
    ["nan++;\n    else infinite++;", "infinite++;\n    else nan++;"],
  ]),
  ...values("values/heat-maps.ts", [
    [
      'rowLabel: "actual",\n    columnLabel: "predicted"',
      'rowLabel: "predicted",\n    columnLabel: "actual"',
    ],
    ["values[i * n + i]!", "values[i * n]!"],
    ["        left++;\n        continue;\n", "        left++;\n"],
    ["data[i * columns + j]!", "data[j * rows + i]!"],
    ['block === 1\n      ? ""', 'block >= 1\n      ? ""'],
    ["counts[i] === 0 ? Number.NaN :", "counts[i] === 0 ? 0 :"],
  ]),
  ...values("values/images.ts", [
    ["data[(i % 3) * b * c + Math.floor(i / 3)]!", "data[i]!"],
    ["counted(shape[0]! - shown,", "counted(shape[0]!,"],
  ]),
  ...values(
    "values/histories.ts",
    [
      ["const epochs = history.loss!.map((_, i) => i + 1)", "const epochs = history.loss!.map((_, i) => i)"],
      ["rows - 1 - Math.floor(i / columns)", "Math.floor(i / columns)"],
      ['? "training"\n', '? "validation"\n'],
      ["low > 0 && high / low > 100", "high / low > 100"],
      ["fromLists(list.at(-1) as", "fromLists(list.at(0) as"],
      ["epoch: i + 1,", "epoch: i,"],
      ["odd > 0 ?", "odd < 0 ?"],
    ],
    training,
  ),
  ...values(
    "values/models.ts",
    [
      ["(bytes / 1024)", "(bytes / 1000)"],
      [
        "weights[(from - (hasBias ? 1 : 0)) * layer.outputs + to]!",
        "weights[to * layer.inputs + from - (hasBias ? 1 : 0)]!",
      ],
      [
        "countText(counts.trainable),\n    countText(counts.notTrained)",
        "countText(counts.notTrained),\n    countText(counts.trainable)",
      ],
      ["left > 0 ?", "left < 0 ?"],
    ],
    training,
  ),
  ...values(
    "values/backpropagations.ts",
    [
      ["W ${written(at(weights!, from, to)", "W ${written(at(weights!, to, from)"],
      ["∇ ${written(at(gradients!, from, to)", "∇ ${written(at(weights!, from, to)"],
      ["edgeText(`δ(${l + 1})`, next.delta!", "edgeText(`δ(${l})`, next.delta!"],
      [
        'to: weight, pass: "backward", lines: [edgeText(`∇',
        'to: weight, pass: "forward", lines: [edgeText(`∇',
      ],
      ["batch > 1 ?", "batch > 9 ?"],
      ["numberText(value === 0 ? 0 : value, digits)", "numberText(value, digits)"],
      ["    left += matrix.rows - shown;\n", ""],
    ],
    training,
  ),
  ...values(
    "values/activations.ts",
    [
      ['"φ′(x)", "φ″(x)"', '"φ″(x)", "φ′(x)"'],
      ["inside.filter((kink) => jumps(f, kink))", "inside.filter(() => false)"],
      ["${numberText(slope!(b))}", "${numberText(slope!(a))}"],
      [
        "from ${numberText(range[0])} to ${numberText(range[1])}",
        "from ${numberText(range[1])} to ${numberText(range[0])}",
      ],
    ],
    training,
  ),
  ...values(
    "values/layers-of-programs.ts",
    [
      ['forward.has(value) ? "forward" : "backward"', 'forward.has(value) ? "backward" : "forward"'],
      [".findLast((each)", ".find((each)"],
    ],
    training,
  ),
  ...values(
    "values/program-graphs.ts",
    [
      ["uses.get(input) === 1", "uses.get(input)! >= 1"],
      ["from: idOf(value),\n          to: idOf(input),", "from: idOf(input),\n          to: idOf(value),"],
    ],
    training,
  ),
  ...values("values/program-parts.ts", [["b[1] - a[1]", "a[1] - b[1]"]], training),
  ...values("values/program-folds.ts", [["/ steps.length).toFixed", "/ counts.length).toFixed"]], training),
  ...values(
    "values/searches.ts",
    [
      ["(a.loss ?? Infinity) - (b.loss ?? Infinity)", "(b.loss ?? Infinity) - (a.loss ?? Infinity)"],
      ["(b.budget ?? 0) - (a.budget ?? 0)", "(a.budget ?? 0) - (b.budget ?? 0)"],
      ['"number" && loss !== null', '"number"'],
    ],
    training,
  ),
  ...values(
    "values/reports.ts",
    [
      ["shown.map(({ analytic }) => analytic)", "shown.map(({ numerical }) => numerical)"],
      ["all.length > shown.length ?", "all.length < shown.length ?"],
    ],
    training,
  ),
  ...values("values/records.ts", [["rows.length > shown.length\n", "rows.length < shown.length\n"]]),
  ...values("values/errors.ts", [["error.cause !== undefined", "error.cause !== undefined && depth > 0"]]),
  ...values("values/pictures.ts", [
    ["[bytes.readUInt32BE(16), bytes.readUInt32BE(20)]", "[bytes.readUInt32BE(20), bytes.readUInt32BE(16)]"],
  ]),
  ...values("values/plain.ts", [["lines.length > code.length\n", "lines.length < code.length\n"]]),
  ...terminal("axis.ts", [
    ["isLog ? 10 ** at : at", "isLog ? Math.exp(at) : at"],
    ["          yield 0;\n", ""],
    ["Math.log10(value)", "value"],
  ]),
  ...terminal("marks.ts", [
    ["(up.to - place) /", "(place - up.from) /"],
    ["placeRow(up, from), placeRow(up, high[column]!)", "placeRow(up, high[column]!), placeRow(up, from)"],
    ["canvas.put(row, start + i,", "canvas.put(row, i,"],
    ["if (Number.isNaN(place)) current = null;", "if (Number.isNaN(place)) return;"],
    ['if (layer.across === "y")', 'if (layer.across === "x")'],
  ]),
  ...terminal("chart.ts", [
    ["up.to - ((up.to - up.from) * i) / height", "up.from + ((up.to - up.from) * i) / height"],
    ["letters[i % 26]!", "letters[names.length - 1 - i]!"],
    ["[first, middle, last] = labelsOf", "[last, middle, first] = labelsOf"],
    ["cut(axisName(y), style.width)", "cut(axisName(x), style.width)"],
    ["acrossLines(x, across,", "acrossLines(y, across,"],
  ]),
  ...terminal("bars.ts", [
    ["labels.length > mostBars", "labels.length < 0"],
    ["isLog ? all : [0, ...all]", "all"],
  ]),
  ...terminal("grid.ts", [
    ["numberText(values[i * columns + j]!)", "numberText(values[j * rows + i]!)"],
    ["cell(values[i * columns + j]!)", "cell(values[j * rows + i]!)"],
    ['if (Number.isNaN(above) || Number.isNaN(below)) line += "×";\n        else line', "line"],
    ["if (block === 1) return [];", "if (block >= 1) return [];"],
  ]),
  ...terminal("shades.ts", [
    ['  if (Number.isNaN(value)) return "NN";\n', ""],
    [
      "`${name}blank ${numberText(low)} … ██ ${numberText(high)}`",
      "`${name}blank ${numberText(high)} … ██ ${numberText(low)}`",
    ],
  ]),
  ...terminal("style.ts", [["lines.length - most + 1)", "lines.length - most)"]]),
  ...terminal("table.ts", [
    ["counted(skipped,", "counted(rows.length,"],
    ["rowLines.splice(mostRows - lastRows,", "rowLines.splice(mostRows,"],
    ['.align === "right" ? padStart', '.align === "left" ? padStart'],
  ]),
  ...terminal("text.ts", [
    ["Math.abs(measured - expected) <= spread", "Math.abs(measured - expected) < spread"],
    ["outside of what is written`;", "as it is written`;"],
  ]),
];
