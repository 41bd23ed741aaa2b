/** What follows every navigation: the tab's title, and the focus for those who do not see it. */

import { nextTick, watchEffect } from "vue";
import { useI18n } from "vue-i18n";
import { useRoute, useRouter } from "vue-router";
import { screenTitle } from "@/app/title";

export function usePageTitle(): void {
  const route = useRoute();
  const { t } = useI18n();
  watchEffect(() => {
    const name = screenTitle.value ?? (route.meta.title ? t(route.meta.title) : null);
    document.title = name ? `${name} · ${t("common.app")}` : t("common.app");
  });
}

/** Moves the focus to the page's heading, so that it is read out and tabbing begins there. */
export function usePageFocus(): void {
  const router = useRouter();
  router.afterEach(async (to, from, failure) => {
    const isFirst = from.matched.length === 0;
    if (failure || isFirst || to.path === from.path) return;
    // tabs of one screen keep the focus where it is
    if (to.matched[0] === from.matched[0]) return;
    await nextTick();
    focusHeading();
  });
}

export function focusHeading(): void {
  const main = document.querySelector<HTMLElement>("main");
  const heading = main?.querySelector<HTMLElement>("h1") ?? main;
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

