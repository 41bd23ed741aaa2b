/** The runs a filter finds, kept up to date by what happens on the platform. */

import { shallowRef, watch, type Ref } from "vue";
import { answer, api } from "@/api/client";
import { usePages } from "@/api/pages";
import type { Run } from "@/api/types";
import { useDashboard, type DashboardMessage } from "@/live/dashboard";
import { matches, requestOf, type RunFilter } from "./filter";

const PAGE = 100;

export function useRuns(filter: Readonly<Ref<RunFilter>>) {
  const pages = usePages((cursor, signal) =>
    answer(
      api.GET("/runs", {
        params: { query: { ...requestOf(filter.value), limit: PAGE, cursor: cursor ?? null } },
        signal,
      }),
    ),
  );
  /** Runs that may have come in since, where only the server can tell. */
  const hasNews = shallowRef(false);
  let wasWhole = false;

  async function reload(): Promise<void> {
    hasNews.value = false;
    await pages.reload();
  }

  function remove(id: string): void {
    const kept = pages.items.value.filter((run) => run.id !== id);
    if (kept.length === pages.items.value.length) return;
    pages.items.value = kept;
    if (pages.total.value !== null) pages.total.value -= 1;
  }

  function take(run: Run): void {
    const place = pages.items.value.findIndex((one) => one.id === run.id);
    const belongs = matches(run, filter.value);
    if (place >= 0 && belongs === false) remove(run.id);
    else if (place >= 0) pages.items.value = pages.items.value.with(place, run);
    else if (belongs !== false) enter(run, belongs);
  }

  /** A new run stands first where the newest do; elsewhere it is told that there is one. */
  function enter(run: Run, belongs: true | null): void {
    const first = pages.items.value[0];
    const isNewest = !first || run.created_at > first.created_at;
    if (filter.value.sort || belongs === null) hasNews.value ||= isNewest;
    else if (isNewest) {
      pages.items.value = [run, ...pages.items.value];
      if (pages.total.value !== null) pages.total.value += 1;
    }
  }

  function listen(message: DashboardMessage): void {
    if (message.type === "run") take(message.run);
    else if (message.type === "run_gone") remove(message.run_id);
    else if (message.type === "dashboard") {
      // it comes again after a break, in which anything may have happened
      if (wasWhole) void reload();
      wasWhole = true;
    }
  }

  useDashboard(listen);
  watch(filter, reload, { immediate: true });

  return { ...pages, reload, hasNews };
}
