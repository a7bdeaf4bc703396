// A field for one's own activation. What is wrong is underlined at its place while one types.

import { useId, useRef } from "preact/hooks";
import type { Lab } from "../../lab/lab.ts";
import { FactsList, useFacts } from "./facts.tsx";
import { MistakeText, mistakeAt } from "./fields.tsx";

/** The field with its facts. */
export function FormulaField({
  lab,
  label,
  field,
  value,
  onChange,
}: {
  readonly lab: Lab;
  readonly label: string;
  readonly field: string;
  readonly value: string;
  readonly onChange: (formula: string) => void;
}) {
  const id = useId();
  const behind = useRef<HTMLDivElement>(null);
  const known = useFacts(lab, value, true);
  const mistake = known.mistake ?? (known.facts === undefined ? mistakeAt(field) : undefined);
  const from = Math.min(mistake?.from ?? 0, value.length);
  const to = mistake?.to ?? value.length;
  return (
    <div class="field wide formula">
      <label for={id}>{label}</label>
      <div class="underlined">
        <div class="behind" ref={behind} aria-hidden="true">
          {value.slice(0, from)}
          {mistake !== undefined && <mark>{value.slice(from, to) || " "}</mark>}
          {value.slice(to)}
        </div>
        <input
          id={id}
          type="text"
          value={value}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          aria-invalid={mistake !== undefined}
          aria-describedby={`${id}-mistake ${id}-hint`}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
          onScroll={({ currentTarget }) => {
            behind.current!.scrollLeft = currentTarget.scrollLeft;
          }}
        />
      </div>
      <MistakeText id={`${id}-mistake`} mistake={mistake} />
      {mistake?.from !== undefined && (
        <p class="hint">
          at character {mistake.from + 1}
          {(mistake.to ?? 0) > mistake.from + 1 && ` to ${mistake.to}`}
        </p>
      )}
      <p class="hint" id={`${id}-hint`}>
        A formula of x, such as x * logistic(x). It is parsed, never run as code.
      </p>
      <FactsList known={known} />
    </div>
  );
}
