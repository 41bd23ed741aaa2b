/** Links that sign in hold their code behind `#`, where no server and no log sees it. */

const CODE = /^[A-Za-z0-9_-]{20,200}$/;

/** The code of a pasted link, of its end, or itself; null where there is none. */
export function codeOf(pasted: string): string | null {
  const text = pasted.trim();
  const code = /#code=([^&\s]+)/.exec(text)?.[1] ?? text;
  return CODE.test(code) ? code : null;
}

/** Where somebody who signed in goes on: a path of this app, whatever a link says. */
export function nextOf(next: unknown): string {
  const path = typeof next === "string" ? next : "";
  return /^\/(?![/\\])/.test(path) ? path : "/";
}
