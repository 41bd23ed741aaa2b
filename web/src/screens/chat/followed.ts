/** A run as its events change it. */

import type { RunDetail, RunEvent } from "@/api/types";

const ENDS = new Set(["completed", "failed", "stopped"]);

/** The run after one more event. */
export function followed(run: RunDetail, event: RunEvent): RunDetail {
  switch (event.type) {
    case "status_changed": {
      const { status } = event.data;
      const ended_at = ENDS.has(status) ? event.timestamp : null;
      return { ...run, status, ended_at };
    }
    case "training_progress": {
      const metrics = { ...run.metrics, ...event.data.metrics };
      return { ...run, progress: event.data, metrics };
    }
    case "training_error":
      return { ...run, error: { ...event.data, faults: [], stage: null } };
    default:
      return run;
  }
}
