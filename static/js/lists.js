// Lists: addresses without empty parameters, and a filter menu that stays open while htmx replaces the list.
(() => {
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("[data-clean]")) return;
    const parameters = event.detail.parameters;
    for (const [key, value] of [...parameters.entries()]) {
      if (value === "") parameters.delete(key);
    }
  });

  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.target.querySelectorAll(".filter-choices:popover-open")].map((menu) => menu.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const focused = document.activeElement?.id;
    for (const id of open) document.getElementById(id)?.showPopover({ source: document.getElementById(`${id}-button`) });
    if (focused) document.getElementById(focused)?.focus();
    open = [];
  });

  // A list that was replaced says how long it is now.
  document.addEventListener("htmx:afterSettle", (event) => {
    const total = event.target.closest?.(".list")?.querySelector(".list-total");
    if (total) document.getElementById("live").textContent = total.textContent;
  });

  // A form without htmx keeps its address clean, too.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[method=get]:not([hx-get])")) {
      for (const input of event.target.querySelectorAll("input[name]")) input.disabled ||= input.value === "";
    }
  });
})();
