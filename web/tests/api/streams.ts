/** Bodies as they come over a line that cuts them anywhere. */

const encoder = new TextEncoder();

/** A text in pieces of `size` bytes, which may end within a letter. */
export function streamOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = encoder.encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}
