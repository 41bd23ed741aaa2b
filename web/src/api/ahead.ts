/** An answer that is asked for before the view that shows it is there. */

/** Keeps one answer for whoever comes for it by the same name. */
export function answerAhead<T>(ask: (name: string) => Promise<T>) {
  let begun: { name: string; answer: Promise<T> } | null = null;

  return {
    begin(name: string): Promise<T> {
      const asked = ask(name);
      begun = { name, answer: asked };
      // whoever takes it hears of its failure; perhaps nobody does
      asked.catch(() => undefined);
      return asked;
    },
    /** What was begun by that name, once. */
    take(name: string): Promise<T> | null {
      const found = begun?.name === name ? begun.answer : null;
      begun = null;
      return found;
    },
  };
}
