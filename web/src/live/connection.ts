/** How live the page is: all its links as one state. */

import { defineStore } from "pinia";
import { computed, shallowReactive, watch } from "vue";
import { useSession } from "@/api/session";
import { Link, type LinkOptions, type LinkState } from "@/live/socket";

/** From best to worst: the page is as live as its worst link. */
const ORDER: LinkState["name"][] = [
  "closed",
  "connected",
  "connecting",
  "waiting",
  "offline",
  "signed-out",
];

export const useConnection = defineStore("connection", () => {
  const links = shallowReactive(new Map<Link, LinkState>());
  const session = useSession();

  const worst = computed<LinkState>(() => {
    const states = [...links.values()];
    const rank = (state: LinkState) => ORDER.indexOf(state.name);
    return states.toSorted((one, other) => rank(other) - rank(one))[0] ?? { name: "closed" };
  });
  const name = computed(() => worst.value.name);
  /** When the next attempt is made, while one is waited for. */
  const retryAt = computed(() => (worst.value.name === "waiting" ? worst.value.at : null));
  /** What is shown may be old. */
  const isStale = computed(() => ["waiting", "offline", "signed-out"].includes(name.value));

  /** A link that counts into the state from `open` to `close`. */
  function makeLink(options: Omit<LinkOptions, "onState"> & Partial<LinkOptions>): Link {
    const link: Link = new Link({
      ...options,
      onState: (state) => {
        if (state.name === "closed") links.delete(link);
        else links.set(link, state);
        if (state.name === "signed-out") session.expire().catch(() => undefined);
        options.onState?.(state);
      },
    });
    return link;
  }

  function retryNow(): void {
    for (const link of links.keys()) link.retryNow();
  }

  watch(
    () => session.state,
    (state) => {
      if (state === "in") retryNow();
    },
  );

  return { state: worst, name, retryAt, isStale, makeLink, retryNow };
});
