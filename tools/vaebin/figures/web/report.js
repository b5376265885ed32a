/* The table of bins sorts, filters and copies; a bin's name shows it alone; the legend rules all figures. */
const data = JSON.parse(find("data").textContent);
const body = find("bins-body"), rows = body ? [...body.rows] : [];
const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

function sort(head) {
  const column = head.cellIndex, down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : head.dataset.first === "descending";
  head.parentElement.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const order = new Intl.Collator("en", { numeric: true }), known = (row) => valueOf(row, column) !== "";
  const compare = (a, b) => head.dataset.text ? order.compare(valueOf(a, column), valueOf(b, column)) : valueOf(a, column) - valueOf(b, column);
  rows.sort((a, b) => known(b) - known(a) || (down ? -1 : 1) * compare(a, b));  // what is not known comes last
  body.append(...rows);
}
function filter() {
  const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean), kind = find("kind").value;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !(words.every((word) => text.includes(word)) && (!kind || row.dataset.kind === kind));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  find("shown").textContent = shown === rows.length ? `all ${shown.toLocaleString("en")} bins` : `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} bins`;
}
function tsv() {
  const heads = [...body.parentElement.tHead.rows[0].cells], columns = heads.filter((th) => th.dataset.tsv);
  const lines = rows.filter((row) => !row.hidden).map((row) => columns.map((th) => valueOf(row, th.cellIndex)));
  return [columns.map((th) => th.dataset.tsv), ...lines].map((line) => line.join("\t")).join("\n") + "\n";
}
async function copy() {
  try {
    await navigator.clipboard.writeText(tsv());
  } catch {  // not allowed in some frames
    const area = made("textarea", tsv());
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  find("copied").textContent = "copied";
  setTimeout(() => { find("copied").textContent = ""; }, 2000);
}
if (body) {
  body.parentElement.querySelectorAll("th button").forEach((button) => button.addEventListener("click", () => sort(button.parentElement)));
  find("filter").addEventListener("input", filter);
  find("kind").addEventListener("change", filter);
  find("copy").addEventListener("click", copy);
  filter();
}

let hidden = new Set();
const shownBubbles = () => data.bubbles.series[0].data.filter((bin) => !hidden.has(bin.code));
const bubbles = data.bubbles && drawn(find("bubbles"), () => {
  const bins = shownBubbles().map((bin) => ({ ...bin, symbol: symbolOf(bin.symbol) }));
  return { ...data.bubbles, series: [{ ...data.bubbles.series[0], data: bins }] };
}, { texts: () => shownBubbles().map((bin) => [...bin.value, bin.short, bin.symbolSize > 20 ? 0 : bin.symbolSize / 2 + 4]) });
const lengths = find("lengths") && drawn(find("lengths"), () => {
  const [all] = data.lengths.chart.series, choice = find("bin"), n = Number(choice.value), name = choice.selectedOptions[0]?.textContent.trim();
  const one = { type: "bar", name, data: data.lengths.bins[n], itemStyle: { color: n ? data.colours[n - 1] : css("--faint"), opacity: 0.8 }, barWidth: "70%" };
  return { ...data.lengths.chart, series: [{ ...all, z: 1, color: css("--faint"), areaStyle: { color: css("--nothing"), opacity: 0.7 } }, ...name ? [one] : []] };
});
find("bin")?.addEventListener("change", () => lengths.draw());
for (const [name, chart] of Object.entries(data.training)) {
  drawn(find(name), () => ({ ...chart, color: [css("--blue"), css("--orange")] }));
}
function changed(off) {
  hidden = off;
  bubbles?.draw();
}
const map = data.map && drawMap(find("plot"), data.map, { wheel: "ctrl", changed });

/* A bin's name shows it alone in the figures, and again all. */
for (const [n, button] of rows.map((row) => row.querySelector(".name")).entries()) {
  button.addEventListener("click", () => {
    const code = n, alone = button.getAttribute("aria-pressed") !== "true";
    rows.forEach((row) => row.querySelector(".name").setAttribute("aria-pressed", "false"));
    button.setAttribute("aria-pressed", String(alone));
    map?.hide(alone ? map.others(code) : []);
    find("bin").value = String(n + 1);
    lengths.draw();
  });
}
