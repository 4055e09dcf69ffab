// Redraws the figures every 10 s from the page's own address. Without this file the page works the same.
"use strict";
(() => {
  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  const stale = document.getElementById("stale");
  async function refresh() {
    const old = document.getElementById("figures");
    // Nobody looks, or somebody is copying a number: leave the page alone.
    if (document.hidden || !document.getSelection().isCollapsed) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.redirected) return location.reload(); // signed out meanwhile
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      old.replaceWith(page.getElementById("figures"));
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  setInterval(refresh, 10_000);
})();
