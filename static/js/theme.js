// Light and dark. Without this file the same buttons post to the server, which sets the same cookie.
(() => {
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);

  const remember = (theme) => {
    const secure = location.protocol === "https:" ? ";secure" : "";
    const age = theme === "system" ? 0 : 31536000;
    document.cookie = `theme=${theme};path=/;max-age=${age};samesite=lax${secure}`;
  };

  const show = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.querySelectorAll("[data-theme-form] [aria-pressed]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === theme));
    });
    document.dispatchEvent(new Event("themechange"));
    document.getElementById("live").textContent = theme === "system" ? "Colours follow the system" : `${theme} colours`;
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-form]")) return;
    event.preventDefault();
    const button = event.submitter;
    const toggled = isDark() ? "light" : "dark";
    const theme = button.matches("[data-theme-toggle]") ? toggled : button.value;
    remember(theme);
    show(theme);
  });

  prefersDark.addEventListener("change", () => document.dispatchEvent(new Event("themechange")));
})();
