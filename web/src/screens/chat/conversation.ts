/** One conversation: what was said, and the settings it has come to. */

import { computed, onScopeDispose, ref, shallowRef, type ShallowRef } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";
import { say, type ChatReply } from "./streamed";

export type Turn =
  | { id: number; role: "user"; text: string }
  | { id: number; role: "assistant"; text: string; reply: ChatReply | null };

/** Whether a reply is about settings for a training, whole or with questions open. */
export function isDraft(reply: ChatReply): boolean {
  return reply.status !== "not_a_training_request" && reply.run_id === null;
}

/**
 * A conversation with the platform.
 *
 * @param onBegun Is told the id of a conversation that began with its first message.
 */
export function useConversation(onBegun: (sessionId: string) => void) {
  const turns = shallowRef<readonly Turn[]>([]);
  const sessionId = ref<string | null>(null);
  const isLoading = ref(false);
  const isBusy = ref(false);
  /** Why something was not answered, or could not be shown. */
  const fault = shallowRef<ApiFault | null>(null);
  /** Why the last change of a setting was refused. */
  const editFault = shallowRef<ApiFault | null>(null);
  /** What was said and not answered, to be said again. */
  const unanswered = ref<string | null>(null);
  let last = 0;
  let asking: AbortController | null = null;

  const replies = computed(() =>
    turns.value.flatMap((turn) => (turn.role === "assistant" && turn.reply ? [turn.reply] : [])),
  );
  const latest = computed(() => replies.value.at(-1) ?? null);
  /** The settings under discussion; none once they were started. */
  const draft = computed(() => {
    const found = replies.value.findLast((reply) => isDraft(reply) || reply.run_id !== null);
    return found && isDraft(found) ? found : null;
  });
  const startedRun = computed(() => replies.value.findLast((reply) => reply.run_id)?.run_id ?? null);

  function add(turn: Omit<Turn & { role: "user" }, "id"> | Omit<Turn & { role: "assistant" }, "id">) {
    last += 1;
    turns.value = [...turns.value, { ...turn, id: last } as Turn];
    return last;
  }

  function change(id: number, text: string, reply: ChatReply | null): void {
    turns.value = turns.value.map((turn) =>
      turn.id === id ? { id, role: "assistant", text, reply } : turn,
    );
  }

  /** Does one thing at a time; its fault is kept in `kept`, and undefined answers for it. */
  async function alone<T>(
    act: (signal: AbortSignal) => Promise<T>,
    kept: ShallowRef<ApiFault | null> = fault,
  ): Promise<T | undefined> {
    if (isBusy.value) return undefined;
    const mine = new AbortController();
    asking = mine;
    isBusy.value = true;
    fault.value = null;
    editFault.value = null;
    try {
      return await act(mine.signal);
    } catch (error) {
      const found = asFault(error);
      if (asking === mine && !found.isAborted) kept.value = found;
      return undefined;
    } finally {
      if (asking === mine) {
        asking = null;
        isBusy.value = false;
      }
    }
  }

  async function send(text: string): Promise<ChatReply | undefined> {
    const message = text.trim();
    if (!message || isBusy.value) return undefined;
    // said again it stands there already, changed it does not
    if (unanswered.value !== message) add({ role: "user", text: message });
    unanswered.value = message;
    const place = add({ role: "assistant", text: "", reply: null });
    const reply = await alone((signal) =>
      say({ message, session_id: sessionId.value }, (words) => change(place, words, null), signal),
    );
    if (!reply) {
      turns.value = turns.value.filter((turn) => turn.id !== place);
      return undefined;
    }
    unanswered.value = null;
    change(place, reply.wording ?? reply.reply ?? "", reply);
    begin(reply.session_id);
    return reply;
  }

  function begin(id: string): void {
    if (sessionId.value === id) return;
    sessionId.value = id;
    onBegun(id);
  }

  /** Changes fields of the draft; null takes one back. */
  async function edit(changes: Record<string, unknown>): Promise<ChatReply | undefined> {
    const session_id = sessionId.value;
    if (!session_id) return undefined;
    const reply = await alone(
      (signal) => answer(api.POST("/chat/edit", { body: { session_id, changes }, signal })),
      editFault,
    );
    if (reply) add({ role: "assistant", text: reply.reply ?? "", reply });
    return reply;
  }

  /** Starts the draft: proposed anew where a question came between. */
  async function start(): Promise<ChatReply | undefined> {
    const isProposed = latest.value?.actions.some((action) => action.type === "start_training");
    if (!isProposed && !(await edit({}))) return undefined;
    return send(latest.value?.language === "ko" ? "네" : "yes");
  }

  /** Shows another conversation; null begins a new one. */
  async function show(id: string | null): Promise<void> {
    if (id === sessionId.value && !fault.value) return;
    asking?.abort();
    asking = null;
    isBusy.value = false;
    sessionId.value = id;
    turns.value = [];
    fault.value = null;
    unanswered.value = null;
    if (!id) return;
    isLoading.value = true;
    const session = await alone((signal) =>
      answer(
        api.GET("/chat/sessions/{session_id}", { params: { path: { session_id: id } }, signal }),
      ),
    );
    isLoading.value = false;
    if (session && sessionId.value === id) session.messages.forEach(restore);
  }

  function restore(message: Schema<"ChatMessageView">): void {
    if (message.role === "user") add({ role: "user", text: message.text });
    else add({ role: "assistant", text: message.text, reply: message.result });
  }

  onScopeDispose(() => asking?.abort());

  return {
    turns, sessionId, isLoading, isBusy, fault, editFault, unanswered, latest, draft, startedRun,
    send, edit, start, show,
  };
}
