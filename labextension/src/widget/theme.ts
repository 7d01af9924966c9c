/** Dark or light: JupyterLab says so on an ancestor; other hosts are asked, and told on the widget's own root. */

const HOOK = "data-jp-theme-light";

export function themed(root: HTMLElement): () => void {
  if (root.parentElement?.closest(`[${HOOK}]`)) return () => {};
  const wish = matchMedia("(prefers-color-scheme: dark)");
  const set = () => root.setAttribute(HOOK, String(!isDark(wish)));
  root.setAttribute("data-wb-plain", "");
  set();
  wish.addEventListener("change", set);
  const watch = new MutationObserver(set);
  watch.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind"] });
  return () => {
    wish.removeEventListener("change", set);
    watch.disconnect();
  };
}

function isDark(wish: MediaQueryList): boolean {
  const kind = document.body.dataset["vscodeThemeKind"];
  if (kind) return kind.includes("dark") || kind === "vscode-high-contrast";
  const classes = document.body.classList;
  if (classes.contains("dark") || classes.contains("vscode-dark") || classes.contains("theme-dark")) return true;
  return wish.matches && getComputedStyle(document.body).backgroundColor !== "rgb(255, 255, 255)";
}
