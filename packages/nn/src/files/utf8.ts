// Text as bytes and back, through the encoder that every JavaScript engine of today has, declared here so that no DOM types
// are needed.

interface TextInterface {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    encoding: "utf-8",
    options: { fatal: true; ignoreBOM: true },
  ) => { decode(bytes: Uint8Array): string };
}

const host = globalThis as unknown as TextInterface;

/** Whether a text has a form in UTF-8: half of a surrogate pair by itself has none. */
export const isUnicode = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** A text in UTF-8. */
export const encoded = (text: string): Uint8Array => new host.TextEncoder().encode(text);

/** The text of bytes in UTF-8. Throws TypeError where they are none. */
export const decoded = (bytes: Uint8Array): string =>
  new host.TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
