// Comfort only: a button at each block of commands copies it.
"use strict";

(() => {
  // Without TLS browsers offer no clipboard; what is selected can still be copied.
  const copySelected = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr";
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copySelected(text);
    }
  };

  for (const block of document.querySelectorAll(".prose pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small copy";
    button.textContent = "Copy";
    const text = block.textContent.trimEnd();
    button.addEventListener("click", async () => {
      button.textContent = (await copy(text)) ? "Copied" : "Not copied";
      button.focus();
    });
    block.append(button);
  }
})();
