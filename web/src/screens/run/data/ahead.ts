/** What a run's page begins with, asked for while its parts are loaded. */

import { answerAhead } from "@/api/ahead";
import { answer, api } from "@/api/client";
import type { RunDetail } from "@/api/types";

/** All curves, in about as many points as a chart has pixels. */
export const WHOLE = { buckets: 1000, limit: 100_000 };

export const askRun = (run_id: string, signal: AbortSignal | null = null) =>
  answer(api.GET("/runs/{run_id}", { params: { path: { run_id }, query: { trashed: true } }, signal }));

export const runAhead = answerAhead(askRun);

/** By the run's state: what happens between the answer and its taking would be in neither. */
export const curvesAhead = answerAhead((state) => {
  const run_id = state.split(" ")[0] ?? "";
  return answer(api.GET("/runs/{run_id}/metrics", { params: { path: { run_id }, query: WHOLE } }));
});

export const stateOf = ({ id, last_seq: seq }: RunDetail) => `${id} ${seq}`;

/** Curves follow the run: what comes after its last event is told by its stream. */
export function askAhead(ref: string, withCurves: boolean): void {
  const run = runAhead.begin(ref);
  if (withCurves) void run.then((found) => curvesAhead.begin(stateOf(found))).catch(() => undefined);
}
