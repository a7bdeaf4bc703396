// One's own network: makes it, trains it, and hands what the laboratory says to the page, at most once a frame.

import { batch } from "@preact/signals";
import { startingWith } from "../lab/defaults.ts";
import type { DataSettings, Lab, Opened, Progress, Settings } from "../lab/lab.ts";
import { settingsOf } from "../lab/link.ts";
import { Curves } from "./record.ts";
import {
  announcement,
  choices,
  curves,
  failure,
  isBusy,
  isTraining,
  mistakes,
  opened,
  progress,
  settings,
  weight,
  weightHistory,
} from "./state.ts";

/** What the page starts with where a link says nothing. */
const FIRST_DATA: DataSettings = startingWith("moons").data;
/** After a keystroke, how long one may go on typing before the network is made anew, in milliseconds. */
const PATIENCE = 250;
/** Seconds between two announcements to screen readers. */
const BETWEEN_ANNOUNCEMENTS = 6;
/** Milliseconds between two pictures where a person asked for little motion. */
const BETWEEN_CALM_PICTURES = 1000;
const wantsCalm = matchMedia("(prefers-reduced-motion: reduce)");
/** Steps of a link are made again in parts, so that the page can show them. */
const PART = 500;

/** Work on one network in the laboratory. */
export class Session {
  readonly lab: Lab;
  /** Counts the networks that were opened: what is said of an earlier one is let go. */
  #generation = 0;
  #newest: Progress | undefined;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #announcedAt = 0;
  #shownAt = 0;
  #isStarted = false;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** Opens what a link says, or moons. A second call does nothing. */
  async start(link: string | undefined, steps: number): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#attempt("start", async () => {
      choices.value = await this.lab.choices();
      await this.openLink(link, steps);
    });
  }

  /** Opens the settings of a link and makes so many steps of training. */
  async openLink(link: string | undefined, steps: number): Promise<void> {
    const found = link === undefined ? await this.lab.suggest(FIRST_DATA) : settingsOf(link);
    if ("mistakes" in found) {
      mistakes.value = found.mistakes;
      failure.value = `This link can't be opened: ${found.mistakes.map(({ message }) => message).join("; ")}. Here is the network that the page starts with.`;
      await this.openLink(undefined, 0);
      return;
    }
    settings.value = found;
    await this.#open(steps);
  }

  /** Changes settings; the network is made anew a moment later, or at once. */
  change(part: Partial<Settings>, when: "soon" | "now" = "soon"): void {
    settings.value = { ...settings.value!, ...part };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(0), when === "now" ? 0 : PATIENCE);
  }

  /**
   * Takes other data, and settings that suit them. Where they have mistakes, these are shown and nothing else changes.
   * With `keeps`, the other settings stay where the loss suits the data already, as when a table is edited.
   */
  async chooseData(data: DataSettings, keeps = false): Promise<void> {
    clearTimeout(this.#timer);
    await this.#attempt("choose data", async () => {
      // What is shown follows the choice, even where the data have mistakes.
      settings.value = { ...settings.value!, data };
      const found = await this.lab.suggest(data);
      if (settings.value.data !== data) return;
      if ("mistakes" in found) {
        mistakes.value = found.mistakes;
        return;
      }
      settings.value = keeps && found.loss === settings.value.loss ? { ...settings.value, data } : found;
      await this.#open(0);
    });
  }

  /** Starts training, or stops it. */
  async toggle(): Promise<void> {
    if (isTraining.value) await this.#pause();
    else this.#train();
  }

  /** Makes so many steps and stops. */
  async steps(count: number): Promise<void> {
    if (isTraining.value) await this.#pause();
    await this.#attempt("train", async () => {
      this.#show(await this.lab.steps(count));
      this.announce(true);
    });
  }

  /** Begins again from the first weights. */
  restart(): Promise<void> {
    return this.#open(0);
  }

  /** Fetches the history of the weight that is chosen. */
  async lookAtWeight(): Promise<void> {
    const { layer, from, to } = weight.value;
    const generation = this.#generation;
    await this.#attempt("look at a weight", async () => {
      const history = await this.lab.weight(layer, from, to);
      const now = weight.value;
      if (generation === this.#generation && now.layer === layer && now.from === from && now.to === to)
        weightHistory.value = history;
    });
  }

  /** Tells screen readers how far training has come, unless they were told a moment ago. */
  announce(isAsked = false): void {
    const now = performance.now();
    const at = progress.value;
    if (at === undefined || (!isAsked && now - this.#announcedAt < 1000 * BETWEEN_ANNOUNCEMENTS)) return;
    this.#announcedAt = now;
    const accuracy =
      at.testAccuracy === undefined
        ? ""
        : `, ${(100 * at.testAccuracy).toFixed(0)} % of the test samples right`;
    announcement.value = `Step ${at.step}: training loss ${at.trainingLoss.toPrecision(3)}, test loss ${at.testLoss.toPrecision(3)}${accuracy}.${at.ended === undefined ? "" : ` ${at.ended}`}`;
  }

  async #open(steps: number): Promise<void> {
    const wanted = settings.value!;
    const goesOn = isTraining.value;
    if (goesOn) await this.#pause();
    const mine = ++this.#generation;
    isBusy.value = true;
    await this.#attempt("open", async () => {
      const answer = await this.lab.open(wanted);
      if (mine !== this.#generation) return;
      if ("mistakes" in answer) {
        mistakes.value = answer.mistakes;
        return;
      }
      this.#begin(answer);
      for (let left = steps; left > 0 && mine === this.#generation; left -= PART) {
        const after = await this.lab.steps(Math.min(left, PART));
        if (mine !== this.#generation) return;
        this.#show(after);
        if (after.ended !== undefined) break;
      }
      if (goesOn && mine === this.#generation) this.#train();
    });
    if (mine === this.#generation) isBusy.value = false;
  }

  #begin(answer: Opened): void {
    batch(() => {
      mistakes.value = [];
      opened.value = answer;
      weightHistory.value = undefined;
      const { layer, from, to } = weight.value;
      const matrix = answer.progress.layers[layer]?.weight;
      if (matrix?.[from]?.[to] === undefined) weight.value = { layer: 0, from: 0, to: 0 };
      curves.value = new Curves();
      progress.value = undefined;
      this.#show(answer.progress);
    });
  }

  #train(): void {
    const mine = this.#generation;
    isTraining.value = true;
    this.#announcedAt = performance.now();
    announcement.value = "Training.";
    const receive = (newest: Progress) => {
      if (mine !== this.#generation) return;
      this.#newest = newest;
      if (this.#frame !== 0) return;
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        if (this.#newest === undefined || mine !== this.#generation) return;
        const { ended } = this.#newest;
        const isTooSoon = wantsCalm.matches && performance.now() - this.#shownAt < BETWEEN_CALM_PICTURES;
        if (isTooSoon && ended === undefined) return;
        this.#show(this.#newest);
        if (ended !== undefined) isTraining.value = false;
        this.announce(ended !== undefined);
      });
    };
    void this.#attempt("train", () => this.lab.train(receive));
  }

  async #pause(): Promise<void> {
    isTraining.value = false;
    await this.#attempt("pause", async () => {
      const last = await this.lab.pause();
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
      this.#show(last);
      this.announce(true);
    });
  }

  #show(newest: Progress): void {
    this.#newest = undefined;
    this.#shownAt = performance.now();
    // A picture of the field is not sent with every progress; the last one stands until then.
    const field = newest.field ?? progress.value?.field;
    const predictions = newest.predictions ?? progress.value?.predictions;
    const before = progress.value?.layers;
    const layers = newest.layers.map((layer, l) => {
      const { weight: known, gradient } = before?.[l] ?? {};
      // Nor are the weights of a large network while it trains.
      if (layer.weight !== undefined || known === undefined) return layer;
      return { ...layer, weight: known, ...(gradient === undefined ? {} : { gradient }) };
    });
    curves.value.add(newest);
    progress.value = {
      ...newest,
      layers,
      ...(field === undefined ? {} : { field }),
      ...(predictions === undefined ? {} : { predictions }),
    };
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      isTraining.value = false;
      isBusy.value = false;
      failure.value = `The laboratory could not ${what}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
