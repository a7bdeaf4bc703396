// The folder of this package: two above this file, as a source and built.

/** The package's folder. */
export const packageRoot = (): URL => new URL("../../", import.meta.url);
