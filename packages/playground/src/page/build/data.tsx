// The data: drawn sets with small pictures, or a table of one's own.

import { useEffect, useRef, useState } from "preact/hooks";
import { whyTooLarge, whyTooLong } from "../../lab/data/limits.ts";
import { startingWith } from "../../lab/defaults.ts";
import type { DataPicture } from "../../lab/lab.ts";
import { classColour, css } from "../draw/colours.ts";
import { thumbnail } from "../draw/thumbnails.ts";
import type { Session } from "../session.ts";
import { choices, mistakes, opened, settings, table } from "../state.ts";
import { MistakeText, mistakeAt, NumberField } from "./fields.tsx";

/** Names of data that aren't drawn by chance: they have no noise and no number of samples. */
const FIXED = new Set(["grounded", "xor", "digits", "csv"]);
const EXAMPLE =
  "width,height,kind\n1.0,2.1,small\n1.2,1.8,small\n0.8,2.0,small\n3.1,4.2,large\n2.9,4.0,large\n3.3,3.8,large\n";

/** Pictures to choose from, and what belongs to the one that is chosen. */
export function Data({ session }: { readonly session: Session }) {
  const { data } = settings.value!;
  const chosen = choices.value!.data.find(({ name }) => name === data.name);
  return (
    <>
      <fieldset class="thumbnails">
        <legend class="unseen">Data set</legend>
        {choices.value!.data.map(({ name, title }) => (
          <label key={name}>
            <input
              type="radio"
              name="data"
              checked={name === data.name}
              onChange={() =>
                void session.chooseData({
                  ...startingWith(name).data,
                  ...(name === "csv" ? { csv: table.value ?? data.csv ?? EXAMPLE } : {}),
                })
              }
            />
            <Thumbnail name={name} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <p class="hint">{chosen?.about}</p>
      <MistakeText id="data-mistake" mistake={mistakeAt("data") ?? mistakeAt("data.name")} />
      {!FIXED.has(data.name) && (
        <div class="pair">
          <NumberField
            label="noise"
            field="data.noise"
            value={data.noise}
            min={0}
            step={0.05}
            onChange={(noise) => session.change({ data: { ...data, noise } })}
          />
          <NumberField
            label="samples"
            field="data.samples"
            value={data.samples}
            min={10}
            step={10}
            onChange={(samples) => session.change({ data: { ...data, samples } })}
          />
        </div>
      )}
      {data.name === "csv" && <Table session={session} />}
      {opened.value !== undefined && <About data={opened.value.data} />}
    </>
  );
}

function About({ data: { training, test, scaling, source } }: { readonly data: DataPicture }) {
  return (
    <dl class="about">
      <div>
        <dt>samples</dt>
        <dd>
          {training.count} to train, {test.count} to test
        </dd>
      </div>
      <div>
        <dt>scaling</dt>
        <dd>{scaling}</dd>
      </div>
      {source !== undefined && (
        <div>
          <dt>source</dt>
          <dd>{source}</dd>
        </div>
      )}
    </dl>
  );
}

function Thumbnail({ name }: { readonly name: string }) {
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true">
      {thumbnail(name).map(({ x, y, group }, i) =>
        group === 0 ? (
          <circle key={i} cx={4 + 40 * x} cy={4 + 40 * y} r="2.6" fill={css(classColour(0))} />
        ) : (
          <path key={i} d={`M${4 + 40 * x} ${4 + 40 * y - 3.2}l3 5.4h-6z`} fill={css(classColour(1))} />
        ),
      )}
    </svg>
  );
}

function Table({ session }: { readonly session: Session }) {
  const { data } = settings.value!;
  const [text, setText] = useState(data.csv ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  const mistake = mistakeAt("data.csv");
  useEffect(() => setText(data.csv ?? ""), [data.csv]);
  const refused = (message: string | undefined): boolean => {
    if (message !== undefined) mistakes.value = [{ field: "data.csv", message }];
    return message !== undefined;
  };
  const take = (typed: string) => {
    // Half of a surrogate pair can be in no link.
    const csv = new TextDecoder().decode(new TextEncoder().encode(typed));
    setText(csv);
    // A table that is too long would be in the address as well, anew after each keystroke.
    if (refused(whyTooLong(csv.length))) return;
    table.value = csv;
    void session.chooseData({ ...data, csv }, true);
  };
  const read = async (file: File | undefined) => {
    if (file === undefined || refused(whyTooLarge(file.size))) return;
    const read = await file.text();
    // What is too long stays out of the field, which would take seconds to show it.
    if (!refused(whyTooLong(read.length))) take(read);
  };
  const showLine = (line: number) => {
    const lines = text.split("\n");
    const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.current!.focus();
    area.current!.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    area.current!.scrollTop = (line - 3) * (area.current!.scrollHeight / Math.max(1, lines.length));
  };
  return (
    <div class="field wide">
      <label for="csv">your table (CSV): a row of names, then numbers; the last column is the target</label>
      <textarea
        id="csv"
        ref={area}
        rows={7}
        spellcheck={false}
        value={text}
        aria-invalid={mistake !== undefined}
        aria-describedby="csv-mistake"
        onInput={({ currentTarget }) => take(currentTarget.value)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void read(event.dataTransfer?.files[0]);
        }}
      />
      <MistakeText id="csv-mistake" mistake={mistake} />
      {mistake?.line !== undefined && (
        <button type="button" onClick={() => showLine(mistake.line!)}>
          Show line {mistake.line}
        </button>
      )}
      <label class="file">
        or a file, dropped on the field or chosen here
        <input
          type="file"
          accept=".csv,text/csv,text/plain"
          onChange={({ currentTarget }) => void read(currentTarget.files?.[0])}
        />
      </label>
    </div>
  );
}
