import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, api, waitWhenSignedOut } from "@/api/client";
import { useSession } from "@/api/session";
import { ME, refused, serve } from "./server";

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => {
  waitWhenSignedOut(null);
  vi.unstubAllGlobals();
});

const EMPTY = { body: { items: [], next_cursor: null, total: 0 } };

describe("the session", () => {
  it("asks who is signed in once", async () => {
    const { keys } = serve({ "GET /auth/me": { body: ME } });
    const session = useSession();
    await Promise.all([session.load(), session.load()]);
    await session.load();
    expect(keys()).toEqual(["GET /auth/me"]);
    expect(session.me?.name).toBe("kim");
  });

  it("is out when the server knows nobody, and says so when the server is gone", async () => {
    serve({ "GET /auth/me": [refused(401, "unauthorized")] });
    const session = useSession();
    await session.load();
    expect(session.isSignedOut).toBe(true);

    setActivePinia(createPinia());
    serve({ "GET /auth/me": ["no network", { body: ME }] });
    const other = useSession();
    await other.load();
    expect(other.state).toBe("unknown");
    expect(other.fault?.code).toBe("network");
    await other.load();
    expect(other.state).toBe("in");
    expect(other.fault).toBeNull();
  });

  it.each([
    ["admin", true, true],
    ["user", true, false],
    ["viewer", false, false],
  ])("lets a %s write: %s, manage: %s", async (role, write, admin) => {
    serve({ "GET /auth/me": { body: { ...ME, role } } });
    const session = useSession();
    expect(session.can("read")).toBe(false);
    await session.load();
    expect(session.can("read")).toBe(true);
    expect(session.can("write")).toBe(write);
    expect(session.can("admin")).toBe(admin);
  });

  it("goes on with what was asked when it had ended", async () => {
    const { keys } = serve({
      "GET /auth/me": { body: ME },
      "GET /runs": [refused(401, "unauthorized"), EMPTY],
      "GET /projects": [refused(401, "unauthorized"), EMPTY],
      "POST /auth/sign-in": { body: ME },
    });
    const session = useSession();
    await session.load();
    const asked = Promise.all([answer(api.GET("/runs")), answer(api.GET("/projects"))]);
    await vi.waitFor(() => expect(session.isExpired).toBe(true));
    expect(session.me?.name, "the page stays as it is").toBe("kim");
    await vi.waitFor(() => expect(keys()).toHaveLength(3));
    await session.signIn({ name: "kim", password: "secret" });
    const [runs, projects] = await asked;
    expect(runs.items).toEqual([]);
    expect(projects.items).toEqual([]);
    expect(session.state).toBe("in");
    expect(keys().filter((key) => key === "GET /runs")).toHaveLength(2);
  });

  it("gives up what waits when its asker does, or when somebody signs out", async () => {
    serve({
      "GET /auth/me": { body: ME },
      "GET /runs": refused(401, "unauthorized"),
      "DELETE /auth/session": refused(401, "unauthorized"),
    });
    const session = useSession();
    await session.load();
    const giving = new AbortController();
    const given = answer(api.GET("/runs", { signal: giving.signal }));
    const waiting = answer(api.GET("/runs"));
    await vi.waitFor(() => expect(session.isExpired).toBe(true));
    giving.abort();
    await expect(given).rejects.toMatchObject({ code: "aborted" });
    await session.signOut();
    await expect(waiting).rejects.toMatchObject({ status: 401 });
    expect(session.isSignedOut).toBe(true);
  });

  it("tells a wrong password at once while it waits for the right one", async () => {
    serve({
      "GET /auth/me": { body: ME },
      "GET /runs": [refused(401, "unauthorized"), EMPTY],
      "POST /auth/sign-in": [refused(401, "unauthorized"), { body: ME }],
    });
    const session = useSession();
    await session.load();
    const asked = answer(api.GET("/runs"));
    await vi.waitFor(() => expect(session.isExpired).toBe(true));
    await expect(session.signIn({ name: "kim", password: "x" })).rejects.toMatchObject({ status: 401 });
    expect(session.isExpired).toBe(true);
    await session.signIn({ name: "kim", password: "right" });
    expect((await asked).items).toEqual([]);
  });

  it("stays as it was when signing in fails", async () => {
    serve({
      "GET /auth/me": refused(401, "unauthorized"),
      "POST /auth/sign-in": refused(429, "rate_limited"),
    });
    const session = useSession();
    await session.load();
    await expect(session.signIn({ code: "x" })).rejects.toMatchObject({ code: "rate_limited" });
    expect(session.isSignedOut).toBe(true);
  });

  it("follows other tabs in and out", async () => {
    serve({ "GET /auth/me": [refused(401, "unauthorized"), { body: ME }] });
    const session = useSession();
    await session.load();
    const other = new BroadcastChannel("trainwright.session");
    other.postMessage({ type: "signed-in", id: ME.id });
    await vi.waitFor(() => expect(session.state).toBe("in"));
    other.postMessage({ type: "signed-out" });
    await vi.waitFor(() => expect(session.state).toBe("out"));
    other.close();
  });
});
