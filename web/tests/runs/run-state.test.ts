import { describe, expect, it } from "vitest";
import type { RunDetail, RunEvent } from "@/api/types";
import { allowed, hasEnded, withEvent } from "@/runs/run-state";

const run = {
  id: "r", status: "queued", attempt: 1, metrics: { "val/loss": 0.5 }, queue_position: 2, reason: null,
  error: null, started_at: null, ended_at: null, last_seq: 4,
} as unknown as RunDetail;

function event(type: string, data: object, more: object = {}): RunEvent {
  return { type, data, run_id: "r", attempt: 1, seq: 5, timestamp: "2026-01-01T00:00:10Z", ...more } as RunEvent;
}

describe("a run", () => {
  it("starts when it is said to run", () => {
    const next = withEvent(run, event("status_changed", { status: "running", queue_position: null, reason: null }));
    expect([next.status, next.queue_position, next.started_at, next.last_seq]).toEqual(["running", null, "2026-01-01T00:00:10Z", 5]);
    expect(run.status).toBe("queued");
  });

  it("forgets why it failed when the next attempt begins", () => {
    const failed = { ...run, status: "failed", error: { code: "nan" }, ended_at: "2026-01-01T00:00:00Z" } as RunDetail;
    const next = withEvent(failed, event("status_changed", { status: "queued", queue_position: 1 }, { attempt: 2 }));
    expect([next.error, next.attempt, next.ended_at]).toEqual([null, 2, null]);
  });

  it("keeps the newest of each metric", () => {
    const points = [{ name: "train/loss", value: 2 }, { name: "train/loss", value: "NaN" }];
    const next = withEvent(run, event("metrics", { points }));
    expect(next.metrics).toEqual({ "val/loss": 0.5, "train/loss": "NaN" });
  });

  it("may be asked what its status allows", () => {
    expect(allowed("running")).toEqual({ stop: true, pause: true, resume: false, delete: false });
    expect(allowed("paused")).toEqual({ stop: true, pause: false, resume: true, delete: false });
    expect(allowed("failed")).toEqual({ stop: false, pause: false, resume: true, delete: true });
    expect(allowed("completed").resume).toBe(false);
    expect(hasEnded("paused")).toBe(false);
  });
});
