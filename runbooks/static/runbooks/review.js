// Comfort only: what a finding came from lights up while it is pointed at or focused,
// what a line became lights up while the line is,
// and the button counts what is ticked.
"use strict";

(() => {
  const marked = () => document.querySelectorAll(".source li.lit");
  const light = (row) => {
    for (const line of marked()) line.classList.remove("lit");
    if (!row) return;
    const first = Number(row.dataset.first);
    for (let at = first; at <= Number(row.dataset.last); at += 1) {
      document.getElementById(`line-${at}`)?.classList.add("lit");
    }
    const box = document.querySelector("ol.source");
    const line = document.getElementById(`line-${first}`);
    if (box && line) box.scrollTop = line.offsetTop - box.offsetTop - box.clientHeight / 3;
  };
  const finding = (event) => event.target.closest?.("[data-finding]");
  document.addEventListener("mouseover", (event) => finding(event) && light(finding(event)));
  document.addEventListener("focusin", (event) => finding(event) && light(finding(event)));

  // And the other way: the line that is pointed at or focused lights up what it became.
  const answer = (event) => {
    const line = event.target.closest?.("ol.source li:is(.found, .kept)");
    if (!line) return;
    for (const row of document.querySelectorAll("[data-finding].lit")) row.classList.remove("lit");
    const link = line.querySelector("a.num");
    document.getElementById(link.hash.slice(1))?.classList.add("lit");
  };
  document.addEventListener("mouseover", answer);
  document.addEventListener("focusin", answer);

  const button = document.querySelector("[data-apply]");
  const form = document.getElementById("review");
  form?.addEventListener("change", () => {
    const boxes = [...form.querySelectorAll("[name=accept]")];
    const ticked = boxes.filter((box) => box.checked).length;
    if (button) button.textContent = `Apply ${ticked} of ${boxes.length}`;
  });
})();
