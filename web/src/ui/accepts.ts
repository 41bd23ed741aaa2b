/** Whether a file matches what `<input accept>` would let one choose. */
export function accepts(file: File, accept: string | undefined): boolean {
  const rules = (accept ?? "").split(",").map((rule) => rule.trim().toLowerCase());
  const wanted = rules.filter(Boolean);
  if (wanted.length === 0) return true;
  const name = file.name.toLowerCase();
  const type = file.type.toLowerCase();
  return wanted.some((rule) => {
    if (rule.startsWith(".")) return name.endsWith(rule);
    if (rule.endsWith("/*")) return type.startsWith(rule.slice(0, -1));
    return type === rule;
  });
}
