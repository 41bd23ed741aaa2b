/** A message and its answer, whose words are shown as they come. */

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { answer, api } from "@/api/client";
import { ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";

export type ChatReply = Schema<"ChatReply">;

interface Said {
  message: string;
  session_id: string | null;
}

/**
 * Says something, and answers with the whole reply.
 *
 * `onText` is told all the words so far, as often as more of them come.
 */
export async function say(
  body: Said,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<ChatReply> {
  const headers = { Accept: "text/event-stream" };
  const request = api.POST("/chat/message", {
    body: { ...body, stream: true },
    headers,
    parseAs: "stream",
    signal,
  });
  const stream = (await answer(request)) as ReadableStream<Uint8Array> | null;
  if (!stream) throw cut();
  return read(stream, onText);
}

/** Reads a stream of `words`, `instead` and at last `reply`. */
export async function read(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<ChatReply> {
  let text = "";
  let reply: ChatReply | null = null;

  function take({ event, data }: EventSourceMessage): void {
    if (event === "reply") {
      reply = JSON.parse(data) as ChatReply;
      return;
    }
    const piece = (JSON.parse(data) as { text: string }).text;
    text = event === "instead" ? piece : text + piece;
    onText(text);
  }

  const parser = createParser({ onEvent: take });
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- what comes next is not there yet
    const { done, value } = await reader.read();
    if (done) break;
    parser.feed(decoder.decode(value, { stream: true }));
  }
  if (!reply) throw cut();
  return reply;
}

function cut(): ApiFault {
  return new ApiFault("network", "the answer ended before it was whole");
}
