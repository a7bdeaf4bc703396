// The page's frame: its header, the two modes, and what is said aloud.

import { Build } from "./build/build.tsx";
import { Lesson } from "./lesson/lesson.tsx";
import type { Session } from "./session.ts";
import { announcement, failure, mode } from "./state.ts";

const MODES = [
  ["lesson", "The lesson"],
  ["build", "Build your own"],
] as const;

/** The whole page. */
export function App({ session }: { readonly session: Session }) {
  return (
    <>
      <header class="top">
        <h1>
          Adjoint <span>playground</span>
        </h1>
        <nav class="modes" aria-label="Modes">
          {MODES.map(([name, title]) => (
            <button
              type="button"
              key={name}
              aria-current={mode.value === name ? "page" : undefined}
              onClick={() => {
                mode.value = name;
              }}
            >
              {title}
            </button>
          ))}
        </nav>
      </header>
      {failure.value !== "" && (
        <div class="failure" role="alert">
          <p>{failure.value}</p>
          <button
            type="button"
            onClick={() => {
              failure.value = "";
            }}
          >
            Close
          </button>
        </div>
      )}
      <main>{mode.value === "lesson" ? <Lesson lab={session.lab} /> : <Build session={session} />}</main>
      <p class="unseen" aria-live="polite">
        {announcement.value}
      </p>
    </>
  );
}
