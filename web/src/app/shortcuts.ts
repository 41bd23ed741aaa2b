/** Keys that do something: one (`?`), with modifiers (`mod+k`), or one after another (`g r`). */

import { onScopeDispose, shallowReactive, toValue, type MaybeRefOrGetter } from "vue";

export interface Shortcut {
  keys: string;
  /** In the language in use, for the sheet that lists them. */
  label: string;
  /** Heading on the sheet; that of the page where it is left out. */
  group?: string;
}

interface Bound {
  keys: string;
  label: MaybeRefOrGetter<string>;
  group: MaybeRefOrGetter<string> | undefined;
  act: (event: KeyboardEvent) => unknown;
  isActive: MaybeRefOrGetter<boolean>;
}

interface Options {
  group?: MaybeRefOrGetter<string>;
  isActive?: MaybeRefOrGetter<boolean>;
}

const SEQUENCE_MS = 1200;
const isMac = /mac|iphone|ipad/i.test(navigator.platform);
const bound = shallowReactive(new Set<Bound>());

/** Binds keys as long as the component lives; what was bound last wins. */
export function useShortcut(
  keys: string,
  label: MaybeRefOrGetter<string>,
  act: (event: KeyboardEvent) => unknown,
  options: Options = {},
): void {
  const one = { keys, label, act, group: options.group, isActive: options.isActive ?? true };
  bound.add(one);
  onScopeDispose(() => bound.delete(one));
}

/** What is bound now. */
export function boundShortcuts(): Shortcut[] {
  return [...bound]
    .filter((one) => toValue(one.isActive))
    .map(({ keys, label, group }) => ({ keys, label: toValue(label), group: toValue(group) }));
}

/** Listens for everything that is bound; answers with a way to end it. */
export function listenForShortcuts(target: Window = window): () => void {
  let before: string[] = [];
  let last = 0;

  function onKeydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const pressed = strokeOf(event);
    if (!pressed) return;
    // what is typed is typed: only keys with a modifier mean something there
    if (isTyping(event.target) && !/^(mod|alt)\+/.test(pressed)) return;
    const now = event.timeStamp;
    before = now - last < SEQUENCE_MS ? [...before.slice(-1), pressed] : [pressed];
    last = now;
    const match = find(before.join(" ")) ?? find(pressed);
    if (!match) return;
    before = [];
    event.preventDefault();
    match.act(event);
  }

  target.addEventListener("keydown", onKeydown);
  return () => target.removeEventListener("keydown", onKeydown);
}

function find(keys: string): Bound | undefined {
  return [...bound].toReversed().find((one) => one.keys === keys && toValue(one.isActive));
}

function strokeOf(event: KeyboardEvent): string | null {
  const { key } = event;
  if (["Control", "Meta", "Shift", "Alt"].includes(key)) return null;
  // by place where a letter is typed in Hangul, by what it writes where not
  const place = /^Key([A-Z])$/.exec(event.code)?.[1];
  const name = place && !/^[a-z]$/i.test(key) ? place : key;
  const mod = (isMac ? event.metaKey : event.ctrlKey) ? "mod+" : "";
  const alt = event.altKey ? "alt+" : "";
  const shift = event.shiftKey && name.length > 1 ? "shift+" : "";
  return `${mod}${alt}${shift}${name.toLowerCase()}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea, select, [role=textbox]");
}
