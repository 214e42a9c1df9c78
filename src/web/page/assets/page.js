// What scripts add to the pages. Everything here has a way without: forms are sent, pages are reloaded.
"use strict";

document.documentElement.dataset.script = "on";
for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;

// A problem is what its reader wants to hear first.
document.getElementById("alert")?.focus();

// One click is enough: the server carries a form out once, but a button that answers is kinder. Coming back frees it again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// Plus and minus, and a slider beside its number.
function changed(input) { input.dispatchEvent(new Event("input", { bubbles: true })); }
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) {
    const input = button.parentElement.querySelector("input");
    const by = Number(button.dataset.step);
    const min = Number(input.min || 0), max = Number(input.max || Infinity);
    input.value = String(Math.min(max, Math.max(min, Number(input.value || 0) + by)));
    changed(input);
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const text = document.getElementById(copy.dataset.copy).textContent.trim();
    navigator.clipboard?.writeText(text).then(() => { copy.textContent = copy.dataset.copied; });
  }
});
for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  const number = document.getElementById(slider.dataset.for);
  slider.addEventListener("input", () => { number.value = slider.value; changed(number); });
  number.addEventListener("input", () => { slider.value = number.value; });
}

// The price moves along: the server reckons it, and sends it as it is shown.
const chooser = document.querySelector("form[data-estimate]");
if (chooser) {
  const live = document.getElementById("live");
  let asked = 0, timer;
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(chooser.dataset.estimate, { method: "POST", body: new URLSearchParams(new FormData(chooser)) });
      if (answer.ok && mine === asked) live.innerHTML = await answer.text();
    } catch { /* Without an answer the old price stays; the quote is made by the server anyway. */ }
  };
  chooser.addEventListener("input", (event) => {
    if (event.target.matches("[data-reload]")) {
      const wanted = new URLSearchParams(new FormData(chooser));
      wanted.delete("token"); wanted.delete("key");
      location.replace(`${chooser.getAttribute("action")}?${wanted}`);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
}

// A field that was left is looked at by the server, in the words of the form's own answer. Nothing is kept of it.
for (const form of document.querySelectorAll("form[data-check]")) {
  const left = new Set([...form.querySelectorAll("[aria-invalid]")].map((field) => field.name));
  form.addEventListener("change", async (event) => {
    left.add(event.target.name);
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) return;
      const wrong = await answer.json();
      for (const name of left) {
        const said = document.getElementById(`wrong-${name}`);
        if (!said) continue;
        said.textContent = wrong[name] ?? "";
        if (name in wrong) form.elements[name].setAttribute("aria-invalid", "true");
        else form.elements[name].removeAttribute("aria-invalid");
      }
    } catch { /* Without an answer, the form's own answer says it. */ }
  });
}

// A page that waits looks again by itself, more and more seldom, and goes on when there is something to see.
const waiting = document.querySelector("[data-wait]");
if (waiting) {
  let pause = 800;
  const look = async () => {
    try {
      const answer = await fetch(waiting.dataset.wait, { headers: { accept: "application/json" } });
      if (answer.ok) {
        const now = await answer.json();
        const moved = String(now.version) !== waiting.dataset.version;
        if (moved && (!now.waiting || !("quiet" in waiting.dataset))) { location.reload(); return; }
      }
    } catch { /* The connection is gone for the moment. */ }
    pause = Math.min(pause * 1.3, 5000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
