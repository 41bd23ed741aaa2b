/** A run as its events change it. */

import type { Run, RunDetail, RunEvent, RunStatus } from "@/api/types";

const ENDED: ReadonlySet<RunStatus> = new Set(["completed", "failed", "stopped"]);
const RESUMABLE: ReadonlySet<RunStatus> = new Set(["paused", "failed", "stopped"]);
const TRAINING: ReadonlySet<RunStatus> = new Set(["running", "pausing", "lost"]);

export const hasEnded = (status: RunStatus) => ENDED.has(status);
/** The trainer is at work, or is believed to be. */
export const isTraining = (status: RunStatus) => TRAINING.has(status);

/** What may be asked of a run in a status. */
export function allowed(status: RunStatus) {
  return {
    stop: !ENDED.has(status),
    pause: status === "running",
    resume: RESUMABLE.has(status),
    delete: ENDED.has(status),
  };
}

/** How much of its attempt is done, 0 to 1; null while nobody knows. */
export function shareDone({ progress }: Pick<Run, "progress">): number | null {
  if (!progress?.total || progress.step === null) return null;
  return Math.min(progress.step / progress.total, 1);
}

/** The run after an event. */
export function withEvent(run: RunDetail, event: RunEvent): RunDetail {
  const next: RunDetail = { ...run, last_seq: event.seq, updated_at: event.timestamp };
  switch (event.type) {
    case "status_changed":
      return withStatus(next, event);
    case "training_progress":
      return {
        ...next,
        progress: event.data,
        metrics: { ...run.metrics, ...event.data.metrics },
      };
    case "metrics":
      return {
        ...next,
        metrics: {
          ...run.metrics,
          ...Object.fromEntries(event.data.points.map((point) => [point.name, point.value])),
        },
      };
    default:
      return next;
  }
}

/** Whether only the server knows what the run is after an event, so that it is to be asked. */
export function needsReload(event: RunEvent): boolean {
  return event.type === "status_changed";
}

function withStatus(run: RunDetail, event: Extract<RunEvent, { type: "status_changed" }>): RunDetail {
  const { status, reason, queue_position } = event.data;
  const isNew = event.attempt > run.attempt;
  return {
    ...run,
    status,
    reason,
    queue_position,
    attempt: Math.max(run.attempt, event.attempt),
    started_at: status === "running" ? (isNew ? event.timestamp : (run.started_at ?? event.timestamp)) : run.started_at,
    ended_at: ENDED.has(status) ? event.timestamp : null,
    error: isNew ? null : run.error,
  };
}
