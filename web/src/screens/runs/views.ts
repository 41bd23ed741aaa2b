/** Filters that were kept under a name, on this browser. */

import { useLocalStorage } from "@vueuse/core";
import type { LocationQueryRaw } from "vue-router";

export interface SavedView {
  name: string;
  address: LocationQueryRaw;
}

const MOST = 50;

export function useSavedViews() {
  const views = useLocalStorage<SavedView[]>("trainwright.run-views", [], {
    // what another version, or a person, has written there is not trusted
    serializer: {
      read: (text) => {
        const kept: unknown = JSON.parse(text);
        return Array.isArray(kept) ? kept.filter(isView) : [];
      },
      write: JSON.stringify,
    },
    onError: () => {},
  });

  function keep(name: string, address: LocationQueryRaw): void {
    const others = views.value.filter((view) => view.name !== name);
    views.value = [...others, { name, address }].slice(-MOST);
  }

  function forget(name: string): void {
    views.value = views.value.filter((view) => view.name !== name);
  }

  return { views, keep, forget };
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== "object" || value === null) return false;
  const { name, address } = value as Partial<SavedView>;
  return typeof name === "string" && typeof address === "object" && address !== null;
}
