// Installed before the page: notes when the last change of a metric or chart was on the screen.
(() => {
  const CHART = "[data-testid=stVegaLiteChart]";
  const METRIC = "[data-testid=stMetricValue], .headline .value";
  const probe = (window.__probe = { key: 0, chart: 0, metric: 0 });
  const whenPainted = (what) =>
    requestAnimationFrame(() => setTimeout(() => (probe[what] = performance.now()), 0));

  probe.arm = () => Object.assign(probe, { key: 0, chart: 0, metric: 0 });
  // Everything asked for is on the screen, the script has ended and nothing moved for quietMs.
  probe.settled = (asked, quietMs) =>
    asked.every((what) => probe[what]) &&
    performance.now() - Math.max(probe.chart, probe.metric) > quietMs &&
    document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";

  addEventListener("keydown", () => (probe.key ||= performance.now()), true);
  for (const draw of ["fill", "stroke", "fillText"]) {
    const original = CanvasRenderingContext2D.prototype[draw];
    CanvasRenderingContext2D.prototype[draw] = function (...args) {
      if (this.canvas.closest?.(CHART)) whenPainted("chart");
      return original.apply(this, args);
    };
  }
  new MutationObserver((changes) => {
    const seen = (selector) =>
      changes.some(({ target, addedNodes }) =>
        (target.closest ? target : target.parentElement)?.closest(selector) ||
        [...addedNodes].some((node) => node.querySelector?.(selector)));
    if (seen(CHART)) whenPainted("chart");
    if (seen(METRIC)) whenPainted("metric");
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
})();
