// The first screen: the lecture's grounded example, step by step.

import { useEffect } from "preact/hooks";
import type { Lab, Stage } from "../../lab/lab.ts";
import { exactText, shortText } from "../draw/numbers.ts";
import { Equation } from "../equation.tsx";
import { announcement, isExact, stage, stageBefore } from "../state.ts";
import { LessonNetwork } from "./network.tsx";
import { newsOf, showStage, stepBy } from "./steps.ts";
import { NumbersTable } from "./table.tsx";

const PHASES = [
  ["start", "Start"],
  ["feedforward", "Feedforward"],
  ["loss", "Loss"],
  ["backpropagation", "Backpropagation"],
  ["gradient", "Gradient"],
  ["update", "Update"],
] as const;

const BY_KEY: Readonly<Record<string, (lab: Lab) => Promise<void>>> = {
  ArrowRight: (lab) => stepBy(lab, 1),
  ArrowLeft: (lab) => stepBy(lab, -1),
  Home: (lab) => showStage(lab, 0),
};

/** The lesson. Arrow keys step where no field or box that scrolls has the focus. */
export function Lesson({ lab }: { readonly lab: Lab }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, altKey, ctrlKey, metaKey } = event;
      const isElsewhere = (target as Element).closest("input, select, textarea, .equation, .scrolls");
      const action = BY_KEY[event.key];
      if (action === undefined || isElsewhere !== null || altKey || ctrlKey || metaKey) return;
      event.preventDefault();
      void action(lab);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [lab]);
  const now = stage.value;
  useEffect(() => {
    if (now !== undefined) announcement.value = `Step ${now.index + 1}: ${now.title}`;
  }, [now]);
  if (now === undefined) return <p class="waiting">The network is being computed…</p>;
  const news = newsOf(now, stageBefore.value);
  return (
    <div class={isExact.value ? "lesson exact" : "lesson"}>
      <section class="lesson-head" aria-labelledby="stage-title">
        <ol class="phases" aria-label="One pass of training">
          {PHASES.map(([kind, title]) => (
            <li key={kind} aria-current={kind === now.kind ? "step" : undefined}>
              {title}
            </li>
          ))}
        </ol>
        <p class="count">Step {now.index + 1}</p>
        <h2 id="stage-title">{now.title}</h2>
        <div class="buttons">
          <button type="button" class="primary" onClick={() => void stepBy(lab, 1)}>
            Next step
          </button>
          {/* Not disabled, which would take the focus from whoever has stepped back to here by keyboard. */}
          <button type="button" aria-disabled={now.index === 0} onClick={() => void stepBy(lab, -1)}>
            Back
          </button>
          <button type="button" aria-disabled={now.index === 0} onClick={() => void showStage(lab, 0)}>
            From the start
          </button>
          <p class="hint">or the keys ← → Home</p>
        </div>
      </section>
      <figure class="picture">
        <LessonNetwork stage={now} news={news} />
        <figcaption class="key">
          <span class="x">x in the circles</span>
          <span class="d">δ below them</span>
          <span class="w">W on the arrows</span>
          <span class="g">∇ below W</span>
          <span class="new">framed: new in this step</span>
        </figcaption>
      </figure>
      <Explanation lab={lab} now={now} />
      <section class="all-numbers" aria-labelledby="all-numbers">
        <h3 id="all-numbers">All numbers</h3>
        <NumbersTable stage={now} news={news} />
      </section>
    </div>
  );
}

function Explanation({ lab, now }: { readonly lab: Lab; readonly now: Stage }) {
  const { equation, numbers, errata, loss, prediction } = now;
  const text = isExact.value ? exactText : shortText;
  return (
    <section class="explanation" aria-label="What is computed in this step">
      <fieldset class="switch">
        <legend>Digits</legend>
        {[false, true].map((exact) => (
          <label key={String(exact)}>
            <input
              type="radio"
              name="digits"
              checked={isExact.value === exact}
              onChange={() => void showStage(lab, now.index, exact)}
            />
            {exact ? "full precision" : "3 digits"}
          </label>
        ))}
      </fieldset>
      {now.index === 0 && (
        <p>
          The lecture's grounded example: two inputs, two hidden neurons and one output, all with the logistic
          activation. The sample is x = [0, 1] with the target y = 1, the loss the negative logarithm of the
          likelihood, the learning rate ρ = 1. Each step computes one thing, marks it, and shows the equation
          that is used.
        </p>
      )}
      {equation !== undefined && (
        <>
          <h3>Equation</h3>
          <Equation math={equation} label="Equation" />
        </>
      )}
      {numbers !== undefined && (
        <>
          <h3>With its numbers</h3>
          <Equation math={numbers} label="Equation with its numbers" />
        </>
      )}
      {isExact.value && (
        <p class="hint">The drawing keeps 3 digits; all of them are here and in the table.</p>
      )}
      {(prediction !== undefined || loss !== undefined) && (
        <dl class="outcome">
          {prediction !== undefined && (
            <div>
              <dt>prediction ŷ</dt>
              <dd>{prediction.map(text).join(", ")}</dd>
            </div>
          )}
          {loss !== undefined && (
            <div>
              <dt>loss J</dt>
              <dd>{text(loss)}</dd>
            </div>
          )}
        </dl>
      )}
      {errata.length > 0 && (
        <aside class="errata" aria-label="Errata of the slides">
          <h3>Compared with the slides</h3>
          <ul>
            {errata.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </aside>
      )}
    </section>
  );
}
