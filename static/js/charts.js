// Charts: the server's SVG is what everybody sees; plotly.js is fetched only when somebody asks to explore.
(() => {
  const root = document.documentElement;
  const source = document.querySelector("meta[name=plotly-src]");
  const config = {
    displaylogo: false,
    responsive: true,
    showSendToCloud: false, // nothing leaves the portal
    modeBarButtonsToRemove: ["sendChartToCloud", "lasso2d", "select2d", "autoScale2d"],
    plotlyServerURL: "",
    topojsonURL: "",
  };

  let loading;
  const plotly = () => (loading ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = source.dataset.css;
    style.id = "plotly.js-style-global";
    style.className = "no-inline-styles";
    // An element of that id keeps plotly.js from injecting a style of its own, which the CSP would refuse.
    const placeholders = source.dataset.styles.split(" ").filter(Boolean).map((id) => {
      const placeholder = document.createElement("template");
      placeholder.id = id;
      return placeholder;
    });
    const script = document.createElement("script");
    script.src = source.content;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(style, ...placeholders, script);
  }));

  // "@tier-3" becomes the colour that the page has for it now.
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const painted = (value) => {
    if (typeof value === "string") return value.startsWith("@") ? css(`--${value.slice(1)}`) : value;
    if (Array.isArray(value)) return value.map(painted);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v)]));
    return value;
  };

  const layout = () => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: css("--font"), size: 13, color: css("--text-2") },
    margin: { l: 64, r: 24, t: 24, b: 56 },
    autosize: true,
    hoverlabel: {
      bgcolor: css("--surface"),
      bordercolor: css("--border-strong"),
      font: { color: css("--text"), family: css("--font") },
    },
    legend: { orientation: "h", y: 1.1, itemsizing: "constant" },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--text-3"), activecolor: css("--accent") },
  });
  const axis = () => ({ gridcolor: css("--grid"), linecolor: css("--axis"), zerolinecolor: css("--axis"), automargin: true });

  const draw = async (host, figure) => {
    const library = await plotly();
    const look = { ...layout(), ...painted(figure.layout) };
    look.xaxis = { ...axis(), ...look.xaxis };
    look.yaxis = { ...axis(), ...look.yaxis };
    await library.react(host, painted(figure.data), look, config);
  };

  const head = (title) => {
    const header = document.createElement("header");
    header.className = "modal-head";
    const heading = document.createElement("h2");
    Object.assign(heading, { id: "modal-title", tabIndex: -1, textContent: title });
    const close = document.createElement("button");
    Object.assign(close, { className: "button", type: "button", textContent: "Close" });
    close.dataset.close = "";
    header.append(heading, close);
    return header;
  };

  const explore = async (button) => {
    const chart = button.closest("[data-chart]");
    const host = document.createElement("div");
    host.className = "plotly-host";
    host.figure = JSON.parse(chart.querySelector("script[type='application/json']").textContent);
    document.getElementById("modal-body").replaceChildren(head(chart.querySelector("h2, h3").textContent), host);
    window.portal.openModal(button, true);
    host.textContent = "Loading the chart";
    try {
      await plotly();
      host.textContent = "";
      await draw(host, host.figure);
    } catch {
      host.textContent = "The interactive chart could not be loaded. The chart and its table on the page are complete.";
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-explore]");
    if (button) explore(button);
  });
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => event.target.closest?.("[data-explore]") && plotly());
  }
  document.addEventListener("themechange", () => {
    const host = document.querySelector("#modal .plotly-host");
    if (host?.figure && window.Plotly) draw(host, host.figure);
  });
  document.getElementById("modal")?.addEventListener("emptying", () => {
    const host = document.querySelector("#modal .plotly-host");
    if (host && window.Plotly) window.Plotly.purge(host);
  });

  const offer = () => document.querySelectorAll("[data-explore][hidden]").forEach((button) => (button.hidden = false));
  document.addEventListener("htmx:afterSettle", offer);
  offer();
})();
