// Follows the journal: fetches the page's body each second and takes over the parts that are marked data-live.
// Not by innerHTML, which the content security policy refuses: the browser parses the answer as a document.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const root = document.querySelector(".forksafe");
  const button = byId("pause");
  const life = byId("life");
  let paused = false;
  let failures = 0;

  function say(text, kind) {
    if (life.textContent !== text) life.textContent = text;
    life.className = kind;
  }

  function refocus(id, lane) {
    if (!id || document.activeElement.id === id) return;
    (byId(id) || byId(lane) || document.body).focus({ preventScroll: true });
  }

  function takeOver(fresh) {
    const focused = document.activeElement;
    const lane = focused.closest(".lane");
    const open = new Set([...root.querySelectorAll("details[open]")].map((one) => one.id));
    for (const part of root.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other) continue;
      if (open.has(other.id) && other.matches("details")) other.open = true;
      // What is the same stays, so that a screen reader and a selection are left in peace.
      if (!part.isEqualNode(other)) part.replaceWith(document.adoptNode(other));
    }
    refocus(focused.id, lane && lane.id);
    document.title = byId("verdict").dataset.title;
  }

  function follow() {
    if (paused || document.hidden || !getSelection().isCollapsed) return later();
    const request = new XMLHttpRequest();
    request.open("GET", location.pathname + "?format=content&" + location.search.slice(1));
    request.responseType = "document";
    request.timeout = 5000;
    request.onloadend = () => {
      if (request.status === 200 && request.response) {
        failures = 0;
        if (!paused) {
          takeOver(request.response);
          say("live", "live");
        }
      } else {
        ++failures;
        if (!paused) say(request.status ? "refused: " + request.status : "no answer", "lost");
      }
      later();
    };
    request.send();
  }

  function later() {
    setTimeout(follow, Math.min(1000 * 2 ** failures, 10000));
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Resume" : "Pause";
    say(paused ? "paused" : "live", paused ? "paused" : "live");
  });

  // Tab reaches each lane; the arrows lead to its neighbours and to the marks in it.
  root.addEventListener("keydown", (event) => {
    const lane = event.target.closest(".lane");
    if (!lane || event.altKey || event.ctrlKey || event.metaKey) return;
    const lanes = [...lane.parentNode.querySelectorAll(".lane[tabindex]")];
    const marks = [...lane.querySelectorAll("a")];
    const at = lanes.indexOf(lane);
    const mark = marks.indexOf(event.target.closest("a"));
    const to = {
      ArrowDown: lanes[at + 1], ArrowUp: lanes[at - 1], Home: marks[0], End: marks[marks.length - 1], Escape: lane,
      ArrowRight: marks[mark + 1], ArrowLeft: mark > 0 ? marks[mark - 1] : lane,
    }[event.key];
    if (!to) return;
    event.preventDefault();
    to.focus();
  });

  const readout = document.createElement("p");
  readout.className = "readout";
  readout.setAttribute("aria-hidden", "true");
  function read(event) {
    const mark = event.target.closest(".track a");
    const text = mark && mark.querySelector("title").textContent;
    if (text) readout.textContent = text;
    readout.classList.toggle("shown", Boolean(text));
    if (!text) return;
    const place = mark.getBoundingClientRect();
    readout.classList.toggle("left", place.left > innerWidth / 2);
    readout.style.top = place.bottom + scrollY + 6 + "px";
    readout.style.left = place.left > innerWidth / 2 ? "auto" : place.left + "px";
    readout.style.right = place.left > innerWidth / 2 ? document.documentElement.clientWidth - place.right + "px" : "auto";
  }
  root.append(readout);
  root.addEventListener("focusin", read);
  root.addEventListener("mouseover", read);

  say("live", "live");
  later();
})();
