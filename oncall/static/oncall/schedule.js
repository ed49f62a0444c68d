// Comfort on the lanes of a schedule: what a bar says, and drawing an override with the
// pointer. Without this file bars are links and the form stands on its own page.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const FAR = 6; // pixels that make a press a drag
  const HOLD = 350; // milliseconds that make a touch a drag and not a scroll

  const stamp = (moment) => `${new Date(moment).toISOString().slice(0, 16)}Z`;

  const begin = (figure) => {
    const plot = figure.querySelector("svg.lane-plot");
    const from = Date.parse(figure.dataset.from);
    const to = Date.parse(figure.dataset.to);
    const step = Number(figure.dataset.step) * 1000;
    const clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: figure.dataset.zone,
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
    const say = (moment) => clock.format(moment).replaceAll(",", "");

    const tip = document.createElement("p");
    tip.className = "lane-tip";
    tip.setAttribute("aria-hidden", "true");
    tip.hidden = true;
    figure.append(tip);

    const tell = (who, when, x, y) => {
      const name = document.createElement("b");
      name.textContent = who;
      tip.replaceChildren(name, when);
      tip.hidden = false;
      const box = figure.getBoundingClientRect();
      const left = Math.min(Math.max(0, x - box.left), Math.max(0, box.width - tip.offsetWidth));
      tip.style.left = `${left}px`;
      tip.style.top = `${y - box.top}px`;
    };
    const hush = () => { tip.hidden = true; };

    const describe = (bar) => {
      const words = bar.querySelector("title").textContent;
      const at = words.indexOf(": ");
      const box = bar.getBoundingClientRect();
      tell(words.slice(0, at), words.slice(at + 2).replaceAll(" · ", "\n"), box.left, box.bottom + 6);
    };
    plot.addEventListener("focusin", (event) => {
      const bar = event.target.querySelector?.(".lane-bar");
      if (bar) describe(bar);
    });
    plot.addEventListener("focusout", hush);

    if (!figure.dataset.url) return;

    // --- A drag along a final lane.
    let drag = null;

    const at = (x) => {
      const box = plot.getBoundingClientRect();
      const share = Math.min(Math.max((x - box.left) / box.width, 0), 1);
      return from + share * (to - from);
    };
    const round = (moment, how) => from + how((moment - from) / step) * step;

    const span = (x) => {
      const [low, high] = [drag.x, x].sort((one, other) => one - other).map(at);
      const start = Math.max(round(low, Math.floor), from);
      const end = Math.min(round(high, Math.ceil), to);
      return [start, Math.max(end, start + step)];
    };

    const gripAt = (y) => [...plot.querySelectorAll(".lane-grip")].find((grip) => {
      const box = grip.getBoundingClientRect();
      return box.top <= y && y < box.bottom;
    });

    const start = () => {
      drag.pick = document.createElementNS(SVG, "rect");
      drag.pick.setAttribute("class", "lane-pick");
      drag.pick.setAttribute("y", Number(drag.grip.getAttribute("y")) + 4);
      drag.pick.setAttribute("height", Number(drag.grip.getAttribute("height")) - 8);
      drag.pick.setAttribute("rx", 6);
      plot.append(drag.pick);
      figure.classList.add("picking");
    };

    const stretch = (x, y) => {
      const [low, high] = span(x);
      drag.pick.setAttribute("x", `${(100 * (low - from)) / (to - from)}%`);
      drag.pick.setAttribute("width", `${(100 * (high - low)) / (to - from)}%`);
      tell(`Override as ${drag.grip.dataset.role}`, `${say(low)} to ${say(high)}`, x + 10, y + 14);
    };

    const stop = () => {
      clearTimeout(drag?.timer);
      drag?.pick?.remove();
      figure.classList.remove("picking");
      drag = null;
      hush();
    };

    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || drag) return;
      const grip = gripAt(event.clientY);
      if (!grip) return;
      drag = { x: event.clientX, y: event.clientY, id: event.pointerId, grip };
      if (event.pointerType !== "touch") return;
      drag.timer = setTimeout(() => {
        start();
        stretch(drag.x, drag.y);
      }, HOLD);
    });

    document.addEventListener("pointermove", (event) => {
      if (!drag || event.pointerId !== drag.id) return;
      const isFar = Math.abs(event.clientX - drag.x) > FAR;
      if (!drag.pick && event.pointerType === "touch") {
        if (isFar) stop();
        return;
      }
      if (!drag.pick && isFar) start();
      if (drag.pick) stretch(event.clientX, event.clientY);
    });

    document.addEventListener("pointerup", (event) => {
      if (!drag || event.pointerId !== drag.id) return;
      if (drag.pick) {
        const [low, high] = span(event.clientX);
        const query = new URLSearchParams({
          from: stamp(Math.max(low, Date.now())), to: stamp(high), role: drag.grip.dataset.role,
        });
        // The press ends on a bar, which is a link: this one is not meant.
        document.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
        location.assign(`${figure.dataset.url}?${query}`);
      }
      stop();
    });

    document.addEventListener("pointercancel", () => drag && stop());
    document.addEventListener("keydown", (event) => event.key === "Escape" && drag && stop());
    // Links can be dragged away, and a finger scrolls: neither while a span is drawn.
    plot.addEventListener("dragstart", (event) => event.preventDefault());
    plot.addEventListener("touchmove", (event) => drag?.pick && event.preventDefault(), { passive: false });
    plot.addEventListener("contextmenu", (event) => drag?.pick && event.preventDefault());
  };

  for (const figure of document.querySelectorAll("figure.lanes")) begin(figure);
})();
