/** The conversations that were held, the last one first. */

import { computed, ref } from "vue";
import { answer, api } from "@/api/client";
import { useAction } from "@/api/answers";
import { usePages } from "@/api/pages";

export function useSessions() {
  const pages = usePages((cursor, signal) =>
    answer(
      api.GET("/chat/sessions", {
        params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } },
        signal,
      }),
    ),
  );
  const wanted = ref("");
  const shown = computed(() => {
    const words = wanted.value.trim().toLowerCase();
    return pages.items.value.filter((one) => (one.title ?? "").toLowerCase().includes(words));
  });
  const { run: remove, fault: removalFault } = useAction(async (id: string) => {
    await answer(
      api.DELETE("/chat/sessions/{session_id}", { params: { path: { session_id: id } } }),
    );
    await pages.reload();
    return id;
  });
  void pages.reload();

  return { ...pages, wanted, shown, remove, removalFault };
}
