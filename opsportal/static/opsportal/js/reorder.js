// Rows of a list [data-reorder] are moved by Alt with an arrow, and by dragging their
// handle. Comfort only: each row has buttons that do the same.
"use strict";

(() => {
  const rowOf = (node) => node?.closest?.("[data-reorder] [data-row]");
  const arrows = { ArrowUp: "up", ArrowDown: "down" };

  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    const button = event.altKey && arrows[event.key] && row?.querySelector(`[data-move="${arrows[event.key]}"]`);
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    button.click();
  });

  let dragged = null;
  let marked = null;

  const mark = (row, side) => {
    marked?.classList.remove("drop-before", "drop-after");
    marked = row;
    row?.classList.add(`drop-${side}`);
  };

  // Of a heading it is the row below it that counts.
  const aimAt = (event) => {
    const row = rowOf(event.target);
    if (row) {
      const box = row.getBoundingClientRect();
      return [row, event.clientY < box.top + box.height / 2 ? "before" : "after"];
    }
    const below = event.target.closest?.("[data-reorder] > li")?.nextElementSibling;
    return [rowOf(below), "before"];
  };

  document.addEventListener("dragstart", (event) => {
    const handle = event.target.closest?.("[draggable=true]");
    dragged = handle && rowOf(handle);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.row);
    event.dataTransfer.setDragImage(dragged, 12, 12);
    dragged.classList.add("dragging");
  });

  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const [row, side] = aimAt(event);
    mark(row, side);
    if (row && row !== dragged) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const [row, side] = aimAt(event);
    if (!row || row === dragged) return;
    const values = { key: dragged.dataset.row, beside: row.dataset.row, side };
    const address = row.closest("[data-reorder]").dataset.reorder;
    htmx.ajax("POST", address, { source: "#draft-form", target: "#draft", swap: "outerHTML", values, event });
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragging");
    mark(null);
    dragged = null;
  });
})();
