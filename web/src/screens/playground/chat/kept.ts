/** The conversation as this tab keeps it, to survive that the page is loaded anew. */

import { ApiFault } from "@/api/errors";
import { DEFAULTS, type ChatSettings } from "./settings";
import type { Reply, Thread, Turn } from "./thread";

export interface Kept {
  thread: Thread;
  settings: ChatSettings;
}

/** Counted up when what is kept looks otherwise: the old is then as if never kept. */
const VERSION = 1;

const nameOf = (person: string) => `trainwright.playground.chat.${person}`;

export function keep(person: string, { thread, settings }: Kept): void {
  try {
    const kept = JSON.stringify({ version: VERSION, thread, settings }, whole);
    sessionStorage.setItem(nameOf(person), kept);
  } catch {
    // a browser that keeps nothing, or no more, still goes on
  }
}

/** What is shown of a fault: JSON leaves out what an error says. */
function whole(_: string, value: unknown): unknown {
  if (!(value instanceof ApiFault)) return value;
  const { code, message, mend, requestId } = value;
  return { code, message, mend, requestId };
}

export function restore(person: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(nameOf(person)) ?? "null") as
      | ({ version: number } & Kept)
      | null;
    if (kept?.version !== VERSION) return null;
    const turns = kept.thread.turns.map(restoredTurn);
    return { thread: { ...kept.thread, turns }, settings: { ...DEFAULTS, ...kept.settings } };
  } catch {
    return null;
  }
}

function restoredTurn(turn: Turn): Turn {
  const replies = Object.entries(turn.replies).map(([id, all]) => [id, all.map(restoredReply)] as const);
  return { ...turn, replies: Object.fromEntries(replies) };
}

/** An answer that was coming when the page went has been stopped by that. */
function restoredReply(reply: Reply): Reply {
  const isOpen = reply.state === "waiting" || reply.state === "coming";
  const { fault } = reply;
  return {
    ...reply,
    state: isOpen ? "stopped" : reply.state,
    fault: fault && new ApiFault(fault.code, fault.message, { mend: fault.mend, requestId: fault.requestId }),
  };
}
