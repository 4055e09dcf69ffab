// Follows the enrolment from the page's own address every 3 s. Without this file a reload does it.
"use strict";
(() => {
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const replaced = document.getElementById("replaced");
  async function follow() {
    if (document.hidden || !document.getSelection().isCollapsed) return;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("enrolment");
      const old = document.getElementById("enrolment");
      if (now.innerHTML !== old.innerHTML) old.replaceWith(now); // read aloud only when it changes
      if (replaced) replaced.hidden = replaced.dataset.made === now.dataset.made;
    } catch {
      // the next try may do better
    }
  }
  setInterval(follow, 3_000);
})();
