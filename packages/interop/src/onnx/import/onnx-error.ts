// What is thrown for a file that is damaged, or asks for what can't be done here.

/** An ONNX file that can't be read, or a graph that can't be run as it is. Its message says at which node, value or field. */
export class OnnxError extends Error {
  override readonly name = "OnnxError";
}

/** The longest text of a file that is repeated in a message. */
const LONGEST = 80;

/** A text of the file as it stands in a message: in quotes, without control characters, and not endless. */
export function quoted(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(short);
}

/** Throws OnnxError. */
export function refuse(message: string): never {
  throw new OnnxError(message);
}

/** What a function gives; an error in it gets a place in front of its message, unless it has it already. */
export function at<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && !error.message.startsWith(place))
      error.message = `${place}: ${error.message}`;
    throw error;
  }
}
