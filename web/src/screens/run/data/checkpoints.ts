/** A run's checkpoints by the step at which they were saved. */

import { toNumber, type Schema } from "@/api/types";

type CheckpointView = Schema<"CheckpointView">;

export interface SavedFile {
  id: string;
  path: string;
  size: number;
  sha256: string;
  /** A later save has gone into the same file, or it was removed: this one is history. */
  isGone: boolean;
}

export interface SavedStep {
  id: string;
  step: number | null;
  epoch: number | null;
  attempt: number;
  createdAt: string | null;
  metrics: Record<string, number | null>;
  files: SavedFile[];
  isBest: boolean;
  isLast: boolean;
  isKept: boolean;
  /** A later attempt went back behind it. */
  isGivenUp: boolean;
  /** What training can go on from: a step, or the name of a file; null where weights alone are left. */
  start: number | string | null;
  /** Bytes that are there still. */
  bytes: number;
}

/** Checkpoints as they are shown, the newest first. */
export function savedSteps(checkpoints: readonly CheckpointView[]): SavedStep[] {
  const steps = new Map<string, SavedStep>();
  for (const checkpoint of checkpoints) {
    const id = `${checkpoint.attempt}/${checkpoint.step ?? checkpoint.id}`;
    const step = steps.get(id) ?? stepOf(checkpoint, id);
    steps.set(id, step);
    const { path, size, sha256, present } = checkpoint;
    step.files.push({ id: checkpoint.id, path, size, sha256, isGone: !present });
    step.isBest ||= checkpoint.is_best;
    step.isKept ||= checkpoint.kept;
    step.isGivenUp ||= checkpoint.given_up;
    if (checkpoint.resumable) step.start ??= checkpoint.step ?? path;
    if (present) step.bytes += size;
  }
  const found = [...steps.values()].toReversed();
  const last = found.find(({ isGivenUp }) => !isGivenUp);
  if (last) last.isLast = true;
  return found;
}

function stepOf(checkpoint: CheckpointView, id: string): SavedStep {
  const { step, epoch, attempt } = checkpoint;
  const metrics = Object.entries(checkpoint.metrics).map(([name, value]) => [name, toNumber(value)]);
  return {
    id,
    step,
    epoch,
    attempt,
    createdAt: checkpoint.created_at,
    metrics: Object.fromEntries(metrics) as Record<string, number | null>,
    files: [],
    isBest: false,
    isLast: false,
    isKept: false,
    isGivenUp: false,
    start: null,
    bytes: 0,
  };
}
