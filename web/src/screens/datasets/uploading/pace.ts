/** How fast something comes on, by what came in the last seconds. */

const WINDOW_MS = 6000;

export class Pace {
  private points: { at: number; sent: number }[] = [];

  /** Notes how much was sent by now. */
  note(sent: number, at = performance.now()): void {
    this.points = this.points.filter((point) => at - point.at <= WINDOW_MS);
    this.points.push({ at, sent });
  }

  /** Forgets what was: after a pause nothing of it counts. */
  reset(): void {
    this.points = [];
  }

  /** Bytes a second; null as long as too little is known. */
  get speed(): number | null {
    const [first] = this.points;
    const last = this.points.at(-1);
    if (!first || !last || last.at - first.at < 500) return null;
    return Math.max(0, (last.sent - first.sent) / ((last.at - first.at) / 1000));
  }
}
