// Editing a field ticks "set here", unticking takes the edit back. Without it the server asks.
"use strict";
(() => {
  for (const key of document.querySelectorAll("fieldset.key")) {
    const own = key.querySelector("input.own");
    const inputs = key.querySelectorAll(".inputs :is(input, select, textarea)");
    key.addEventListener("input", (event) => {
      if (event.target !== own) {
        own.checked = true;
      } else if (!own.checked) {
        for (const one of inputs) {
          if (one.tagName === "SELECT") {
            for (const option of one.options) option.selected = option.defaultSelected;
          } else {
            one.value = one.defaultValue;
            one.checked = one.defaultChecked;
          }
        }
      }
    });
  }
})();
