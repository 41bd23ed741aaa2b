import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from "vue-router";
import type { NavigationEntry, Screen } from "@/app/screen";
import { mayLeave } from "@/app/unsaved";
import { useSession } from "@/api/session";
import { loadAreas } from "@/i18n";

const found = import.meta.glob<Screen>("./screens/*/route.ts", { import: "default", eager: true });

/** A folder's name is that of its area of messages. */
const areaOf = (path: string) => path.split("/")[2] ?? "";

const screens = Object.entries(found).map(([path, screen]) => ({ ...screen, area: areaOf(path) }));

/** Where one can go from everywhere, in order. */
export const navigation: readonly NavigationEntry[] = screens
  .flatMap((screen) => screen.navigation ?? [])
  .toSorted((one, other) => one.order - other.order);

function withArea(route: RouteRecordRaw, area: string): RouteRecordRaw {
  const areas = [area, ...(route.meta?.areas ?? [])];
  return { ...route, meta: { ...route.meta, areas } };
}

const routes: RouteRecordRaw[] = [
  ...screens.flatMap(({ routes: own, area }) => own.map((route) => withArea(route, area))),
  // a screen may claim it; where none does, the first one is the start
  { path: "/", redirect: () => ({ name: navigation[0]?.to ?? "not-found" }) },
  {
    path: "/:rest(.*)*",
    name: "not-found",
    component: () => import("@/shell/NotFound.vue"),
    meta: { title: "shell.notFound.title" },
  },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  // the first page stands at its top, and asking where it stands would lay it out
  scrollBehavior: (to, from, saved) =>
    saved ?? (to.path === from.path || from.matched.length === 0 ? false : { top: 0 }),
});

/** Begins to load what a route shows; the router itself would, once all guards have let it pass. */
function prefetch(to: RouteLocationNormalized): void {
  for (const { components, meta } of to.matched)
    for (const part of [...Object.values(components ?? {}), meta.parts])
      if (typeof part === "function") void (part as () => Promise<unknown>)().catch(() => undefined);
}

router.beforeEach(async (to, from) => {
  const inPlace = to.path === from.path;
  if (!inPlace && !(await mayLeave())) return false;
  const session = useSession();
  if (!inPlace) prefetch(to);
  // beside the question who asks: a stranger is refused either way
  for (const record of to.matched) if (!from.matched.includes(record)) record.meta.askAhead?.(to);
  const areas = loadAreas(to.matched.flatMap((record) => record.meta.areas ?? []));
  if (!to.meta.public) {
    await session.load();
    if (session.isSignedOut) return { name: "sign-in", query: { next: to.fullPath } };
  }
  await areas;
  return true;
});
