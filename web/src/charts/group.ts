export interface XRange {
  from: number;
  to: number;
}

type Listener = (range: XRange | null) => void;

const groups = new Map<string, Set<Listener>>();

/** Joins charts whose x moves together; gives `tell` for the others, and `leave`. */
export function joinGroup(name: string, listener: Listener) {
  const members = groups.get(name) ?? new Set();
  groups.set(name, members);
  members.add(listener);
  return {
    tell(range: XRange | null) {
      for (const member of members) if (member !== listener) member(range);
    },
    leave() {
      members.delete(listener);
      if (members.size === 0) groups.delete(name);
    },
  };
}
