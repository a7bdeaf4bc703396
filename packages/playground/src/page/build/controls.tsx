// Training, stepping, sharing and exporting.

import { useState } from "preact/hooks";
import { writeAddress } from "../address.ts";
import { countText } from "../draw/numbers.ts";
import { MOST_STEPS } from "../place.ts";
import { save, savedDrawings } from "../save.ts";
import type { Session } from "../session.ts";
import { announcement, failure, isBusy, isTraining, mistakes, opened, progress } from "../state.ts";

/** The bar above everything, which stays while one scrolls. */
export function Controls({ session }: { readonly session: Session }) {
  const isStopped = mistakes.value.length > 0 || isBusy.value;
  return (
    <section class="controls" aria-label="Train and share">
      <button
        type="button"
        class="primary train"
        disabled={isStopped && !isTraining.value}
        onClick={() => void session.toggle()}
      >
        {isTraining.value ? "Pause" : "Train"}
      </button>
      <button type="button" disabled={isStopped} onClick={() => void session.steps(1)}>
        One step
      </button>
      <button type="button" disabled={isStopped} onClick={() => void session.steps(100)}>
        100 steps
      </button>
      <button type="button" disabled={isStopped} onClick={() => void session.restart()}>
        Restart
      </button>
      <span class="rest">
        <Share />
        <Export session={session} />
      </span>
    </section>
  );
}

/** How far training has come, how fast, and what runs it. */
export function Status() {
  const at = progress.value!;
  return (
    <>
      <dl class="status">
        <Fact name="step" value={countText(at.step)} />
        <Fact name="epoch" value={countText(at.epoch)} />
        <Fact name="steps per second" value={at.stepsPerSecond > 0 ? countText(at.stepsPerSecond) : "–"} />
        <Fact name="runs as" value={opened.value!.runsAs} />
      </dl>
      {at.ended !== undefined && (
        <p class="ended" role="alert">
          Training has stopped: {at.ended}
        </p>
      )}
      {mistakes.value.length > 0 && (
        <p class="ended">
          The settings have a mistake; what is shown is the network before: {mistakes.value[0]!.message}
        </p>
      )}
    </>
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** Links longer than this are cut by some programs. */
const LONG = 8_000;

function Share() {
  const [link, setLink] = useState("");
  const [note, setNote] = useState("");
  const share = async () => {
    writeAddress();
    const { href } = location;
    const warning = [
      href.length > LONG ? "It is long; some programs cut such links." : "",
      (progress.value?.step ?? 0) > MOST_STEPS
        ? `Whoever opens it makes the first ${countText(MOST_STEPS)} steps of training.`
        : "",
    ].join(" ");
    setNote(warning.trim());
    try {
      await navigator.clipboard.writeText(href);
      announcement.value = `The link was copied. ${warning}`;
      setLink("copied");
      setTimeout(() => setLink(""), 2500);
    } catch {
      // Where the browser keeps the clipboard to itself, the link is shown.
      setLink(href);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void share()}>
        {link === "copied" ? "Link copied" : "Share"}
      </button>
      {note !== "" && <p class="hint">{note}</p>}
      {link !== "" && link !== "copied" && (
        <label class="link">
          link
          <input type="text" readOnly value={link} onFocus={({ currentTarget }) => currentTarget.select()} />
        </label>
      )}
    </>
  );
}

const FILES = [
  ["code", "Code for @adjoint/nn"],
  ["safetensors", "Weights (safetensors)"],
  ["curves", "Curves (CSV)"],
] as const;

function Export({ session }: { readonly session: Session }) {
  const take = async (what: (typeof FILES)[number][0]) => {
    try {
      save(await session.lab.exported(what));
    } catch (error) {
      failure.value = `The file could not be made: ${String(error)}`;
    }
  };
  const drawings = () => {
    const charts = [...document.querySelectorAll<SVGSVGElement>(".chart-panel svg.chart")];
    save(savedDrawings(charts, "curves.svg"));
  };
  return (
    <details class="export">
      <summary>Export</summary>
      <div class="menu">
        {FILES.map(([what, title]) => (
          <button type="button" key={what} onClick={() => void take(what)}>
            {title}
          </button>
        ))}
        <button type="button" onClick={drawings}>
          Curves (SVG)
        </button>
      </div>
    </details>
  );
}
