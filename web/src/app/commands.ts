/** What the command palette offers, beside the screens themselves. */

import { onScopeDispose, shallowReactive, toValue, type Component, type MaybeRefOrGetter } from "vue";

export interface Command {
  /** Unique among all commands. */
  id: string;
  /** In the language in use. */
  label: string;
  icon?: Component;
  /** Heading it stands under; that of the screen where it is left out. */
  group?: string;
  /** Other words it is found by. */
  keywords?: string;
  /** Keys that do the same, shown beside it. */
  keys?: string;
  run: () => unknown;
}

const sources = shallowReactive(new Set<MaybeRefOrGetter<readonly Command[]>>());

/** Offers commands in the palette as long as the component lives. */
export function useCommands(commands: MaybeRefOrGetter<readonly Command[]>): void {
  sources.add(commands);
  onScopeDispose(() => sources.delete(commands));
}

/** Everything offered now, by those that came last first. */
export function offeredCommands(): Command[] {
  return [...sources].toReversed().flatMap((source) => toValue(source));
}

/** Whether every word of a text is in what the command is called or found by. */
export function matches(command: Pick<Command, "label" | "keywords" | "group">, text: string): boolean {
  const words = [command.label, command.keywords, command.group].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
