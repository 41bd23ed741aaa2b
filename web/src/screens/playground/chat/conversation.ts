/** A conversation with several models at once: each is asked the same, each answers on its own. */

import { computed, onScopeDispose, reactive, shallowReactive } from "vue";
import { asFault } from "@/api/errors";
import { generate } from "./generate";
import type { ChatSettings } from "./settings";
import {
  addReply,
  addTurn,
  choose,
  emptyThread,
  messagesFor,
  pathOf,
  replyOf,
  siblingsOf,
  type Reply,
  type Thread,
  type Turn,
} from "./thread";

interface Options {
  /** What was said before, to go on with. */
  thread?: Thread;
  settings: () => ChatSettings;
  /** Is told when an answer is over, however it ended. */
  onEnd?: (runId: string, reply: Reply) => void;
}

/** An answer that is coming. */
interface Asking {
  runId: string;
  turn: number;
  abort: AbortController;
}

export function useConversation({ thread: given, settings, onEnd }: Options) {
  const thread = reactive(given ?? emptyThread());
  const asking = shallowReactive(new Map<number, Asking>());
  const path = computed(() => pathOf(thread));
  const isBusy = computed(() => asking.size > 0);

  /** Says something to models, after everything that was said, or after the turn `parent`. */
  async function send(text: string, runIds: readonly string[], parent = path.value.at(-1)?.id ?? null) {
    const turn = addTurn(thread, parent, text.trim());
    await Promise.all(runIds.map((id) => ask(turn, id)));
  }

  /** Says something else in the place of a turn; what came after that one stays beside it. */
  async function edit(turn: Turn, text: string, runIds: readonly string[]) {
    stop();
    await send(text, runIds, turn.parent);
  }

  /** Has a model answer a turn, once more where it has already. */
  async function ask(turn: Turn, runId: string): Promise<void> {
    const { system, ...sampling } = settings();
    const messages = messagesFor(path.value, turn, runId, system);
    const reply = addReply(thread, turn, runId, sampling.max_tokens);
    const abort = new AbortController();
    asking.set(reply.id, { runId, turn: turn.id, abort });

    function onText(piece: string): void {
      reply.state = "coming";
      reply.text += piece;
    }

    try {
      reply.generated = await generate(runId, { ...sampling, messages }, onText, abort.signal);
      reply.text = reply.generated.text;
      reply.state = "there";
    } catch (error) {
      const fault = asFault(error);
      reply.state = fault.isAborted ? "stopped" : "failed";
      reply.fault = fault.isAborted ? null : fault;
    } finally {
      asking.delete(reply.id);
      onEnd?.(runId, reply);
    }
  }

  /** Has a model answer what it was not asked, up to a turn, as far as it comes. */
  async function catchUp(turn: Turn, runId: string): Promise<void> {
    const until = path.value.findIndex(({ id }) => id === turn.id) + 1;
    for (const missed of path.value.slice(0, until).filter((one) => !replyOf(one, runId))) {
      // oxlint-disable-next-line no-await-in-loop -- each answer is told with the next question
      await ask(missed, runId);
      if (replyOf(missed, runId)?.state !== "there") return;
    }
  }

  /** Ends answers that are coming: all, those of a run, or that of a run to a turn. Their text stays. */
  function stop(those: { runId?: string; turn?: Turn } = {}): void {
    for (const { abort, turn, runId } of asking.values()) {
      if ((those.runId ?? runId) === runId && (those.turn?.id ?? turn) === turn) abort.abort();
    }
  }

  /** Goes to the turn beside this one: what was said instead of it, and what came of that. */
  function turnTo(turn: Turn, step: number): void {
    const siblings = siblingsOf(thread, turn.parent);
    const next = siblings[siblings.findIndex(({ id }) => id === turn.id) + step];
    if (next) choose(thread, next);
  }

  /** Begins anew, and answers with what takes that back. */
  function clear(): () => void {
    stop();
    const before = { ...thread };
    Object.assign(thread, emptyThread(), { last: before.last });
    return () => Object.assign(thread, before);
  }

  onScopeDispose(() => stop());

  return { thread, path, isBusy, send, edit, ask, catchUp, stop, turnTo, clear };
}
