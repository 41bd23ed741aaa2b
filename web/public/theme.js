// Before the first paint, so that no page flashes in the other theme; see src/app/theme.ts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("trainwright.theme");
  } catch {
    // kept nowhere: as the system is
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
