/**
 * What was said, as a tree: a question that is asked in other words goes on from the same turn as
 * the one it replaces, and both stay.
 */

import type { ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";
import type { Generated } from "./generate";

type Message = Schema<"ModelMessage">;

/** `stopped` was ended by the person, `failed` by a fault. */
export type ReplyState = "waiting" | "coming" | "there" | "stopped" | "failed";

export interface Reply {
  id: number;
  state: ReplyState;
  text: string;
  /** How long it might have become. */
  maxTokens: number;
  generated: Generated | null;
  fault: ApiFault | null;
}

export interface Turn {
  id: number;
  /** The turn it goes on from; null begins the conversation. */
  parent: number | null;
  text: string;
  /** What each model answered, by its run: as often as it was asked. */
  replies: Record<string, Reply[]>;
  /** The place of the answer that counts among those of a model; the last where none is noted. */
  shown: Record<string, number>;
}

export interface Thread {
  turns: Turn[];
  /** The turn that counts among those that go on from the same one, by that one's id. */
  branches: Record<string, number>;
  /** The last number that was given to a turn or a reply. */
  last: number;
}

export function emptyThread(): Thread {
  return { turns: [], branches: {}, last: 0 };
}

const keyOf = (parent: number | null) => `${parent ?? ""}`;

/** The turns that go on from the same one, in the order they were said. */
export function siblingsOf(thread: Thread, parent: number | null): Turn[] {
  return thread.turns.filter((turn) => turn.parent === parent);
}

/** The conversation that is shown, from its beginning. */
export function pathOf(thread: Thread): Turn[] {
  const path: Turn[] = [];
  let next = nextOf(thread, null);
  while (next) {
    path.push(next);
    next = nextOf(thread, next.id);
  }
  return path;
}

/** The turn that counts among those that go on from `parent`. */
function nextOf(thread: Thread, parent: number | null): Turn | undefined {
  const siblings = siblingsOf(thread, parent);
  return siblings.find(({ id }) => id === thread.branches[keyOf(parent)]) ?? siblings.at(-1);
}

/** Goes on with a turn instead of those beside it. */
export function choose(thread: Thread, turn: Turn): void {
  thread.branches[keyOf(turn.parent)] = turn.id;
}

export function addTurn(thread: Thread, parent: number | null, text: string): Turn {
  thread.last += 1;
  const turn = held(thread.turns, { id: thread.last, parent, text, replies: {}, shown: {} });
  choose(thread, turn);
  return turn;
}

/** A new answer of a model, which is shown instead of those before it; those without a word go. */
export function addReply(thread: Thread, turn: Turn, runId: string, maxTokens: number): Reply {
  thread.last += 1;
  turn.replies[runId] = (turn.replies[runId] ?? []).filter(({ text }) => text !== "");
  const replies = turn.replies[runId];
  turn.shown[runId] = replies.length;
  return held(replies, { id: thread.last, state: "waiting", text: "", maxTokens, generated: null, fault: null });
}

/** A new item as its list holds it: a reactive list tells of changes of its own items only. */
function held<T>(list: T[], item: T): T {
  list.push(item);
  return list.at(-1) as T;
}

/** The answer of a model that counts. */
export function replyOf(turn: Turn, runId: string): Reply | undefined {
  const replies = turn.replies[runId] ?? [];
  return replies[turn.shown[runId] ?? replies.length - 1];
}

/**
 * What a model has said with whom, as it is told in the next question.
 *
 * It is told of its own answers only: a question that it has not answered is as if not asked.
 */
export function exchanged(path: readonly Turn[], runId: string): Message[] {
  return path.flatMap((turn): Message[] => {
    const reply = replyOf(turn, runId);
    const isAnswer = reply?.text && (reply.state === "there" || reply.state === "stopped");
    if (!isAnswer) return [];
    return [
      { role: "user", content: turn.text },
      { role: "assistant", content: reply.text },
    ];
  });
}

/** So many messages are read at once, that of the system and the question among them. */
const MOST_MESSAGES = 200;

/** A turn's question with what was said before it, as far back as is read. */
export function messagesFor(path: readonly Turn[], turn: Turn, runId: string, system: string): Message[] {
  const earlier = path.slice(0, path.findIndex(({ id }) => id === turn.id));
  const said = exchanged(earlier, runId).slice(2 - MOST_MESSAGES);
  return [...systemOf(system), ...said, { role: "user", content: turn.text }];
}

/** The conversation of each model in a line, as supervised fine-tuning takes it. */
export function toLines(path: readonly Turn[], runIds: readonly string[], system: string): string {
  return runIds
    .map((id) => exchanged(path, id))
    .filter((said) => said.length > 0)
    .map((said) => `${JSON.stringify({ messages: [...systemOf(system), ...said] })}\n`)
    .join("");
}

function systemOf(system: string): Message[] {
  return system.trim() ? [{ role: "system", content: system.trim() }] : [];
}
