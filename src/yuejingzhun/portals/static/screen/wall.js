// The wall turns its pages by itself, and says when its numbers are old.
"use strict";
(() => {
  const SECONDS = 12;
  const numbers = document.getElementById("numbers");
  let step = 0;
  let held = false;

  function show(number) {
    const boards = numbers.querySelectorAll("[data-board]");
    step = number % boards.length;
    boards.forEach((board, place) => { board.hidden = place !== step; });
    numbers.querySelectorAll("[data-step]").forEach((button, place) => {
      button.setAttribute("aria-current", place === step ? "true" : "false");
    });
    const hold = document.getElementById("hold");
    hold.setAttribute("aria-pressed", String(held));
    hold.textContent = held ? "继续轮播" : "停住";
  }

  function tick() {
    const now = new Date();
    document.getElementById("clock").textContent = now.toLocaleString("zh-CN", {
      timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric", weekday: "long",
      hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
    });
  }

  function broken(is) {
    document.getElementById("since").textContent = numbers.querySelector("[data-at]")?.dataset.at ?? "";
    document.getElementById("broken").hidden = !is;
  }

  numbers.addEventListener("click", (event) => {
    if (event.target.id === "hold") held = !held;
    else if (event.target.dataset.step) { held = true; step = Number(event.target.dataset.step); } else return;
    show(step);
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // A sign-in page instead of numbers: the session has ended. Leave for it, instead of a wall that stands still.
    if (event.detail.xhr.responseURL.includes("/sign-in")) location.reload();
  });
  document.body.addEventListener("htmx:afterSwap", () => { broken(false); show(step); });
  document.body.addEventListener("htmx:sendError", () => broken(true));
  document.body.addEventListener("htmx:responseError", () => broken(true));
  setInterval(() => { if (!held) show(step + 1); }, SECONDS * 1000);
  setInterval(tick, 1000);
  tick();
  show(0);
})();
