import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { announce, faultOfUpload, fingerprintOf } from "@/screens/datasets/uploading/sending";
import { useUploads } from "@/screens/datasets/uploading/uploads";
import { refused, serve } from "../../api/server";

const file = (name = "고양이.zip") => new File(["12345"], name, { lastModified: 7 });
const view = (id: string, more = {}) => ({
  id, file_name: "고양이.zip", name: null, task: null, fingerprint: "고양이.zip:5:7", offset: 2,
  length: 5, state: "receiving", created_at: "2026-01-01T00:00:00Z", expires_at: "2026-01-02T00:00:00Z", ...more,
});

beforeEach(() => setActivePinia(createPinia()));

describe("an upload", () => {
  it("is announced with its name in any script", async () => {
    const { asked } = serve({ "POST /datasets/uploads": { status: 201, body: view("d1") } });
    await announce(file(), "");
    const headers = asked[0]?.request.headers;
    expect(headers?.get("Upload-Length")).toBe("5");
    const pairs = (headers?.get("Upload-Metadata") ?? "").split(",").map((pair) => pair.split(" "));
    expect(pairs.map(([key]) => key)).toEqual(["filename", "fingerprint"]);
    const [, name = ""] = pairs[0] ?? [];
    expect(new TextDecoder().decode(Uint8Array.from(atob(name), (one) => one.charCodeAt(0)))).toBe("고양이.zip");
  });

  it("that was begun before goes on when the same file is chosen", async () => {
    serve({ "GET /datasets/uploads": { body: { items: [view("d1"), view("d2", { state: "done" }), view("d3", { fingerprint: "x" })], next_cursor: null, total: null } } });
    const uploads = useUploads();
    await uploads.look();
    expect(uploads.left.map((one) => one.id)).toEqual(["d1", "d3"]);
    uploads.choose([file(), file("other.zip")]);
    expect(uploads.items.map(({ id, sent }) => [id, sent])).toEqual([["d1", 2], [null, 0]]);
    expect(uploads.left.map((one) => one.id)).toEqual(["d3"]);
  });

  it("that is refused is told with the reason, and the next one is begun", async () => {
    const { keys } = serve({ "POST /datasets/uploads": refused(409, "conflict") });
    const uploads = useUploads();
    uploads.choose([file("a.zip"), file("b.zip")]);
    uploads.start([...uploads.items]);
    await expect.poll(() => uploads.items.map((one) => one.state)).toEqual(["failed", "failed"]);
    expect(uploads.items[0]?.fault?.code).toBe("conflict");
    expect(keys()).toHaveLength(2);
    expect(uploads.isBusy).toBe(false);
  });

  it("that is taken off the list is given up on the platform", async () => {
    const { keys } = serve({
      "GET /datasets/uploads": { body: { items: [view("d1")], next_cursor: null, total: null } },
      "DELETE /datasets/uploads/d1": { status: 204 },
    });
    const uploads = useUploads();
    await uploads.look();
    uploads.choose([file()]);
    const [item] = uploads.items;
    if (item) await uploads.remove(item);
    expect(keys()).toContain("DELETE /datasets/uploads/d1");
    expect(uploads.items).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it("is a fault as every other", () => {
    const body = JSON.stringify({ error: { code: "bad_archive", message: "broken", details: {}, request_id: "r" } });
    const response = { getStatus: () => 422, getBody: () => body, getHeader: () => undefined, getUnderlyingObject: () => null };
    const error = Object.assign(new Error("tus"), { originalResponse: response, originalRequest: null });
    expect(faultOfUpload(error)).toMatchObject({ code: "bad_archive", status: 422, message: "broken" });
    expect(faultOfUpload(new Error("no line"))).toMatchObject({ code: "network", status: 0 });
  });

  it("does not take another file for the same", () => {
    expect(fingerprintOf(file())).not.toBe(fingerprintOf(new File(["123456"], "고양이.zip", { lastModified: 7 })));
  });
});
