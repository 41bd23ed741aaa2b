/** Saves a text as a file. */
export function saveText(name: string, text: string, type = "text/plain"): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** The address of a file that a run has left; the session's cookie opens it. */
export function artifactUrl(runId: string, path: string): string {
  const parts = path.split("/").map(encodeURIComponent).join("/");
  return `/api/v1/runs/${encodeURIComponent(runId)}/artifacts/${parts}`;
}

/** The address of a run's report, one HTML file. */
export function reportUrl(runId: string, language: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}/report?language=${language}`;
}

export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  saveFrom(url, name);
  URL.revokeObjectURL(url);
}

/** Saves what is at an address; without a name, as the server calls it. */
export function saveFrom(url: string, name = ""): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
