/** Where this person can go, in the order of the navigation. */

import { computed } from "vue";
import { useSession } from "@/api/session";
import type { NavigationEntry } from "@/app/screen";
import { navigation } from "@/router";

const GROUPS = ["work", "library", "system"] as const;

export function usePlaces() {
  const session = useSession();
  const places = computed(() =>
    navigation.filter((entry) => !entry.needs || session.can(entry.needs)),
  );
  const groups = computed(() =>
    GROUPS.map((name) => ({
      name,
      entries: places.value.filter((entry: NavigationEntry) => entry.group === name),
    })).filter(({ entries }) => entries.length > 0),
  );
  return { places, groups };
}
