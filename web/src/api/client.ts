/** The API over the browser's session cookie, typed by the server's own schema. */

import createClient from "openapi-fetch";
import { asFault, faultOf } from "@/api/errors";
import type { paths } from "@/api/schema";

export const BASE = "/api/v1";
// absolute, so that it is a valid address wherever a Request is made
const ROOT = new URL(BASE, location.origin).href;

/** Resolves when somebody has signed in again, rejects when nobody will. */
type Gate = (signal: AbortSignal) => Promise<void>;

let gate: Gate | null = null;

/** Has requests that are refused with 401 wait for `wait`, and asked once more after it. */
export function waitWhenSignedOut(wait: Gate | null): void {
  gate = wait;
}

// signing in and out, and asking who is: a refusal is their answer
const UNGUARDED = /\/auth\/(me|token|session|sign-in)$/;

async function send(request: Request): Promise<Response> {
  const again = gate && !UNGUARDED.test(new URL(request.url).pathname) ? request.clone() : null;
  const response = await fetch(request);
  if (response.status !== 401 || !again || !gate) return response;
  await gate(request.signal);
  return fetch(again);
}

/**
 * Typed requests: `api.GET("/runs/{run_id}", { params: { path: { run_id } }, signal })`.
 *
 * Every failure is thrown as an `ApiFault`; wrap a request in `answer` for its body alone.
 */
export const api = createClient<paths>({
  baseUrl: ROOT,
  credentials: "same-origin",
  fetch: send,
  // `tag=a&tag=b`, as the server reads lists
  querySerializer: { array: { style: "form", explode: true } },
});

api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await faultOf(response);
  },
  onError({ error }) {
    return asFault(error);
  },
});

/** The body of an answer: `const run = await answer(api.GET(…))`. */
export async function answer<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  try {
    const { data } = await request;
    // a fault was thrown before; what has no body answers with undefined, as its type says
    return data as T;
  } catch (error) {
    throw asFault(error);
  }
}

/** The status of a GET, 0 where nobody answers; never waits for a sign-in. */
export async function probe(path: string, signal: AbortSignal = AbortSignal.timeout(10_000)) {
  try {
    return (await fetch(ROOT + path, { credentials: "same-origin", signal })).status;
  } catch {
    return 0;
  }
}
