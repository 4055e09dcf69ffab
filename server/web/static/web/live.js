// Redraws what is marked data-live="seconds" from the page's own address. Without this file the page works the same.
"use strict";
(() => {
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  const stale = document.getElementById("stale");
  const parts = () => [...document.querySelectorAll("[data-live]")];
  // Nobody looks, or somebody is copying a number or on their way with the keyboard: leave it alone.
  const leave = () =>
    document.hidden ||
    !document.getSelection().isCollapsed ||
    document.querySelector("[data-live] :focus-visible") !== null;

  async function refresh() {
    if (leave()) return;
    try {
      const answer = await fetch(parts()[0].dataset.from || location.href, { cache: "no-store" });
      if (answer.redirected) return location.reload(); // signed out meanwhile
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (leave()) return; // somebody came while the answer was under way
      parts().forEach((old) => replace(old, page.getElementById(old.id)));
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }

  function replace(old, fresh) {
    if (!fresh) return;
    // What somebody unfolded stays so, unless something was added or taken away.
    const [was, is] = [old, fresh].map((one) => [...one.querySelectorAll("details")]);
    if (was.length === is.length) was.forEach((one, n) => (is[n].open = one.open));
    old.replaceWith(fresh);
  }

  const [first] = parts();
  if (first) setInterval(refresh, 1000 * Number(first.dataset.live));
})();
