// Dialogs, menus and toasts: what HTML does not do by itself.
(() => {
  const modal = document.getElementById("modal");
  const body = document.getElementById("modal-body");
  let opener = null;

  // The modal: htmx fills its body; focus goes to the heading, and back to the opener.
  const open = (from, wide) => {
    opener = from;
    modal.classList.toggle("wide", Boolean(wide));
    if (!modal.open) modal.showModal();
    document.getElementById("modal-title")?.focus();
  };
  modal?.addEventListener("close", () => {
    modal.dispatchEvent(new Event("emptying"));
    body.replaceChildren();
    opener?.focus();
  });
  modal?.addEventListener("click", (event) => {
    if (event.target === modal || event.target.closest("[data-close]")) modal.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "modal-body") open(event.detail.requestConfig?.elt ?? document.activeElement, false);
  });

  // A button that opens a dialog which stands on the page: <button data-dialog="id">.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dialog]");
    if (button) document.getElementById(button.dataset.dialog)?.showModal();
    if (event.target.closest("dialog [data-close]")) event.target.closest("dialog").close();
  });

  // Menus, where the browser cannot anchor a popover to its button.
  if (!CSS.supports("position-area", "block-end")) {
    document.addEventListener("toggle", (event) => {
      const menu = event.target;
      if (event.newState !== "open" || !menu.matches?.(".menu")) return;
      const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
      const left = menu.matches(".menu-end") ? button.right - menu.offsetWidth : button.left;
      menu.style.top = `${button.bottom + 4}px`;
      menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
    }, true);
  }

  // Toasts leave by themselves, except warnings and errors; not while somebody reads them.
  const settle = (toast) => {
    if (toast.dataset.settled || toast.matches("[role=alert]")) return;
    toast.dataset.settled = "1";
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, 8000);
  };
  const settleAll = () => document.querySelectorAll("[data-toast]").forEach(settle);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove());
  document.addEventListener("htmx:afterSettle", settleAll);
  settleAll();

  // "/" goes to the search field.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector("[data-shortcut='/']")?.focus();
  });

  window.portal = { openModal: open };
})();
