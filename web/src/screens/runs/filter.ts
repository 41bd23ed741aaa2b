/** Which runs are shown, as the page's address says it, so that a view can be kept and sent. */

import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Run, RunStatus } from "@/api/types";
import { isRunStatus } from "@/ui/status";
import type { Sort } from "@/ui/table";

export interface RunFilter {
  q: string;
  status: RunStatus[];
  task: string | null;
  tag: string[];
  project: string | null;
  trashed: boolean;
  sort: Sort | null;
}

/** Columns the server sorts by. */
export const SORTS: ReadonlySet<string> = new Set([
  "created_at", "updated_at", "started_at", "ended_at", "name", "status", "model", "task",
]);

/** The filter that an address stands for; what it does not know is left out. */
export function filterOf(query: LocationQuery): RunFilter {
  const sort = one(query.sort) ?? "";
  const id = sort.replace(/^-/, "");
  return {
    q: one(query.q) ?? "",
    status: all(query.status).filter(isRunStatus),
    task: one(query.task),
    tag: all(query.tag),
    project: one(query.project),
    trashed: one(query.trashed) === "true",
    sort: SORTS.has(id) ? { id, descending: sort.startsWith("-") } : null,
  };
}

/** The shortest address that stands for a filter. */
export function addressOf(filter: RunFilter): LocationQueryRaw {
  return {
    ...(filter.q ? { q: filter.q } : {}),
    ...(filter.status.length ? { status: filter.status } : {}),
    ...(filter.task ? { task: filter.task } : {}),
    ...(filter.tag.length ? { tag: filter.tag } : {}),
    ...(filter.project ? { project: filter.project } : {}),
    ...(filter.trashed ? { trashed: "true" } : {}),
    ...(filter.sort ? { sort: sortText(filter.sort) } : {}),
  };
}

/** What is asked of the server. */
export function requestOf(filter: RunFilter) {
  return {
    q: filter.q || null,
    status: filter.status.length ? filter.status : null,
    task: filter.task,
    tag: filter.tag.length ? filter.tag : null,
    project_id: filter.project,
    trashed: filter.trashed,
    sort: filter.sort ? sortText(filter.sort) : "-created_at",
  };
}

/** Whether anything is left out of the list. */
export function isFiltered(filter: RunFilter): boolean {
  return Boolean(
    filter.q || filter.status.length || filter.task || filter.tag.length || filter.project,
  );
}

/**
 * Whether a run that is new, or has changed, belongs into the list.
 *
 * Null where only the server can tell: its search looks at more than a run's view holds.
 */
export function matches(run: Run, filter: RunFilter): boolean | null {
  if (Boolean(run.trashed_at) !== filter.trashed) return false;
  if (filter.status.length && !filter.status.includes(run.status)) return false;
  if (filter.task && run.task !== filter.task) return false;
  if (!filter.tag.every((tag) => run.tags.includes(tag))) return false;
  // projects go by name or id, and a run's view holds only the id
  return filter.q || filter.project ? null : true;
}

function sortText({ id, descending }: Sort): string {
  return descending ? `-${id}` : id;
}

type Value = LocationQuery[string] | undefined;

function all(value: Value): string[] {
  return [value ?? []].flat().filter((text): text is string => text !== null && text !== "");
}

function one(value: Value): string | null {
  return all(value)[0] ?? null;
}
