/** Which node draws which row, where rows that leave a list hand theirs on to those that come. */

export interface Placed {
  key: string;
  /** Names the node: what is drawn under the same slot is changed, and not made anew. */
  slot: number;
}

/** Rows that come take the nodes of those that left where these stand; no node is moved. */
export function handOn(before: readonly Placed[], keys: readonly string[]): Placed[] {
  const known = new Set(before.map(({ key }) => key));
  const stays = new Set(keys);
  const coming = keys.filter((key) => !known.has(key));
  const after = before.flatMap(({ key, slot }) => {
    const drawn = stays.has(key) ? key : coming.shift();
    return drawn === undefined ? [] : [{ key: drawn, slot }];
  });
  const fresh = unused(before);
  return [...after, ...coming.map((key, place) => ({ key, slot: fresh + place }))];
}

/**
 * Nodes in the order of their rows, as somebody who tabs through them or has them read out expects.
 *
 * A node that had to pass the pinned one is made anew instead: so the pinned one is never moved,
 * which would take the focus from it.
 */
export function inOrder(before: readonly Placed[], keys: readonly string[], pinned: string): Placed[] {
  const pin = before.findIndex(({ key }) => key === pinned);
  const turn = pin < 0 ? -1 : keys.indexOf(pinned);
  const places = new Map(keys.map((key, place) => [key, place]));
  const kept = new Map<string, number>();
  const free: [number[], number[]] = [[], []];
  before.forEach(({ key, slot }, place) => {
    const next = places.get(key);
    if (next === undefined) free[place < pin ? 0 : 1].push(slot);
    else if (next < turn === place < pin) kept.set(key, slot);
  });
  let fresh = unused(before);
  return keys.map((key, place) => ({
    key,
    slot: kept.get(key) ?? free[place < turn ? 0 : 1].shift() ?? fresh++,
  }));
}

function unused(placed: readonly Placed[]): number {
  return Math.max(-1, ...placed.map(({ slot }) => slot)) + 1;
}
