/** Whatever goes wrong with a request, as one kind of error. */

export interface Fault {
  field: string;
  code: string;
  message: string;
  expected?: string;
  suggestions?: string[];
  mend?: string;
}

/** Codes that no answer has: there was none. */
export type ClientCode = "network" | "bad_answer" | "aborted";

interface FaultParts {
  status?: number;
  field?: string;
  expected?: string;
  mend?: string;
  faults?: Fault[];
  details?: Record<string, unknown>;
  requestId?: string;
  retryAfter?: number;
}

/**
 * A request that failed.
 *
 * `status` is 0 where no answer came; `mend` is the command that mends it; `faults` are the single
 * things wrong with what was sent; `retryAfter` are seconds.
 */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly expected: string | undefined;
  readonly mend: string | undefined;
  readonly faults: readonly Fault[];
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, parts: FaultParts = {}) {
    super(message);
    this.code = code;
    this.status = parts.status ?? 0;
    this.field = parts.field;
    this.expected = parts.expected;
    this.mend = parts.mend;
    this.faults = parts.faults ?? [];
    this.details = parts.details ?? {};
    this.requestId = parts.requestId;
    this.retryAfter = parts.retryAfter;
  }

  /** Nobody answered: the platform, or the way to it, is down. */
  get isOffline(): boolean {
    return this.code === "network" || this.status === 502 || this.status === 504;
  }

  /** The asker gave up, which is no failure to be shown. */
  get isAborted(): boolean {
    return this.code === "aborted";
  }

  /** What is wrong with one field of what was sent. */
  of(field: string): Fault | undefined {
    return this.faults.find((fault) => fault.field === field);
  }
}

/** The fault that an answer tells of. */
export async function faultOf(response: Response): Promise<ApiFault> {
  const text = await response.text().catch(() => "");
  return faultFrom(response.status, text, (name) => response.headers.get(name));
}

/** The fault of an answer that was read by other means than `fetch`. */
export function faultFrom(
  status: number,
  text: string,
  header: (name: string) => string | null,
): ApiFault {
  const retryAfter = secondsUntil(header("Retry-After"));
  const requestId = header("X-Request-ID") ?? undefined;
  const body = errorBody(text);
  if (!body) {
    const message = `${status} ${text.slice(0, 200)}`.trim();
    return new ApiFault("bad_answer", message, { status, retryAfter, requestId });
  }
  const details = isRecord(body.details) ? body.details : {};
  return new ApiFault(body.code, body.message, {
    status,
    details,
    field: textOf(details.field),
    expected: textOf(details.expected),
    mend: textOf(details.mend),
    faults: Array.isArray(details.faults) ? details.faults.filter(isFault) : [],
    requestId: textOf(body.request_id) ?? requestId,
    retryAfter,
  });
}

/** Any error as a fault: what was thrown on the way to the answer, or after it. */
export function asFault(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DOMException && error.name === "AbortError") {
    return new ApiFault("aborted", message);
  }
  // what `fetch` throws when no answer came
  if (error instanceof TypeError) return new ApiFault("network", message);
  return new ApiFault("bad_answer", message);
}

function errorBody(text: string): { code: string; message: string; [key: string]: unknown } | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  const error = isRecord(body) ? body.error : null;
  if (!isRecord(error)) return null;
  const { code, message } = error;
  if (typeof code !== "string" || typeof message !== "string") return null;
  return { ...error, code, message };
}

function secondsUntil(value: string | null): number | undefined {
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFault(value: unknown): value is Fault {
  return isRecord(value) && typeof value.field === "string" && typeof value.message === "string";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
