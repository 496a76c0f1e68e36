// Forms: the error summary takes the focus, files can be dropped, nothing is sent twice.
(() => {
  const attend = () => document.querySelector("form[method=post] [data-error-summary]")?.focus();
  document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-error-summary]") && attend());
  attend();

  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = event.target.closest?.("[data-drop]");
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        const input = drop.querySelector("input[type=file]");
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // A mistake in a text leads to its line.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-line]");
    const area = link && document.querySelector(link.getAttribute("href"));
    if (!area) return;
    event.preventDefault();
    const lines = area.value.split("\n");
    const start = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[link.dataset.line - 1] ?? "").length);
    area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, link.dataset.line - 6);
  });
})();
