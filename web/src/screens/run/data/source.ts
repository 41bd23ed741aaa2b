/** Where the page of a run reads it: for somebody signed in, or for whoever has a link to it. */

import { answer, api } from "@/api/client";
import type { RunDetail, Schema } from "@/api/types";
import type { operations } from "@/api/schema";
import { runPlace, sharedPlace, type StreamPlace } from "@/live/run-stream";
import { askRun, runAhead } from "./ahead";

type CurveQuery = NonNullable<
  operations["metrics_api_v1_runs__run_id__metrics_get"]["parameters"]["query"]
>;
type LogQuery = NonNullable<operations["logs_api_v1_runs__run_id__logs_get"]["parameters"]["query"]>;
type LogPart = Schema<"LogChunk"> | Schema<"LogMatches">;

export interface RunSource {
  /** By a link: nothing can be done, and not everything is told. */
  isShared: boolean;
  run: (signal: AbortSignal) => Promise<RunDetail>;
  metrics: (runId: string, query: CurveQuery, signal: AbortSignal) => Promise<Schema<"MetricsView">>;
  result: (runId: string, signal: AbortSignal) => Promise<Schema<"Result">>;
  logs: (runId: string, query: LogQuery, signal: AbortSignal) => Promise<LogPart>;
  place: (runId: string) => StreamPlace;
}

/** A run by its id or name. */
export function ownSource(ref: string): RunSource {
  const at = (run_id: string) => ({ path: { run_id } });
  return {
    isShared: false,
    run: (signal) => runAhead.take(ref) ?? askRun(ref, signal),
    metrics: (id, query, signal) => answer(api.GET("/runs/{run_id}/metrics", { params: { ...at(id), query }, signal })),
    result: (id, signal) => answer(api.GET("/runs/{run_id}/result", { params: at(id), signal })),
    logs: (id, query, signal) =>
      // the schema has three kinds of answer; as JSON it is one of these
      answer(api.GET("/runs/{run_id}/logs", { params: { ...at(id), query }, signal })) as Promise<LogPart>,
    place: runPlace,
  };
}

/** The run that a link shows. `onRun` hears what is told of the link with it. */
export function sharedSource(token: string, onRun: (run: Schema<"SharedRun">) => void): RunSource {
  const path = { token };
  return {
    isShared: true,
    run: async (signal) => {
      const run = await answer(api.GET("/shared/{token}", { params: { path }, signal }));
      onRun(run);
      return detailOf(run);
    },
    metrics: (_, query, signal) => answer(api.GET("/shared/{token}/metrics", { params: { path, query }, signal })),
    result: (_, signal) => answer(api.GET("/shared/{token}/result", { params: { path }, signal })),
    logs: (_, query, signal) =>
      answer(api.GET("/shared/{token}/logs", { params: { path, query }, signal })) as Promise<LogPart>,
    place: () => sharedPlace(token),
  };
}

/** A shared run as the page takes it: what is not told is not there. */
function detailOf(run: Schema<"SharedRun">): RunDetail {
  return {
    ...run,
    target: "local",
    owner_id: null,
    project_id: null,
    tags: [],
    notes: null,
    sentence: null,
    trashed_at: null,
    origin: {},
    report: null,
    url: null,
  };
}
