/** What stands for the network in tests: answers by method and path, in order. */

import { vi } from "vitest";

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | "no network";

export function serve(answers: Record<string, Answer | Answer[]>) {
  const asked: { key: string; body: string; request: Request }[] = [];
  const left = new Map(Object.entries(answers).map(([key, value]) => [key, [value].flat()]));

  const fetched = vi.fn(async (input: Request | string, init?: RequestInit) => {
    const request =
      typeof input === "string" ? new Request(new URL(input, location.origin), init) : input;
    const { pathname, search } = new URL(request.url);
    const key = `${request.method} ${pathname.replace("/api/v1", "")}`;
    asked.push({ key: key + search, body: await request.text(), request });
    request.signal?.throwIfAborted();
    const queue = left.get(key) ?? [];
    const next = queue.length > 1 ? queue.shift() : queue[0];
    if (!next) throw new Error(`nobody answers ${key}`);
    if (next === "no network") throw new TypeError("Failed to fetch");
    const { status = 200, body, headers } = next;
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { "Content-Type": "application/json", ...headers },
    });
  });
  vi.stubGlobal("fetch", fetched);
  return { asked, keys: () => asked.map(({ key }) => key) };
}

export const refused = (status: number, code: string) => ({
  status,
  body: { error: { code, message: code, details: {}, request_id: "req_1" } },
});

export const ME = { id: "u_1", name: "kim", role: "user", email: null, disabled: false };
