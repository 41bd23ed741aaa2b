/** Keeps the end of what grows in sight. */

import { useEventListener, useResizeObserver } from "@vueuse/core";
import { readonly, ref, type Ref } from "vue";

type Part = Readonly<Ref<HTMLElement | null>>;

/** So near to the end, one is at the end. */
const NEAR = 24;

/**
 * Scrolls `area` along with its `content`, until the person scrolls up; at the end it goes on.
 */
export function useFollow(area: Part, content: Part) {
  const isFollowing = ref(true);
  let before = 0;

  function toEnd(): void {
    isFollowing.value = true;
    area.value?.scrollTo({ top: area.value.scrollHeight });
  }

  useEventListener(area, "scroll", () => {
    if (!area.value) return;
    const { scrollTop, scrollHeight, clientHeight } = area.value;
    // content that grows between a scroll and its event is no reason to stay behind
    if (scrollHeight - scrollTop - clientHeight <= NEAR) isFollowing.value = true;
    else if (scrollTop < before) isFollowing.value = false;
    before = scrollTop;
  });
  useResizeObserver([area, content], () => {
    if (isFollowing.value) toEnd();
  });

  return { isFollowing: readonly(isFollowing), toEnd };
}
