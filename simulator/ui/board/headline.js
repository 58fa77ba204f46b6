// The headline: today's bill, the scenario's, and what lies between; both bars share one axis that begins at zero.
// It also tells the server when the theme is changed while the page is open: charts are sent in the theme's colours.
const schemeNow = () => getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme;

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".headline");
  const el = (tag, cls, parent) => {
    const made = document.createElement(tag);
    made.className = cls;
    return parent.appendChild(made);
  };
  if (!root) {
    root = el("div", "headline", parentElement);
    el("div", "figures", root);
    el("div", "tracks", root).setAttribute("role", "img");
    el("div", "assumed", root);
  }
  root.className = `headline ${data.theme}`;
  const sticky = parentElement.closest(".st-key-sticky");
  if (sticky) sticky.style.background = getComputedStyle(root).getPropertyValue("--st-background-color");
  const [figures, tracks, assumed] = root.children;
  data.figures.forEach((figure, at) => {
    const box = figures.children[at] || el("div", "figure", figures);
    if (!box.firstChild) { el("span", "label", box); el("span", "value", box); }
    box.className = `figure ${figure.later ? "later" : ""}`;
    box.title = figure.help || "";
    if (box.children[0].textContent !== figure.label) box.children[0].textContent = figure.label;
    const value = box.children[1];
    value.className = `value ${figure.cls || ""} ${figure.stale ? "stale" : ""}`;
    if (value.textContent !== figure.value) value.textContent = figure.value;
  });
  while (figures.children.length > data.figures.length) figures.lastChild.remove();
  tracks.setAttribute("aria-label", data.alt);
  data.tracks.forEach((marks, at) => {
    const track = tracks.children[at] || el("div", "track", tracks);
    marks.forEach(([cls, from, to], n) => {
      const mark = track.children[n] || el("i", "", track);
      mark.className = cls;
      mark.style.left = `${from}%`;
      mark.style.width = `${to - from}%`;
    });
  });
  assumed.textContent = data.assumed || "";
  assumed.style.display = data.assumed ? "" : "none";
  let told = data.theme;
  const watch = new MutationObserver(() => {
    const scheme = schemeNow();
    if ((scheme === "light" || scheme === "dark") && scheme !== told) setTriggerValue("theme", (told = scheme));
  });
  watch.observe(document.querySelector("[data-testid=stApp]"), { attributes: true, attributeFilter: ["class"] });
  return () => watch.disconnect();
}
