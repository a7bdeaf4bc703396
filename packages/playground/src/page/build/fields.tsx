// Fields of the settings. Each shows the mistakes of its own path below itself, and points to them.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Choice, Mistake } from "../../lab/lab.ts";
import { mistakes } from "../state.ts";

/** The first mistake of a path into the settings. */
export const mistakeAt = (field: string): Mistake | undefined =>
  mistakes.value.find((mistake) => mistake.field === field);

/** A mistake in words, or nothing. */
export function MistakeText({ id, mistake }: { readonly id: string; readonly mistake: Mistake | undefined }) {
  return (
    <p
      class="mistake"
      id={id}
      role={mistake === undefined ? undefined : "alert"}
      hidden={mistake === undefined}
    >
      {mistake?.line !== undefined && `Line ${mistake.line}: `}
      {mistake?.message}
    </p>
  );
}

export interface NumberFieldProps {
  readonly label: ComponentChildren;
  /** The path of the field into the settings. */
  readonly field: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | "any";
  readonly hint?: string;
  readonly onChange: (value: number) => void;
}

/** A number. What is typed stays as it is typed; what is no number is a mistake, which the laboratory names. */
export function NumberField({
  label,
  field,
  value,
  min,
  max,
  step = "any",
  hint,
  onChange,
}: NumberFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => {
    if (!Object.is(Number(text.trim() === "" ? Number.NaN : text), value))
      setText(Number.isNaN(value) ? "" : String(value));
    // Only a change from outside replaces what is typed.
  }, [value]);
  const mistake = mistakeAt(field);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        value={text}
        min={min}
        max={max}
        step={step}
        aria-invalid={mistake !== undefined}
        aria-describedby={`${id}-mistake${hint === undefined ? "" : ` ${id}-hint`}`}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          onChange(currentTarget.value.trim() === "" ? Number.NaN : Number(currentTarget.value));
        }}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <MistakeText id={`${id}-mistake`} mistake={mistake} />
    </div>
  );
}

export interface ChoiceFieldProps {
  readonly label: string;
  readonly field: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (name: string) => void;
}

/** One of several, with a sentence about the one that is chosen. */
export function ChoiceField({ label, field, value, choices, onChange }: ChoiceFieldProps) {
  const id = useId();
  const mistake = mistakeAt(field);
  const chosen = choices.find(({ name }) => name === value);
  return (
    <div class="field wide">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={mistake !== undefined}
        aria-describedby={`${id}-about ${id}-mistake`}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {choices.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      <p class="hint" id={`${id}-about`}>
        {chosen?.about}
      </p>
      <MistakeText id={`${id}-mistake`} mistake={mistake} />
    </div>
  );
}
