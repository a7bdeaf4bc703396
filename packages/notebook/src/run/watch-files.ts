// Notices when files change.

import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

export interface FileWatch {
  /** The files to look at from now on, by absolute path. */
  set(files: readonly string[]): void;
  close(): void;
}

/** Milliseconds: an editor's save may be several changes; and how often to look where the system tells nothing, as on some network disks. */
const [SETTLED, EVERY] = [20, 1000];

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Editors put a new file in the place of the old one; in between there is none.
    return undefined;
  }
};

/** Calls back with each file whose text is another than before, and the text. Folders are watched, since editors replace files. */
export function watchFiles(onChange: (file: string, text: string) => void): FileWatch {
  const texts = new Map<string, string | undefined>();
  const folders = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    timer = undefined;
    for (const [file, before] of texts) {
      const text = textOf(file);
      if (text === undefined || text === before) continue;
      texts.set(file, text);
      onChange(file, text);
    }
  };
  const regular = setInterval(look, EVERY);
  return {
    set(files) {
      for (const file of texts.keys()) if (!files.includes(file)) texts.delete(file);
      for (const file of files) if (!texts.has(file)) texts.set(file, textOf(file));
      const wanted = new Set(files.map((file) => dirname(file)));
      for (const [folder, watcher] of folders)
        if (!wanted.has(folder)) {
          watcher.close();
          folders.delete(folder);
        }
      for (const folder of wanted) {
        if (folders.has(folder)) continue;
        try {
          const watcher = watch(folder, (_, name) => {
            if (name !== null && ![...texts.keys()].some((file) => basename(file) === name)) return;
            timer ??= setTimeout(look, SETTLED);
          });
          watcher.on("error", () => {});
          folders.set(folder, watcher);
        } catch {
          // Looked at regularly all the same.
        }
      }
    },
    close() {
      clearInterval(regular);
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
    },
  };
}
