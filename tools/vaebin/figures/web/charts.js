/* Charts by ECharts that follow the page: its size, its colours, and paper. */
const find = (id) => document.getElementById(id);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const charts = [];

function made(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function theme() {
  const [ink, faint, line, panel] = ["--ink", "--faint", "--line", "--panel"].map(css);
  const axis = {
    axisLine: { lineStyle: { color: faint } }, axisTick: { lineStyle: { color: faint } },
    axisLabel: { color: faint }, nameTextStyle: { color: faint }, splitLine: { lineStyle: { color: line } },
  };
  return {
    animation: false, textStyle: { fontFamily: "system-ui, sans-serif", color: ink }, valueAxis: axis, logAxis: axis, categoryAxis: axis,
    legend: { textStyle: { color: ink } }, title: { textStyle: { color: ink, fontSize: 13 } },
    tooltip: { backgroundColor: panel, borderColor: line, textStyle: { color: ink, fontSize: 12 }, extraCssText: "white-space: pre-line" },
  };
}

/* A series of texts, [x, y, text, pixels that it stands above], without those that would cover one before them. */
function names(chart, texts) {
  const taken = [], kept = texts.filter(([x, y, text, above]) => {
    const [across, down] = chart.convertToPixel({ gridIndex: 0 }, [x, y]), half = 4 * text.length + 3;
    const covers = ([a, b, c]) => Math.abs(a - across) < half + c && Math.abs(b - down + above) < 15;
    return !taken.some(covers) && taken.push([across, down - above, half]);
  });
  const label = { show: true, color: css("--ink"), fontWeight: 600, fontSize: 12, textBorderColor: css("--ground"), textBorderWidth: 3.5 };
  return {
    type: "scatter", id: "names", symbolSize: 0, silent: true, zlevel: 1, label: { show: true },
    data: kept.map(([x, y, text, above]) => ({ value: [x, y], label: { ...label, formatter: text, position: above ? "top" : "inside", distance: above } })),
  };
}

/* Draw what options() returns and the texts(), now and whenever size or colours change; texts when zoomed, too. The
   pointer need not hit a small mark exactly. */
function drawn(element, options, { renderer = "svg", texts } = {}) {
  const chart = echarts.init(element, theme(), { renderer, useCoarsePointer: true, pointerSize: 28 });
  const name = () => texts && chart.setOption({ series: [names(chart, texts(chart))] });
  const one = { chart, draw: () => { chart.setOption(options(chart), { replaceMerge: ["series"] }); name(); } };
  chart.on("datazoom", name);
  new ResizeObserver(() => { chart.resize(); one.draw(); }).observe(element);
  one.draw();
  charts.push(one);
  return one;
}
function recolour() {
  for (const { chart, draw } of charts) {
    chart.setTheme(theme());
    chart.resize();
    draw();
  }
}
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(event, () => {
    document.documentElement.classList.toggle("paper", paper);  // light, and as wide as a sheet
    recolour();
  });
}
