// @vitest-environment node
/** A run's stream against a real WebSocket server that breaks, leaves out and repeats. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { RunEvent } from "@/api/types";

const RUN = "run_1";

/** Holds the events of one run, and serves them as the platform does. */
class Platform {
  readonly http: Server;
  readonly sockets: WebSocketServer;
  readonly joined: number[] = [];
  readonly read: number[] = [];
  length = 0;
  status = 200;
  /** Told instead of the events before it, once. */
  leaveOutUntil = 0;

  constructor() {
    this.http = createServer((request, response) => {
      const after = Number(this.query(request.url).get("after") ?? 0);
      const limit = Number(this.query(request.url).get("limit"));
      this.read.push(after);
      const items = this.events(after).slice(0, limit);
      const error = { code: "x", message: "x", details: {}, request_id: "r" };
      response.writeHead(this.status, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify(this.status === 200 ? { items, next_cursor: null, total: null } : { error }),
      );
    });
    this.sockets = new WebSocketServer({ noServer: true });
    this.http.on("upgrade", (request, socket, head) => {
      if (this.status !== 200) {
        socket.end(`HTTP/1.1 ${this.status} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        const after = Number(this.query(request.url).get("after"));
        this.joined.push(after);
        let from = after;
        if (this.leaveOutUntil > after) {
          const data = { next: this.leaveOutUntil };
          client.send(JSON.stringify({ type: "resync", run_id: RUN, seq: after, data }));
          from = this.leaveOutUntil - 1;
          this.leaveOutUntil = 0;
        }
        for (const one of this.events(from)) client.send(JSON.stringify(one));
      });
    });
  }

  private query(url = ""): URLSearchParams {
    return new URL(url, "http://x").searchParams;
  }

  private events(after: number): RunEvent[] {
    return Array.from({ length: Math.max(0, this.length - after) }, (_, n) => event(after + n + 1));
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.http.listen(port, "127.0.0.1", resolve));
    return (this.http.address() as AddressInfo).port;
  }

  grow(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.length += 1;
      this.say(event(this.length));
    }
  }

  say(message: object): void {
    for (const client of this.sockets.clients) client.send(JSON.stringify(message));
  }

  cut(): void {
    for (const client of this.sockets.clients) client.terminate();
  }

  stop(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }
}

function event(seq: number): RunEvent {
  const data = { text: `${seq}`, offset: seq, size: 1 };
  return { type: "log", run_id: RUN, attempt: 1, seq, timestamp: "2026-01-01T00:00:00Z", data };
}

/** As in a browser, where an error that nobody listens to is no exception. */
class BrowserSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    this.on("error", () => undefined);
  }
}

let platform: Platform;
let seen: number[] = [];
let states: string[] = [];
let stream: { open: () => void; close: () => void };
let isGone = false;

async function follow(after = 0): Promise<void> {
  // both read where the page is from as they are loaded
  const { Link } = await import("@/live/socket");
  const { RunStream } = await import("@/live/run-stream");
  stream = new RunStream(
    RUN,
    {
      after,
      onEvents: (events) => seen.push(...events.map(({ seq }) => seq)),
      onGone: () => (isGone = true),
    },
    (options) =>
      new Link({
        ...options,
        onState: ({ name }) => states.push(name),
        random: () => 0,
      }),
  );
  stream.open();
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);
const expectSeen = (last: number) =>
  vi.waitFor(() => expect(seen).toEqual(upTo(last)), { timeout: 8000, interval: 20 });

beforeEach(async () => {
  platform = new Platform();
  const port = await platform.start();
  seen = [];
  states = [];
  isGone = false;
  const page = new EventTarget();
  vi.resetModules();
  vi.stubGlobal("location", new URL(`http://127.0.0.1:${port}/`));
  vi.stubGlobal("WebSocket", BrowserSocket);
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});
afterEach(async () => {
  stream.close();
  await platform.stop();
  vi.unstubAllGlobals();
});

describe("a run's stream", () => {
  it("tells what is there, then what comes", async () => {
    platform.length = 3;
    await follow();
    await expectSeen(3);
    platform.grow(4);
    await expectSeen(7);
  });

  it("goes on after what is known already", async () => {
    platform.length = 5;
    await follow(3);
    await vi.waitFor(() => expect(seen).toEqual([4, 5]));
    expect(platform.joined).toEqual([3]);
  });

  it("goes on where it was when the connection breaks: nothing is lost, nothing comes twice", async () => {
    platform.length = 2;
    await follow();
    await expectSeen(2);
    platform.cut();
    platform.length = 6;
    await expectSeen(6);
    platform.say(event(4));
    platform.grow(1);
    await expectSeen(7);
    expect(platform.joined).toEqual([0, 2]);
    expect(states).toEqual(["connecting", "connected", "waiting", "connecting", "connected"]);
  });

  it("finds the platform again that was killed and started anew", async () => {
    platform.length = 2;
    await follow();
    await expectSeen(2);
    const { port } = platform.http.address() as AddressInfo;
    await platform.stop();
    await vi.waitFor(() => expect(states.filter((name) => name === "waiting").length).toBeGreaterThan(1), {
      timeout: 5000,
    });
    platform = new Platform();
    platform.length = 9;
    await platform.start(port);
    await expectSeen(9);
  });

  it("reads what was left out from the store, before what came after it", async () => {
    platform.length = 2500;
    platform.leaveOutUntil = 2400;
    await follow();
    await expectSeen(2500);
    expect(platform.read).toEqual([0, 1000, 2000]);
  });

  it("fills one hole after another", async () => {
    platform.length = 1;
    await follow();
    await expectSeen(1);
    platform.length = 50;
    platform.say({ type: "resync", run_id: RUN, seq: 1, data: { next: 20 } });
    platform.say(event(20));
    platform.say({ type: "resync", run_id: RUN, seq: 20, data: { next: 50 } });
    platform.say(event(50));
    await expectSeen(50);
    platform.grow(1);
    await expectSeen(51);
  });

  it("starts again before a hole that could not be filled", async () => {
    platform.length = 1;
    await follow();
    await expectSeen(1);
    platform.status = 503;
    platform.length = 30;
    platform.say({ type: "resync", run_id: RUN, seq: 1, data: { next: 30 } });
    platform.say(event(30));
    await vi.waitFor(() => expect(states.at(-1)).toBe("waiting"));
    expect(seen).toEqual([1]);
    platform.status = 200;
    await expectSeen(30);
  });

  it("does not take a heartbeat for an event", async () => {
    platform.length = 1;
    await follow();
    await expectSeen(1);
    platform.say({ type: "heartbeat", run_id: RUN, seq: 1 });
    platform.grow(1);
    await expectSeen(2);
  });

  it("waits for a sign-in when it is refused for that", async () => {
    platform.status = 401;
    await follow();
    await vi.waitFor(() => expect(states.at(-1)).toBe("signed-out"));
  });

  it.each([404, 410])("ends when the run, or a link to it, is gone (%i)", async (status) => {
    platform.length = 1;
    await follow();
    await expectSeen(1);
    platform.status = status;
    platform.cut();
    await vi.waitFor(() => expect(states.at(-1)).toBe("closed"));
    expect(isGone).toBe(true);
  });
});
