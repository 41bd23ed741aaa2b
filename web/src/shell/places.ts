/** Where this person can go, in the order of the navigation. */

import { computed } from "vue";
import { useRoute, useRouter } from "vue-router";
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

/** Whether a place is where one is: what is below it, such as one run of Runs, counts as it. */
export function useIsHere(): (entry: NavigationEntry) => boolean {
  const route = useRoute();
  const router = useRouter();
  return ({ to }) => {
    const place = router.resolve({ name: to }).path;
    return route.path === place || (place !== "/" && route.path.startsWith(`${place}/`));
  };
}
