/** Who is signed in, what they may do, and what happens when that ends. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { answer, api, waitWhenSignedOut } from "@/api/client";
import { ApiFault, asFault } from "@/api/errors";
import type { Me, Schema } from "@/api/types";

/**
 * `unknown` until the server was asked; `expired` while somebody who was signed in has to sign in
 * again: the page stays as it is, and what was refused is asked once more afterwards.
 */
export type SessionState = "unknown" | "in" | "expired" | "out";

export type Credentials = { code: string } | { name: string; password: string };

/** What tabs of the same browser tell each other. */
type Told = { type: "signed-in"; id: string } | { type: "signed-out" };

const CHANNEL = "trainwright.session";
/** The cookie is good for an hour; renewed this often, a tab that is open keeps it. */
const RENEW_MS = 20 * 60 * 1000;
/** Nobody knows how old the cookie of a page that was just loaded is. */
const FIRST_RENEWAL_MS = 30 * 1000;

export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const state = ref<SessionState>("unknown");
  /** Why the server could not be asked who is signed in. */
  const fault = shallowRef<ApiFault | null>(null);
  /** How often the person was asked to sign in again. */
  const prompts = ref(0);
  const waiting = new Set<{ resolve: () => void; reject: (fault: ApiFault) => void }>();
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  let asked: Promise<void> | null = null;
  let renewal: ReturnType<typeof setTimeout> | undefined;

  const isSignedOut = computed(() => state.value === "out");
  const isExpired = computed(() => state.value === "expired");

  /** Whether this person may change things (`write`), or manage the platform (`admin`). */
  function can(what: "read" | "write" | "admin"): boolean {
    const role = me.value?.role;
    if (what === "read") return role !== undefined;
    return role === "admin" || (what === "write" && role === "user");
  }

  /** Asks the server who is signed in, once; `fault` is why it could not be asked. */
  async function load(): Promise<void> {
    if (state.value !== "unknown") return;
    asked ??= ask().finally(() => {
      asked = null;
    });
    await asked;
  }

  async function ask(): Promise<void> {
    try {
      enter(await answer(api.GET("/auth/me")), FIRST_RENEWAL_MS);
    } catch (error) {
      const found = asFault(error);
      if (found.status === 401) leave();
      else fault.value = found;
    }
  }

  /** Signs in; who was somebody else here before gets a fresh page. */
  async function signIn(credentials: Credentials): Promise<void> {
    const next = await answer(api.POST("/auth/sign-in", { body: credentials }));
    tell({ type: "signed-in", id: next.id });
    arrive(next);
  }

  /** Changes one's own e-mail or password. */
  async function change(body: Schema<"MePatch">): Promise<void> {
    me.value = await answer(api.PATCH("/auth/me", { body }));
  }

  async function signOut(): Promise<void> {
    try {
      await answer(api.DELETE("/auth/session"));
    } catch (error) {
      if (asFault(error).status !== 401) throw error;
    }
    tell({ type: "signed-out" });
    leave();
  }

  /** Says that the server no longer knows who asks; resolves when somebody has signed in again. */
  function expire(signal?: AbortSignal): Promise<void> {
    if (!me.value) return Promise.reject(signedOut());
    state.value = "expired";
    prompts.value += 1;
    return new Promise((resolve, reject) => {
      const one = { resolve, reject };
      waiting.add(one);
      signal?.addEventListener("abort", () => {
        waiting.delete(one);
        reject(new ApiFault("aborted", "the request was given up"));
      });
    });
  }

  function arrive(next: Me): void {
    if (me.value && me.value.id !== next.id) location.reload();
    else enter(next, RENEW_MS);
  }

  function enter(next: Me, renewIn: number): void {
    me.value = next;
    state.value = "in";
    fault.value = null;
    for (const { resolve } of waiting) resolve();
    waiting.clear();
    renewAfter(renewIn);
  }

  function leave(): void {
    me.value = null;
    state.value = "out";
    fault.value = null;
    clearTimeout(renewal);
    for (const { reject } of waiting) reject(signedOut());
    waiting.clear();
  }

  function renewAfter(ms: number): void {
    clearTimeout(renewal);
    renewal = setTimeout(renew, ms);
  }

  async function renew(): Promise<void> {
    try {
      await answer(api.POST("/auth/session"));
      renewAfter(RENEW_MS);
    } catch (error) {
      if (asFault(error).status !== 401) renewAfter(FIRST_RENEWAL_MS);
      // told when something is asked for: somebody who only looks is not disturbed
    }
  }

  function tell(told: Told): void {
    channel?.postMessage(told);
  }

  channel?.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (data.type === "signed-out") {
      if (state.value !== "out") leave();
    } else if (state.value !== "in" || data.id !== me.value?.id) {
      void ask();
    }
  });

  waitWhenSignedOut(expire);

  return { me, state, fault, prompts, isSignedOut, isExpired, can, load, signIn, signOut, change, expire };
});

function signedOut(): ApiFault {
  return new ApiFault("unauthorized", "nobody is signed in", { status: 401 });
}
