/** A model that answers when a test says so. */

import { vi } from "vitest";
import type { Generated } from "@/screens/playground/chat/generate";

const encoder = new TextEncoder();

export function generated(text: string, parts: Partial<Generated> = {}): Generated {
  return {
    run_id: "run_1",
    text,
    finish_reason: "stop",
    prompt_tokens: 4,
    completion_tokens: 2,
    inference_time_ms: 20,
    first_token_ms: 8,
    tokens_per_second: 100,
    model_version: "1",
    ...parts,
  };
}

export interface Asked {
  runId: string;
  body: { messages: { role: string; content: string }[]; max_tokens: number };
  signal: AbortSignal;
  /** Tells of a line; the stream ends with an answer or an error. */
  tell: (line: unknown) => void;
  end: (text: string) => void;
}

/** Stands for the network: each question waits for what the test answers. */
export function models(): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const runId = /inference\/([^/]+)\/chat$/.exec(new URL(request.url).pathname)?.[1] ?? "";
    const body = (await request.json()) as Asked["body"];
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: (made) => void (controller = made) });
    const tell = (line: unknown) => controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
    const end = (text: string) => {
      tell({ answer: generated(text, { run_id: runId }) });
      controller.close();
    };
    request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
    asked.push({ runId, body, signal: request.signal, tell, end });
    return new Response(stream, { headers: { "Content-Type": "application/x-ndjson" } });
  });
  return asked;
}
