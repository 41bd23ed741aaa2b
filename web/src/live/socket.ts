/**
 * One WebSocket that is opened again whenever it breaks.
 *
 * Knows nothing of what travels on it: its user says where to connect (a stream's place moves on)
 * and why a server refuses.
 */

export type LinkState =
  | { name: "connecting" }
  | { name: "connected" }
  /** Broken; tried again at `at` (milliseconds since 1970). */
  | { name: "waiting"; at: number; tries: number }
  /** The browser says that there is no network; tried again when there is. */
  | { name: "offline" }
  /** Tried again when somebody has signed in. */
  | { name: "signed-out" }
  /** Ended, or what it tells of is not there: not tried again. */
  | { name: "closed" };

/** What a refused or broken connection means. */
export type Verdict = "retry" | "signed-out" | "gone";

/** As much of a WebSocket as is used. */
export type SocketLike = Pick<WebSocket, "onopen" | "onmessage" | "onclose" | "close">;

export interface LinkOptions {
  /** Where to connect now. */
  url: () => string;
  onMessage: (text: string) => void;
  onState: (state: LinkState) => void;
  /** Asked whenever a connection ended: a browser does not say why. */
  judge: () => Promise<Verdict>;
  connect?: (url: string) => SocketLike;
  random?: () => number;
}

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A connection that lasted so long starts the waits anew when it breaks. */
const STABLE_MS = 5000;
/** The server breaks a silence of so many seconds with a heartbeat. */
export const HEARTBEAT_SECONDS = 15;
const DEAD_MS = HEARTBEAT_SECONDS * 2500;

export class Link {
  private state: LinkState = { name: "closed" };
  private socket: SocketLike | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private openedAt = 0;
  private readonly options: Required<LinkOptions>;

  constructor(options: LinkOptions) {
    const connect = (url: string): SocketLike => new WebSocket(url);
    this.options = { connect, random: Math.random, ...options };
  }

  /** Connects, and stays connected until `close`. */
  open(): void {
    if (this.state.name !== "closed") return;
    addEventListener("online", this.onOnline);
    addEventListener("offline", this.onOffline);
    document.addEventListener("visibilitychange", this.onVisible);
    this.tries = 0;
    this.connect();
  }

  close(): void {
    removeEventListener("online", this.onOnline);
    removeEventListener("offline", this.onOffline);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.drop();
    this.enter({ name: "closed" });
  }

  /** Tries at once instead of at the end of the wait. */
  retryNow(): void {
    const { name } = this.state;
    if (name !== "waiting" && name !== "offline" && name !== "signed-out") return;
    this.connect();
  }

  /** Leaves the connection and makes a new one, whose address may be another. */
  reconnect(): void {
    if (this.state.name !== "closed") this.connect();
  }

  private connect(): void {
    this.drop();
    if (!navigator.onLine) {
      this.enter({ name: "offline" });
      return;
    }
    this.enter({ name: "connecting" });
    let socket: SocketLike;
    try {
      socket = this.options.connect(this.options.url());
    } catch {
      this.wait();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      this.openedAt = Date.now();
      this.enter({ name: "connected" });
      this.listen();
    };
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      this.listen();
      this.options.onMessage(data);
    };
    socket.onclose = () => void this.lost();
    this.listen();
  }

  /** A connection that says nothing for too long is dead, whatever the browser believes. */
  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => void this.lost(), DEAD_MS);
  }

  private async lost(): Promise<void> {
    const stable = this.state.name === "connected" && Date.now() - this.openedAt >= STABLE_MS;
    if (stable) this.tries = 0;
    this.drop();
    if (!navigator.onLine) {
      this.enter({ name: "offline" });
      return;
    }
    // the first wait begins now, not when the server has been asked why
    this.wait();
    const waiting = this.state;
    const verdict = await this.options.judge();
    if (this.state !== waiting || verdict === "retry") return;
    if (verdict === "gone") {
      this.close();
      return;
    }
    clearTimeout(this.timer);
    this.enter({ name: "signed-out" });
  }

  private wait(): void {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.tries);
    // half of it by chance, so that those who were cut off together do not come back together
    const ms = longest / 2 + (longest / 2) * this.options.random();
    this.tries += 1;
    this.enter({ name: "waiting", at: Date.now() + ms, tries: this.tries });
    this.timer = setTimeout(() => this.connect(), ms);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  private enter(state: LinkState): void {
    this.state = state;
    this.options.onState(state);
  }

  private readonly onOnline = (): void => this.retryNow();

  private readonly onOffline = (): void => {
    if (this.state.name === "signed-out") return;
    this.drop();
    this.enter({ name: "offline" });
  };

  private readonly onVisible = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };
}

/** The address of a live route of the API. */
export function liveUrl(path: string, query: Record<string, string | number | boolean>): string {
  const url = new URL(`/api/v1/ws${path}`, location.origin);
  url.protocol = url.protocol.replace("http", "ws");
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}
