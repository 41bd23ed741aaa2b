/** One file on its way to the platform, by tus: through breaks, restarts and renewed sign-ins. */

import type { DetailedError } from "tus-js-client";
import { answer, api, BASE } from "@/api/client";
import { ApiFault, faultFrom } from "@/api/errors";
import { useSession } from "@/api/session";
import type { Schema } from "@/api/types";

/** Bytes of one request: few enough that proxies let them pass. */
const PIECE = 32 * 1024 * 1024;
const PAUSES = [300, 700, 1500, 3000, 5000];
/** How often a platform that is away is tried again, some five seconds apart: for an hour. */
const PATIENCE = 720;
const VERSION = "1.0.0" as const;
/** What passes by itself: a platform that starts, a line that is down, another request at it. */
const PASSING = new Set([0, 408, 423, 429, 502, 503, 504]);

export type View = Schema<"UploadView">;

interface SendOptions {
  signal: AbortSignal;
  onProgress: (sent: number) => void;
  /** Whether nothing gets through at the moment. */
  onWaiting: (isWaiting: boolean) => void;
}

/** By which a file is known again: its name, its size and when it was changed. */
export function fingerprintOf(file: File): string {
  return `${file.name}:${file.size}:${file.lastModified}`;
}

/** Announces a file; its pieces go to the upload that is answered. */
export function announce(file: File, name: string): Promise<View> {
  const said = { filename: file.name, name, fingerprint: fingerprintOf(file) };
  const pairs = Object.entries(said).filter(([, value]) => value);
  const header = {
    "Tus-Resumable": VERSION,
    "Upload-Length": file.size,
    "Upload-Metadata": pairs.map(([key, value]) => `${key} ${base64(value)}`).join(","),
  };
  return answer(api.POST("/datasets/uploads", { params: { header } }));
}

/** Gives an upload up; what has come of it is deleted. */
export async function discard(upload_id: string): Promise<void> {
  const header = { "Tus-Resumable": VERSION };
  await answer(api.DELETE("/datasets/uploads/{upload_id}", { params: { path: { upload_id }, header } }));
}

/**
 * Sends what the platform does not have yet, and answers with the dataset.
 *
 * @throws ApiFault: what is wrong with the archive; `aborted` when the signal says so; `not_found`
 * when the platform has forgotten the upload.
 */
export async function send(file: File, id: string, options: SendOptions): Promise<Schema<"DatasetView">> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await sendRest(file, id, options);
      break;
    } catch (error) {
      if (!(error instanceof ApiFault) || error.status !== 401) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await useSession().expire(options.signal);
    }
  }
  return finished(id, options);
}

/** Sends everything from where the platform has it on. */
async function sendRest(file: File, id: string, options: SendOptions): Promise<void> {
  const { signal, onProgress, onWaiting } = options;
  const { Upload } = await import("tus-js-client");
  return new Promise((resolve, reject) => {
    const leave = () => {
      void upload.abort();
      reject(new ApiFault("aborted", "the upload was paused"));
    };
    const upload = new Upload(file, {
      uploadUrl: `${BASE}/datasets/uploads/${id}`,
      chunkSize: PIECE,
      retryDelays: [...PAUSES, ...Array.from({ length: PATIENCE }, () => 5000)],
      storeFingerprintForResuming: false,
      onShouldRetry(error) {
        const passes = isPassing(faultOfUpload(error));
        if (passes) onWaiting(true);
        return passes;
      },
      onProgress(sent) {
        onWaiting(false);
        onProgress(sent);
      },
      onError: (error) => settle(() => reject(faultOfUpload(error))),
      onSuccess: () => settle(resolve),
    });
    const settle = (settled: () => void) => {
      signal.removeEventListener("abort", leave);
      settled();
    };
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener("abort", leave, { once: true });
    upload.start();
  });
}

/** The dataset of a file that is whole; waits for a platform that was ended while it unpacked. */
async function finished(upload_id: string, { signal, onWaiting }: SendOptions) {
  for (let tries = 0; ; tries += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await answer(
        api.POST("/datasets/uploads/{upload_id}/finish", { params: { path: { upload_id } }, signal }),
      );
    } catch (error) {
      if (!(error instanceof ApiFault) || !isPassing(error) || tries > PATIENCE) throw error;
      onWaiting(error.code !== "locked");
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, PAUSES[tries] ?? 5000));
    }
  }
}

function isPassing(fault: ApiFault): boolean {
  if (fault.isAborted) return false;
  return PASSING.has(fault.status) || fault.code === "offset_conflict";
}

/** What tus tells of a failure, as every other request does. */
export function faultOfUpload(error: Error | DetailedError): ApiFault {
  const response = "originalResponse" in error ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  if (!response || status === 0) return new ApiFault("network", error.message);
  return faultFrom(status, response.getBody(), (name) => response.getHeader(name) ?? null);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
