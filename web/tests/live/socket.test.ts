import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link, liveUrl, type LinkState, type SocketLike, type Verdict } from "@/live/socket";

/** A socket that does what the test says. */
class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  isClosed = false;
  constructor(readonly url: string) {}
  close(): void {
    this.isClosed = true;
  }
  accept(): void {
    this.onopen?.call(this as never, new Event("open"));
  }
  say(data: string): void {
    this.onmessage?.call(this as never, new MessageEvent("message", { data }));
  }
  break(): void {
    this.onclose?.call(this as never, new Event("close") as never);
  }
}

let sockets: FakeSocket[] = [];
let states: LinkState[] = [];
let said: string[] = [];
let verdict: Verdict = "retry";
let place = 0;
let link: Link;

const newest = () => sockets.at(-1) as FakeSocket;
const names = () => states.map((state) => state.name);
const setOnline = (isOnline: boolean) => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(isOnline);
  dispatchEvent(new Event(isOnline ? "online" : "offline"));
};
/** Lets the question why a connection ended be answered. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  said = [];
  verdict = "retry";
  place = 0;
  link = new Link({
    url: () => `ws://here/${place}`,
    onMessage: (text) => said.push(text),
    onState: (state) => states.push(state),
    judge: async () => verdict,
    connect: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
  });
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a link", () => {
  it("connects, and hands on what is said", () => {
    link.open();
    newest().accept();
    newest().say("a");
    newest().say("b");
    expect(names()).toEqual(["connecting", "connected"]);
    expect(said).toEqual(["a", "b"]);
  });

  it("connects again where it stands, after waits that double up to half a minute", async () => {
    link.open();
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      newest().break();
      // oxlint-disable-next-line no-await-in-loop
      await settle();
      const state = states.at(-1);
      if (state?.name !== "waiting") throw new Error(`it is ${state?.name}`);
      waits.push(state.at - Date.now());
      place += 1;
      // oxlint-disable-next-line no-await-in-loop
      await vi.advanceTimersByTimeAsync(state.at - Date.now());
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(newest().url).toBe("ws://here/9");
  });

  it("spreads the waits of many by chance", async () => {
    const fair = new Link({
      url: () => "ws://here",
      onMessage: () => undefined,
      onState: (state) => states.push(state),
      judge: async () => "retry",
      connect: (url) => {
        sockets.push(new FakeSocket(url));
        return newest();
      },
      random: () => 0,
    });
    fair.open();
    newest().break();
    await settle();
    expect(states.at(-1)).toMatchObject({ name: "waiting", at: Date.now() + 250 });
    fair.close();
  });

  it("begins with short waits again after a connection that lasted", async () => {
    link.open();
    for (let tries = 0; tries < 4; tries += 1) {
      newest().break();
      // oxlint-disable-next-line no-await-in-loop
      await vi.advanceTimersByTimeAsync(30_000);
    }
    newest().accept();
    await vi.advanceTimersByTimeAsync(6000);
    newest().break();
    await settle();
    expect(states.at(-1)).toMatchObject({ name: "waiting", at: Date.now() + 500 });
  });

  it("does not begin anew after a connection that broke at once", async () => {
    link.open();
    newest().break();
    await vi.advanceTimersByTimeAsync(500);
    newest().accept();
    newest().break();
    await settle();
    expect(states.at(-1)).toMatchObject({ name: "waiting", tries: 2 });
  });

  it("takes a silence that no heartbeat breaks for its end", async () => {
    link.open();
    newest().accept();
    await vi.advanceTimersByTimeAsync(30_000);
    newest().say("heartbeat");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it("gives up on a server that takes the call and never answers", async () => {
    link.open();
    await vi.advanceTimersByTimeAsync(38_500);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it("is offline as long as the browser is, and back at once", async () => {
    link.open();
    newest().accept();
    setOnline(false);
    expect(states.at(-1)).toEqual({ name: "offline" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    setOnline(true);
    expect(sockets).toHaveLength(2);
  });

  it("does not wait when the page is looked at again, or the person says so", async () => {
    link.open();
    newest().break();
    await settle();
    document.dispatchEvent(new Event("visibilitychange"));
    expect(sockets).toHaveLength(2);
    newest().break();
    await settle();
    link.retryNow();
    expect(sockets).toHaveLength(3);
    link.retryNow();
    expect(sockets, "one try at a time").toHaveLength(3);
  });

  it("waits for a sign-in when that is why", async () => {
    verdict = "signed-out";
    link.open();
    newest().break();
    await settle();
    expect(states.at(-1)).toEqual({ name: "signed-out" });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
    link.retryNow();
    newest().accept();
    expect(states.at(-1)).toEqual({ name: "connected" });
  });

  it("ends when what it tells of is gone", async () => {
    verdict = "gone";
    link.open();
    newest().break();
    await settle();
    expect(names().at(-1)).toBe("closed");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
  });

  it("says nothing more once it is closed", async () => {
    link.open();
    const socket = newest();
    socket.accept();
    link.close();
    socket.say("late");
    socket.break();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([]);
    expect(sockets).toHaveLength(1);
    expect(socket.isClosed).toBe(true);
    setOnline(true);
    expect(sockets).toHaveLength(1);
  });

  it("is not disturbed by a verdict that came too late", async () => {
    let tell: (verdict: Verdict) => void = () => undefined;
    const slow = new Link({
      url: () => "ws://here",
      onMessage: () => undefined,
      onState: (state) => states.push(state),
      judge: () => new Promise((resolve) => (tell = resolve)),
      connect: (url) => {
        sockets.push(new FakeSocket(url));
        return newest();
      },
      random: () => 1,
    });
    slow.open();
    newest().break();
    await vi.advanceTimersByTimeAsync(500);
    newest().accept();
    tell("signed-out");
    await settle();
    expect(states.at(-1)).toEqual({ name: "connected" });
    slow.close();
  });
});

it("live addresses are those of the page", () => {
  const url = new URL(liveUrl("/runs/r%2F1", { after: 7, resync: true }));
  expect(url.protocol).toBe("ws:");
  expect(url.host).toBe(location.host);
  expect(url.pathname).toBe("/api/v1/ws/runs/r%2F1");
  expect(url.search).toBe("?after=7&resync=true");
});
