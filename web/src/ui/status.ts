export const runStatuses = [
  "created",
  "validating",
  "preparing",
  "queued",
  "allocating",
  "running",
  "pausing",
  "paused",
  "completed",
  "failed",
  "stopped",
  "lost",
] as const;

export type RunStatus = (typeof runStatuses)[number];

export function isRunStatus(status: string): status is RunStatus {
  return (runStatuses as readonly string[]).includes(status);
}
