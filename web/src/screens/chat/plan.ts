/** What a plan suggests, by the settings that it changes. */

import type { Schema } from "@/api/types";
import { LINES, type FieldName } from "@/runs/spec-fields";
import { shownValue } from "@/runs/spec-values";
import { flat } from "./draft";

/** What a suggestion may be about, the one before that changes the training most. */
const WAYS = ["image_size", "max_length", "peft", "precision", "batch_size"] as const;

export interface Change {
  name: FieldName;
  /** As it is now; null where nothing is set. */
  from: string | null;
  to: string;
}

/** What a suggestion is about; null for what this version does not know. */
export function wayOf(changes: Record<string, unknown>): (typeof WAYS)[number] | null {
  return WAYS.find((name) => name in changes) ?? null;
}

/** Each setting that would be another: as it is, and as it would be. */
export function changedBy(spec: Schema<"RunSpec">, changes: Record<string, unknown>): Change[] {
  const now = flat(spec);
  return LINES.filter(({ name }) => name in changes).flatMap(({ name }) => {
    const [from, to] = [shownValue(now[name]), shownValue(changes[name])];
    return from === to ? [] : { name, from: from || null, to };
  });
}
