/* A map of sequences: points in groups that a legend switches on and off, or in shades of a number. */
const SIDE = 1e4;  // points lie in a square of this side
const CIRCLE = "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0-1 0Z";
const symbolOf = (path) => path === CIRCLE ? "circle" : `path://${path}`;

function mark(path, colour) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), shape = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "-1.5 -1.5 3 3");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", colour);
  svg.append(shape);
  return svg;
}

/* Draw the map; `changed` is called with the set of hidden codes whenever the legend is used. */
function drawMap(element, data, { wheel = true, changed = () => {} } = {}) {
  const { groups, shades } = data, hidden = new Set(), switches = new Map();
  const size = Math.max(3.8, Math.min(9, 500 / Math.sqrt(data.x.length + 1)));
  const colour = (code) => code < 0 ? css("--nothing") : groups ? groups.colours[code] : shades ? shades.colours[code] : data.colour;
  const outline = (code) => groups && code >= 0 ? groups.marks[code] : CIRCLE;
  const layers = layered();
  const map = drawn(element, options, { renderer: "canvas", texts: groups && texts });

  /* Points by colour and shape, in the order in which they are drawn: those of nothing first. */
  function layered() {
    const of = new Map();
    data.code.forEach((code, i) => of.has(code) ? of.get(code).push(i) : of.set(code, [i]));
    return [...of].sort((a, b) => a[0] - b[0]);
  }

  function options(chart) {
    const [width, height] = [chart.getWidth(), chart.getHeight()], side = Math.min(width, height) * 0.92;
    const axis = (length) => ({ show: false, min: SIDE / 2 * (1 - length / side), max: SIDE / 2 * (1 + length / side) });
    const zoom = { type: "inside", filterMode: "none", zoomOnMouseWheel: wheel, minSpan: 0.5 };
    return {
      grid: { left: 0, right: 0, top: 0, bottom: 0 },
      xAxis: axis(width), yAxis: axis(height),
      dataZoom: [{ ...zoom, xAxisIndex: 0 }, { ...zoom, yAxisIndex: 0 }],
      tooltip: { trigger: "item", formatter: ({ value }) => about(value[2]) },
      series: layers.filter(([code]) => !hidden.has(code)).map(layer),
    };
  }
  function layer([code, rows]) {
    return {
      type: "scatter", id: `of ${code}`, symbol: symbolOf(outline(code)), symbolSize: size, itemStyle: { color: colour(code), opacity: 0.82 },
      data: rows.map((i) => [data.x[i], data.y[i], i]), emphasis: { scale: 1.8, itemStyle: { borderColor: css("--ink"), borderWidth: 1.5 } },
    };
  }
  /* On a group where it is wide, else above it. */
  function texts(chart) {
    const { start, end } = chart.getOption().dataZoom[0], unit = 100 / (end - start) * 0.92 * Math.min(chart.getWidth(), chart.getHeight()) / SIDE;
    return groups.places.filter(([code]) => !hidden.has(code)).map(([code, x, y, reach]) => {
      const pixels = reach * unit, text = groups.short[code];
      return [x, y, text, pixels > 15 + 3 * text.length ? 0 : pixels + 9];
    });
  }

  function about(i) {
    const list = made("dl", "", { class: "about" }), lines = [["id", data.id[i]]];
    if (data.bin) lines.push(["bin", data.bins[data.bin[i]]], ["probability", data.probability[i].toFixed(3)]);
    lines.push(["length", `${data.length[i].toLocaleString("en")} bp`]);
    if (groups && groups.extra) lines.push([groups.title, data.code[i] < 0 ? groups.nothing : groups.names[data.code[i]]]);
    if (shades) lines.push([shades.title, data.value[i] === null ? shades.nothing : String(data.value[i])]);
    list.append(...lines.flatMap(([name, value]) => [made("dt", name), made("dd", value)]));
    return list;
  }

  /* Zoom by a factor and move by shares of what is seen, both axes alike. */
  function look(factor, right = 0, up = 0) {
    const batch = map.chart.getOption().dataZoom.map(({ start, end }, axis) => {
      const half = Math.min(50, Math.max(0.25, (end - start) / 2 / factor));
      const middle = (start + end) / 2 + (axis ? up : right) * 2 * half;
      const kept = Math.min(100 - half, Math.max(half, middle));
      return { dataZoomIndex: axis, start: kept - half, end: kept + half };
    });
    map.chart.dispatchAction({ type: "dataZoom", batch });
  }
  const reset = () => look(0);
  const keys = { "+": () => look(1.4), "=": () => look(1.4), "-": () => look(1 / 1.4), "0": reset, ArrowLeft: () => look(1, -0.1),
    ArrowRight: () => look(1, 0.1), ArrowUp: () => look(1, 0, 0.1), ArrowDown: () => look(1, 0, -0.1) };
  element.addEventListener("keydown", (e) => { if (keys[e.key] && !e.ctrlKey && !e.metaKey) { e.preventDefault(); keys[e.key](); } });
  element.addEventListener("dblclick", reset);
  find("in").addEventListener("click", keys["+"]);
  find("out").addEventListener("click", keys["-"]);
  find("reset").addEventListener("click", reset);

  function hide(codes) {
    hidden.clear();
    codes.forEach((code) => hidden.add(code));
    for (const [code, button] of switches) button.setAttribute("aria-pressed", String(!hidden.has(code)));
    map.draw();
    changed(hidden);
  }
  const others = (code) => [...switches.keys()].filter((c) => c !== code);
  function entry(code, name, count) {
    const button = made("button", "", { type: "button", title: name, "aria-pressed": "true" }), item = made("li");
    button.append(mark(outline(code), code < 0 ? "#8a909a" : colour(code)));
    button.append(made("span", name), made("small", count.toLocaleString("en")));
    button.addEventListener("click", () => hide(hidden.has(code) ? [...hidden].filter((c) => c !== code) : [...hidden, code]));
    button.addEventListener("dblclick", () => hide(others(code)));
    switches.set(code, button);
    item.append(button);
    return item;
  }
  function legend() {
    if (groups) {
      find("legend-title").textContent = `${groups.title} (sequences)`;
      find("legend").append(...groups.names.map((name, code) => entry(code, name, groups.sizes[code])));
      if (groups.nothings) find("legend").append(entry(-1, groups.nothing, groups.nothings));
    } else if (shades) {
      find("legend-title").textContent = shades.title;
      const ends = made("div", "", { class: "ends" });
      ends.append(made("span", `≤ ${shades.low}`), made("span", `≥ ${shades.high}`));
      document.querySelector(".switches").replaceWith(made("div", "", { class: "scale", style: `background: linear-gradient(90deg, ${shades.colours.join(", ")})` }), ends);
    }
    document.querySelector(".legend").hidden = !(switches.size || shades);
  }
  find("all").addEventListener("click", () => hide([]));
  find("none").addEventListener("click", () => hide([...switches.keys()]));
  legend();
  return { ...map, hide, others, hidden };
}
