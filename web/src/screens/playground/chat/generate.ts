/** One answer of a language model, whose words are told as they come. */

import { answer, api } from "@/api/client";
import { ApiFault, faultFrom } from "@/api/errors";
import { eachLine } from "@/api/lines";
import type { Schema } from "@/api/types";

export type Generated = Schema<"Generated">;

type Line = { delta: string } | { answer: Generated } | { error: unknown };

/**
 * Asks a run's model to go on with a conversation, and answers with what it made.
 *
 * `onText` is told each piece of the text. To abort ends the work of the model, too.
 */
export async function generate(
  runId: string,
  body: Schema<"GenerateRequest">,
  onText: (piece: string) => void,
  signal: AbortSignal,
): Promise<Generated> {
  const request = api.POST("/inference/{run_id}/chat", {
    params: { path: { run_id: runId } },
    body,
    headers: { Accept: "application/x-ndjson" },
    parseAs: "stream",
    signal,
  });
  const stream = (await answer(request)) as ReadableStream<Uint8Array> | null;
  if (!stream) throw cut();
  return read(stream, onText);
}

/** Reads lines of `delta`, the last of which is `answer` or `error`. */
export async function read(
  stream: ReadableStream<Uint8Array>,
  onText: (piece: string) => void,
): Promise<Generated> {
  let made: Generated | null = null;

  await eachLine(stream, (lines) => {
    let piece = "";
    for (const line of lines) {
      const said = JSON.parse(line) as Line;
      if ("error" in said) throw faultFrom(0, line, () => null);
      if ("answer" in said) made = said.answer;
      else piece += said.delta;
    }
    if (piece) onText(piece);
  });
  if (!made) throw cut();
  return made;
}

function cut(): ApiFault {
  return new ApiFault("network", "the answer ended before it was whole");
}
