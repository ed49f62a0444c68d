// Comfort only: a button at each block of commands copies it.
"use strict";

if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".prose pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small copy";
    button.textContent = "Copy";
    const text = block.textContent.trimEnd();
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    });
    block.append(button);
  }
}
