/** Short names for what the API speaks of. */

import type { components } from "@/api/schema";

type Schemas = components["schemas"];

/** Any body of the API by its name in the schema: `Schema<"RunView">`. */
export type Schema<Name extends keyof Schemas> = Schemas[Name];

export type Run = Schema<"RunView">;
export type RunDetail = Schema<"RunDetail">;
export type RunStatus = Schema<"RunStatus">;
export type Dashboard = Schema<"Dashboard">;
export type AlertView = Schema<"AlertView">;
export type Me = Schema<"UserView">;
export type Role = Me["role"];

/** Everything a run's stream may say, told apart by `type`. */
export type RunEvent =
  | Schema<"StatusChangedEvent">
  | Schema<"TrainingProgressEvent">
  | Schema<"MetricsEvent">
  | Schema<"CheckpointSavedEvent">
  | Schema<"LogEvent">
  | Schema<"VitalsEvent">
  | Schema<"AlertEvent">
  | Schema<"TrainingCompleteEvent">
  | Schema<"TrainingErrorEvent">;

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total: number | null;
}

/** A number as JSON brings it: those that JSON does not know come as text. */
export function toNumber(value: number | string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
