// Texts of the file, through the decoder that every JavaScript engine of today has, declared here so that no DOM types are needed.

interface TextInterface {
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string };
}

/** The text of bytes in UTF-8; what is none becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string =>
  new (globalThis as unknown as TextInterface).TextDecoder().decode(bytes);
