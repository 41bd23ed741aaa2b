/** Forms with files. */

import { BASE } from "@/api/client";
import { ApiFault, asFault, faultFrom } from "@/api/errors";

interface UploadOptions {
  signal?: AbortSignal;
}

/**
 * Sends a form to a path of the API and answers with its body.
 *
 * @throws ApiFault as every other request does; `aborted` when the signal says so.
 */
export function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settle = (settled: () => void) => {
      signal?.removeEventListener("abort", abort);
      settled();
    };
    const fail = (fault: ApiFault) => settle(() => reject(fault));
    request.open("POST", BASE + path);
    request.addEventListener("error", () => fail(new ApiFault("network", "no answer came")));
    request.addEventListener("abort", () => fail(new ApiFault("aborted", "the upload was ended")));
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      if (status < 200 || status >= 300) {
        fail(faultFrom(status, responseText, (name) => request.getResponseHeader(name)));
        return;
      }
      try {
        const body = JSON.parse(responseText) as T;
        settle(() => resolve(body));
      } catch (error) {
        fail(asFault(error));
      }
    });
    if (signal?.aborted) {
      fail(new ApiFault("aborted", "the upload was ended"));
      return;
    }
    signal?.addEventListener("abort", abort);
    request.send(form);
  });
}
