/** Bodies that come line by line. */

/**
 * Tells of the lines of a body as they come: those that became whole together, together.
 *
 * What follows the last line break is none: the body was cut within it.
 */
export async function eachLine(
  stream: ReadableStream<Uint8Array>,
  onLines: (lines: string[]) => void,
): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- what comes next is not there yet
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      const said = lines.filter((line) => line.trim() !== "");
      if (said.length > 0) onLines(said);
    }
  } finally {
    // nobody reads on after a failure
    await reader.cancel().catch(() => undefined);
  }
}
