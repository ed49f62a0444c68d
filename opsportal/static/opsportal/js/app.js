// Comfort only: every page works with this file missing.
"use strict";

(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Of tabs that do not fit, the current one is in sight.
  one(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // --- Keyboard: rows are [data-item], what a key does is [data-key="x"] in the row.
  // What is folded away is skipped.
  const rows = () => all("[data-item]").filter((row) => row.checkVisibility?.() ?? row.offsetParent);
  // Whether a pointer is down.
  let isPressing = false;
  // By its id: the row itself is swapped for a newer one again and again.
  let picked = "";
  let place = -1;
  const chosen = () => rows().find((row) => row.id === picked);

  const mark = (row) => {
    row.classList.add("selected");
    row.setAttribute("aria-current", "true");
    if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
  };

  const choose = (row) => {
    if (!row) return;
    for (const before of all("[data-item].selected")) {
      if (before === row) continue;
      before.classList.remove("selected");
      before.removeAttribute("aria-current");
    }
    picked = row.id;
    place = rows().indexOf(row);
    mark(row);
    if (!row.contains(document.activeElement)) row.focus({ preventScroll: true });
    // Under a pointer it would move away, and the click would be lost.
    if (!isPressing) row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const list = rows();
    let at = list.indexOf(chosen());
    // Of a row that is gone, as of an alert that was resolved, the next took the place.
    if (at < 0 && place >= 0) at = by > 0 ? place - 1 : place;
    if (at < 0 && by < 0) at = list.length;
    choose(list[Math.min(list.length - 1, Math.max(0, at + by))]);
  };

  const firstField = (fold) => one("input:not([type=hidden]), textarea, select", fold);

  const press = (key) => {
    const row = chosen();
    const target =
      (row && one(`[data-key="${key}"]`, row)) || one(`[data-key="${key}"]:not([data-item] *)`);
    if (!target || target.disabled) return false;
    if (target.matches("details")) {
      target.open = !target.open;
      if (target.open) one("input:not([type=hidden]), textarea, select, button", target)?.focus();
    } else if (target.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) {
      target.focus();
    } else target.click();
    return true;
  };

  const go = (key) => {
    const link = one(`[data-go="${key}"]`);
    if (link) location.assign(link.href);
    return Boolean(link);
  };

  const toggleHelp = () => {
    const help = one("#keys");
    if (!help?.togglePopover) return false;
    if (help.togglePopover()) one("button", help)?.focus();
    return true;
  };

  const single = {
    j: () => (step(1), true),
    k: () => (step(-1), true),
    x: () => press("x"),
    n: () => press("n"),
    c: () => press("c"),
    v: () => press("v"),
    s: () => press("s"),
    o: () => press("o"),
    X: () => press("X"),
    N: () => press("N"),
    "/": () => press("/"),
    "?": toggleHelp,
  };

  let going = 0;
  const typing = (node) => node.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) {
      const row = event.target.closest("[data-item]");
      event.target.blur();
      choose(row);
      return;
    }
    if (typing(event.target) || one("dialog[open]:not([popover])")) return;
    if (event.key === "g") {
      going = event.timeStamp;
      return;
    }
    const recent = going && event.timeStamp - going < 1500;
    going = 0;
    if (recent ? go(event.key) : single[event.key]?.()) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-item]");
    if (row && row !== chosen()) choose(row);
  });

  // --- Clicks: dismiss a toast, open a dialog where the browser lacks command.
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
    // Who unfolds an answer is about to write it; letters pressed elsewhere are keys.
    const fold = event.target.closest("[data-item] summary")?.parentElement;
    if (fold) {
      event.preventDefault();
      fold.open = !fold.open;
      if (fold.open) firstField(fold)?.focus();
    }
    const opener = event.target.closest("button[commandfor]");
    if (!opener || "command" in HTMLButtonElement.prototype) return;
    const dialog = document.getElementById(opener.getAttribute("commandfor"));
    if (opener.getAttribute("command") === "show-modal") dialog?.showModal();
    if (opener.getAttribute("command") === "close") dialog?.close();
  });

  // --- Times that move: the same words as kit/moments.py.
  const MINUTE = 60e3;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  const sayDistance = (moment, now) => {
    const length = Math.abs(moment - now);
    if (length < MINUTE) return "now";
    const words =
      length < HOUR ? `${Math.floor(length / MINUTE)} min`
      : length < 2 * DAY ? `${Math.floor(length / HOUR)} h`
      : `${Math.floor(length / DAY)} days`;
    return moment > now ? `in ${words}` : `${words} ago`;
  };

  const retell = () => {
    for (const node of all("time[data-relative]")) {
      const words = sayDistance(Date.parse(node.dateTime), Date.now());
      if (node.textContent !== words) node.textContent = words;
    }
  };

  // --- htmx: refusals are answers, focus stays, a lost connection is said.
  const toast = (text) => {
    const place = one("#toasts");
    if (!place) return;
    const box = document.createElement("div");
    box.className = "toast crit";
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn ghost small";
    close.dataset.dismiss = "";
    close.textContent = "Dismiss";
    box.append(words, close);
    place.append(box);
  };

  let held = null;
  // What was chosen and unfolded in a list that comes anew.
  let boxes = [];
  let folds = new Map();
  const remember = () => {
    boxes = all('[data-key="s"]:checked').map((box) => box.closest("[data-item]")?.id);
    folds = new Map(all("details[data-fold]").map((fold) => [fold.dataset.fold, fold.open]));
    const node = document.activeElement;
    const row = node?.closest("[data-item]");
    if (row) held = { row: row.id, node: node.id, key: node.dataset.key };
  };

  const restore = () => {
    for (const box of all('[data-key="s"]')) box.checked ||= boxes.includes(box.closest("[data-item]")?.id);
    for (const fold of all("details[data-fold]")) fold.open = folds.get(fold.dataset.fold) ?? fold.open;
    boxes = [];
    folds.clear();
    const row = chosen();
    if (!row) return;
    mark(row);
    // Only a focus that went with what was swapped away; any other is meant.
    const isLost = !document.activeElement || document.activeElement === document.body;
    if (!isLost || held?.row !== row.id) return;
    const node =
      (held.node && document.getElementById(held.node)) || (held.key && one(`[data-key="${held.key}"]`, row));
    (node || row).focus({ preventScroll: true });
  };

  const settle = (root = document) => {
    for (const node of all("[data-dismiss][hidden]")) node.hidden = false;
    const loud = root.matches?.("[data-focus]") ? root : one("[data-focus]", root);
    loud?.focus();
    retell();
  };

  // A look that nobody asked for must not take away what is being pressed: the release
  // would find another node, and the click would be lost. The next look brings the news.
  document.addEventListener("pointerdown", (event) => { isPressing = event.button === 0; }, true);
  const release = () => setTimeout(() => { isPressing = false; });
  // The click follows the release of the pointer.
  for (const name of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(name, release, true);
  window.addEventListener("blur", release);

  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // Unchanged: what stands there stays.
    if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
    const isAsked = Boolean(event.detail.requestConfig.triggeringEvent);
    if (!isAsked && isPressing) event.detail.shouldSwap = false;
    if (event.detail.shouldSwap) remember();
  });
  // News about a row must not take away what somebody writes in it, nor fold it up.
  const isBeingWritten = (row) =>
    all("input:not([type=hidden]), textarea", row).some((field) =>
      field === document.activeElement ? typing(field) : field.value !== field.defaultValue);

  const unfoldAlike = (before, after) => {
    const folds = all("details", after);
    for (const open of all("details[open]", before)) {
      const words = one("summary", open)?.textContent;
      const same = folds.find((fold) => one("summary", fold)?.textContent === words);
      if (same) same.open = true;
    }
  };

  // While a row is being sent its own answer brings the news; swapped away before, the
  // answer would find nothing to go into.
  const isBeingSent = (row) => row.matches(".htmx-request") || one(".htmx-request", row);

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (!target.matches("[data-item]")) return;
    if (isBeingWritten(target) || isBeingSent(target)) event.detail.shouldSwap = false;
    else unfoldAlike(target, fragment);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    restore();
    settle(event.detail.elt);
  });
  document.addEventListener("htmx:sendError", () =>
    toast("Not saved: the portal did not answer. Check the connection and try again."));
  document.addEventListener("htmx:responseError", (event) =>
    toast(event.detail.xhr.status === 403
      ? "Not saved: you may not do this, or you were signed out."
      : `Not saved: the portal answered with ${event.detail.xhr.status}. Reload the page and try again.`));

  settle();
  // Back from a form that was sent without htmx: go on where it was.
  if (location.hash) choose(document.getElementById(location.hash.slice(1))?.closest("[data-item]"));
  setInterval(retell, MINUTE);
})();
