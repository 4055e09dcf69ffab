// Draws what the server chose (web/desk_charts.py) as SVG. Without this file, or if it fails, the table stays open.
"use strict";
(() => {
  const vi = document.documentElement.lang !== "en";
  const css = getComputedStyle(document.documentElement);
  const color = (name) => css.getPropertyValue(name).trim();
  const [link, ink, quiet, line, orange] = ["--link", "--ink", "--quiet", "--line", "--r1"].map(color);
  const font = getComputedStyle(document.body).fontFamily;
  const TONES = { main: link, center: quiet, limit: quiet, outer: quiet, other: "#b9c6cc", alarm: orange };
  const HEAT = ["#eef3f5", "#f9dcbc", color("--r2"), orange];

  const written = (value, digits) =>
    value.toLocaleString(vi ? "vi-VN" : "en-GB", { maximumFractionDigits: digits });
  const measured = (chart) => (value) =>
    chart.measure === "share" ? written(100 * value, 1) + (vi ? "\u00a0%" : "%") : written(value, 2);

  const base = (chart) => ({
    animation: false,
    textStyle: { fontFamily: font, fontSize: 13, color: ink },
    grid: { left: 8, right: 16, top: chart.up ? 34 : 14, bottom: chart.across ? 30 : 6, containLabel: true },
  });
  const named = (words, more) => ({
    name: words, nameLocation: "middle", nameTextStyle: { color: quiet, fontSize: 13 }, nameGap: 30, ...more,
  });
  const values = (chart) => ({
    type: "value",
    ...named(chart.up, { nameLocation: "end", nameGap: 14, nameTextStyle: { color: quiet, fontSize: 13, align: "left" } }),
    axisLabel: { formatter: measured(chart), color: quiet },
    splitLine: { lineStyle: { color: line } },
    splitNumber: 4,
    minInterval: chart.measure === "count" ? 1 : 0,
  });
  const places = (names, more) => ({
    type: "category", data: names,
    axisLabel: { color: quiet, hideOverlap: true, ...more },
    axisLine: { lineStyle: { color: "#b9c6cc" } }, axisTick: { show: false },
  });

  function point(series, value, index, size) {
    if (!series.marked.includes(index)) return { value, symbolSize: size };
    // Also another shape: a color alone tells not everybody.
    return { value, symbol: "diamond", symbolSize: size + 6, itemStyle: { color: orange, borderColor: "#fff" } };
  }

  const STROKES = {
    main: { width: 2, color: link }, center: { width: 1, color: quiet }, outer: { width: 1, color: quiet },
    limit: { width: 1, color: quiet, type: "dashed" }, other: { width: 2, color: "#8fa3ad" },
    alarm: { width: 1.5, color: orange, type: "dashed" },
  };

  function band(series, number) {
    const edge = (data, more) => ({
      type: "line", step: "middle", data, stack: `band-${number}`, stackStrategy: "all", symbol: "none", silent: true,
      lineStyle: { width: 0 }, z: 1, ...more,
    });
    const part = (pick) => series.values.map((pair) => (pair && pair[0] !== null && pair[1] !== null ? pick(pair) : null));
    return [
      edge(part(([low]) => low)),
      edge(part(([low, high]) => high - low), { name: series.name, itemStyle: { color: "#e3edf1" }, areaStyle: { color: link, opacity: 0.09 } }),
    ];
  }

  const along = (narrow) => (series, number) => {
    if (series.shape === "band") return band(series, number);
    const tone = TONES[series.tone];
    if (series.shape === "bars")
      return [{
        type: "bar", name: series.name, barMaxWidth: 26, itemStyle: { color: tone, borderRadius: 3 },
        data: series.values.map((value, n) => (series.marked.includes(n) ? { value, itemStyle: { color: orange } } : value)),
      }];
    const bare = ["center", "limit", "outer"].includes(series.tone) || series.shape === "steps";
    return [{
      type: "line", name: series.name, step: series.shape === "steps" ? "middle" : false,
      showSymbol: !bare, showAllSymbol: true, symbol: bare ? "none" : "circle", silent: bare, z: bare ? 2 : 4,
      lineStyle: series.shape === "dots" ? { width: 0 } : STROKES[series.tone],
      itemStyle: { color: tone, borderColor: "#fff", borderWidth: 1 },
      data: series.values.map((value, n) => point(series, value, n, narrow ? 5 : 8)),
    }];
  };

  const course = (chart, narrow) => ({
    ...base(chart),
    xAxis: { ...places(chart.places, {}), ...named(chart.across), boundaryGap: true },
    yAxis: values(chart),
    tooltip: { trigger: "axis", showContent: false, axisPointer: { lineStyle: { color: "#8fa3ad" } } },
    series: chart.series.flatMap(along(narrow)),
  });

  const bars = (chart, narrow) => ({
    ...base(chart),
    xAxis: { ...values(chart), ...named(chart.up) },
    yAxis: { ...places(chart.places, { hideOverlap: false, width: narrow ? 130 : 260, overflow: "break", lineHeight: 14, color: ink }), inverse: true },
    tooltip: { trigger: "axis", showContent: false, axisPointer: { type: "shadow" } },
    series: chart.series.flatMap(along(narrow)),
  });

  const funnel = (chart) => ({
    ...base(chart),
    xAxis: {
      type: "value", ...named(chart.across), splitLine: { show: false }, splitNumber: 4, min: 0,
      axisLabel: { formatter: (value) => written(value, 0), color: quiet, hideOverlap: true },
      axisLine: { lineStyle: { color: "#b9c6cc" } },
    },
    yAxis: { ...values(chart), scale: true, ...(chart.most ? { min: 0, max: chart.most, axisLabel: { ...values(chart).axisLabel, showMaxLabel: false } } : {}) },
    tooltip: { trigger: "item", showContent: false },
    series: chart.series.map((series) =>
      series.shape === "dots"
        ? {
            type: "scatter", name: series.name, z: 4, itemStyle: { color: TONES[series.tone], borderColor: "#fff", opacity: 0.9 },
            data: series.values.map((value, n) => point(series, value, n, 9)),
          }
        : { type: "line", name: series.name, symbol: "none", silent: true, lineStyle: STROKES[series.tone], data: series.values },
    ),
  });

  function heat(chart, narrow) {
    const [cells] = chart.series;
    const shares = cells.values.map((cell) => cell[2]).filter((share) => share !== null);
    const darkest = chart.most || Math.max(0.01, ...shares);
    const busiest = Math.max(1, ...cells.values.map((cell) => cell[3] || 0));
    const widest = narrow ? 14 : 26;
    const axis = { splitArea: { show: false }, axisLine: { show: false } };
    return {
      ...base(chart),
      grid: { left: 8, right: 8, top: 6, bottom: 64, containLabel: true },
      xAxis: { ...places(chart.places, { interval: narrow ? 1 : 0 }), ...axis },
      yAxis: { ...places(chart.rows, { color: ink }), ...axis, inverse: true },
      tooltip: { trigger: "item", showContent: false },
      visualMap: {
        type: "continuous", seriesIndex: 0, dimension: 2, min: 0, max: darkest, orient: "horizontal", left: "center",
        bottom: 4, itemWidth: 12, itemHeight: narrow ? 120 : 200, text: [(Math.max(0, ...shares) > darkest ? "≥ " : "") + measured(chart)(darkest), measured(chart)(0)], textGap: 10,
        inRange: { color: HEAT }, calculable: false, hoverLink: false, textStyle: { color: quiet },
      },
      series: [
        {
          type: "heatmap", name: cells.name, data: cells.values.map(([x, y, share]) => [x, y, share === null ? "-" : share]),
          itemStyle: { borderColor: "#fff", borderWidth: 3, borderRadius: 6 }, emphasis: { itemStyle: { color: "inherit", borderColor: ink, borderWidth: 2 } },
        },
        {
          type: "scatter", silent: true, itemStyle: { color: ink, opacity: 0.38 },
          data: cells.values.filter((cell) => cell[3]).map(([x, y, , load]) => ({
            value: [x, y], symbolSize: Math.max(2, widest * Math.sqrt(load / busiest)),
          })),
        },
      ],
    };
  }

  const KINDS = { course, bars, funnel, heat };
  // Which series the told places are of.
  const told = (chart) => ({
    course: chart.series.findIndex((one) => one.tone === "main" && one.shape !== "band"),
    bars: 0, funnel: chart.series.findIndex((one) => one.shape === "dots"), heat: 0,
  })[chart.kind];

  // A band is two of ECharts' series: count them before the one that is meant.
  const place = (chart) =>
    chart.series.slice(0, Math.max(0, told(chart))).reduce((sum, one) => sum + (one.shape === "band" ? 2 : 1), 0);

  function size(chart, canvas) {
    if (chart.kind === "bars") canvas.style.height = `${Math.max(120, 60 + 40 * chart.places.length)}px`;
    if (chart.kind === "heat") canvas.style.height = `${Math.max(160, 100 + 44 * chart.rows.length)}px`;
  }

  function draw(card) {
    const chart = JSON.parse(document.getElementById(card.dataset.chart).textContent);
    const canvas = card.querySelector(".canvas");
    const say = card.querySelector(".readout");
    const picture = card.querySelector(".picture");
    picture.hidden = false;
    size(chart, canvas);
    const narrow = canvas.clientWidth < 560;
    const drawing = echarts.init(canvas, null, { renderer: "svg", locale: vi ? "VI" : "EN" });
    drawing.setOption(KINDS[chart.kind](chart, narrow));
    // The SVG says nothing that the sentence and the table do not say better.
    canvas.firstElementChild.setAttribute("aria-hidden", "true");
    new ResizeObserver(() => drawing.resize()).observe(canvas);

    let at = -1;
    const hint = () => { say.textContent = say.dataset.hint; say.classList.remove("point"); };
    const tell = (index) => {
      at = index;
      say.textContent = chart.told[index] || say.dataset.hint;
      say.classList.toggle("point", Boolean(chart.told[index]));
    };
    const open = (index) => { if (chart.links[index]) location.href = chart.links[index]; };
    const seriesIndex = place(chart);
    const go = (index) => {
      drawing.dispatchAction({ type: "downplay", seriesIndex });
      drawing.dispatchAction({ type: "highlight", seriesIndex, dataIndex: index });
      drawing.dispatchAction({ type: "showTip", seriesIndex, dataIndex: index });
      tell(index);
    };
    hint();
    drawing.on("updateAxisPointer", (event) => { if (event.dataIndex !== undefined) tell(event.dataIndex); });
    drawing.on("mouseover", (event) => { if (event.seriesIndex === seriesIndex) tell(event.dataIndex); });
    drawing.on("click", (event) => { tell(event.dataIndex); open(event.dataIndex); });
    canvas.addEventListener("keydown", (event) => {
      const across = chart.kind === "heat" ? chart.places.length : 1;
      const last = chart.told.length - 1;
      const to = {
        ArrowRight: at + 1, ArrowLeft: at < 0 ? last : at - 1, Home: 0, End: last,
        ArrowDown: at + across, ArrowUp: at < 0 ? last : at - across,
      }[event.key];
      if (event.key === "Enter") return open(at);
      if (event.key === "Escape") return hint();
      if (to === undefined) return;
      event.preventDefault();
      if (to >= 0 && to <= last) go(to);
    });
    card.querySelector("[data-save=svg]").addEventListener("click", () => saveSvg(chart));
    card.querySelector("[data-save=png]").addEventListener("click", () => savePng(chart));
    card.querySelector(".save").hidden = false;
    const numbers = card.querySelector(".numbers");
    if (numbers) numbers.open = false;
  }

  // For a file: the title, the sentence and the keys stand in the picture.
  const WIDTH = 1200;
  function height(chart) {
    return 190 + ({ bars: 40 * chart.places.length, heat: 60 + 44 * chart.rows.length, funnel: 480 }[chart.kind] || 380);
  }
  function framed(chart) {
    const option = KINDS[chart.kind](chart, false);
    const names = chart.series.map((one) => one.name).filter(Boolean);
    return {
      ...option, backgroundColor: "#fff",
      title: {
        text: chart.title, subtext: chart.sentence, left: 16, top: 14, textStyle: { fontSize: 22, color: ink, fontFamily: font },
        subtextStyle: { fontSize: 15, color: quiet, width: WIDTH - 40, overflow: "break", lineHeight: 21, fontFamily: font },
      },
      legend: names.length > 1 ? { show: true, top: 112, left: 16, itemGap: 22, itemHeight: 10, data: names } : { show: false },
      grid: { ...option.grid, left: 20, right: 28, top: 170, bottom: (option.grid.bottom || 0) + 14 },
    };
  }
  function hand(blob, chart, kind) {
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = `${chart.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")}.${kind}`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
  }
  function saveSvg(chart) {
    const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: height(chart), locale: vi ? "VI" : "EN" });
    drawing.setOption(framed(chart));
    hand(new Blob([drawing.renderToSVGString()], { type: "image/svg+xml" }), chart, "svg");
    drawing.dispose();
  }
  function savePng(chart) {
    const aside = document.createElement("div");
    const size = { width: WIDTH, height: height(chart) };
    const drawing = echarts.init(aside, null, { renderer: "canvas", ...size, locale: vi ? "VI" : "EN" });
    drawing.setOption(framed(chart));
    drawing.getRenderedCanvas({ pixelRatio: 2, backgroundColor: "#fff" }).toBlob((blob) => {
      hand(blob, chart, "png");
      drawing.dispose();
    }, "image/png");
  }

  for (const card of document.querySelectorAll("[data-chart]")) {
    if (!card.querySelector(".canvas")) continue;
    try {
      draw(card);
    } catch (error) {
      card.querySelector(".picture").hidden = true;
      console.error(error);
    }
  }
})();
