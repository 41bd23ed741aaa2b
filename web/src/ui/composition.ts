/** Whether a key belongs to an input method that is still composing (Hangul, Kana, Pinyin). */
export function endsComposition(event: KeyboardEvent): boolean {
  // Safari ends the composition before the keydown that ended it, and marks that key 229.
  return event.isComposing || event.keyCode === 229;
}
