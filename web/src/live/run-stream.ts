/** The events of one run, each once and in order, whatever happens to the connection. */

import { answer, api, probe } from "@/api/client";
import type { RunEvent } from "@/api/types";
import { HEARTBEAT_SECONDS, liveUrl, type Link, type LinkOptions, type Verdict } from "@/live/socket";

/** What a stream says beside the run's events. */
type Notice =
  | { type: "heartbeat"; seq: number }
  | { type: "resync"; seq: number; data: { next: number } };

/** Where a run's stream is read, live and from the store. */
export interface StreamPlace {
  live: string;
  /** Asked why a connection ended. */
  probe: string;
  eventsAfter: (after: number) => Promise<RunEvent[]>;
}

export interface RunStreamOptions {
  /** Default: where somebody who is signed in reads it. */
  place?: StreamPlace;

  /** The last `seq` known already, as of `RunDetail.last_seq`; 0 for all. */
  after: number;
  /** Takes what came since the last call: many at once after a break. */
  onEvents: (events: readonly RunEvent[]) => void;
  /** The run was deleted, or may no longer be seen. */
  onGone?: () => void;
}

type MakeLink = (options: Omit<LinkOptions, "onState">) => Link;

/** Events are handed on together this often. */
const BATCH_MS = 50;
const PAGE = 1000;

export class RunStream {
  private seen: number;
  private readonly link: Link;
  private batch: RunEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What arrived while a hole before it is being filled. */
  private held: RunEvent[] | null = null;
  private until = 0;
  private readonly place: StreamPlace;

  constructor(
    runId: string,
    private readonly options: RunStreamOptions,
    makeLink: MakeLink,
  ) {
    this.seen = options.after;
    this.place = options.place ?? runPlace(runId);
    this.link = makeLink({
      url: () =>
        liveUrl(this.place.live, {
          after: this.seen,
          resync: true,
          heartbeat: HEARTBEAT_SECONDS,
        }),
      onMessage: (text) => this.take(JSON.parse(text) as RunEvent | Notice),
      judge: () => this.judge(),
    });
  }

  open(): void {
    this.link.open();
  }

  close(): void {
    clearTimeout(this.timer);
    this.held = null;
    this.link.close();
  }

  private take(said: RunEvent | Notice): void {
    if (said.type === "heartbeat") return;
    if (said.type === "resync") {
      void this.fill(said.data.next);
      return;
    }
    if (this.held) this.held.push(said);
    else this.hand(said);
  }

  private hand(event: RunEvent): void {
    if (event.seq <= this.seen) return;
    this.seen = event.seq;
    this.batch.push(event);
    // a timer, as a hidden page is drawn no frames
    this.timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  private flush(): void {
    this.timer = undefined;
    const events = this.batch;
    this.batch = [];
    this.options.onEvents(events);
  }

  /** Reads what was left out before `next` from the store, then goes on with what was held. */
  private async fill(next: number): Promise<void> {
    this.until = Math.max(this.until, next);
    // a second hole while the first is filled only moves the end
    if (this.held) return;
    const held: RunEvent[] = [];
    this.held = held;
    try {
      while (this.seen < this.until - 1) {
        // oxlint-disable-next-line no-await-in-loop -- each page begins where the last one ended
        const events = await this.place.eventsAfter(this.seen);
        if (this.held !== held) return;
        if (events.length === 0) break;
        for (const event of events) this.hand(event);
      }
    } catch {
      // the next connection starts where the hole begins, so nothing is lost
      if (this.held !== held) return;
      this.held = null;
      this.link.reconnect();
      return;
    }
    this.held = null;
    for (const event of held) this.hand(event);
  }

  private async judge(): Promise<Verdict> {
    // what was held comes again from where the hole began
    this.held = null;
    const status = await probe(this.place.probe);
    if (status === 404 || status === 410) {
      this.options.onGone?.();
      return "gone";
    }
    return status === 401 ? "signed-out" : "retry";
  }
}

/** A run's stream for somebody who is signed in. */
export function runPlace(runId: string): StreamPlace {
  const path = `/runs/${encodeURIComponent(runId)}`;
  return {
    live: path,
    probe: `${path}/events?limit=1`,
    eventsAfter: async (after) => {
      const params = { path: { run_id: runId }, query: { after, limit: PAGE } };
      return (await answer(api.GET("/runs/{run_id}/events", { params }))).items;
    },
  };
}

/** A run's stream for whoever has a link to it. */
export function sharedPlace(token: string): StreamPlace {
  const path = `/shared/${encodeURIComponent(token)}`;
  return {
    live: path,
    probe: `${path}/events?limit=1`,
    eventsAfter: async (after) => {
      const params = { path: { token }, query: { after, limit: PAGE } };
      return (await answer(api.GET("/shared/{token}/events", { params }))).items;
    },
  };
}
