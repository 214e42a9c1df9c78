// What the console's pages add where scripts run: they follow what happens. Without it, reloading shows the same.
(() => {
  const PAUSE = 5000;
  const live = document.querySelector("[data-live]");
  const told = document.querySelector("[data-told]");
  if (!live || !told) return;

  const say = (text) => { told.textContent = text; };
  const opened = () => [...live.querySelectorAll("details")].map((one, nth) => (one.open ? nth : -1)).filter((nth) => nth >= 0);
  const isUsed = () => live.contains(document.activeElement) || String(document.getSelection()).length > 0
    || [...live.querySelectorAll("textarea")].some((one) => one.value !== "");

  // The same page once more; what is open stays open.
  const show = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById(live.id);
    if (!next) return location.reload();
    const open = opened();
    const same = live.querySelectorAll("details").length <= next.querySelectorAll("details").length;
    live.replaceChildren(...next.childNodes);
    live.dataset.mark = next.dataset.mark;
    document.title = page.title;
    if (same) live.querySelectorAll("details").forEach((one, nth) => { one.open = open.includes(nth); });
    say("Updated.");
  };

  // Nothing is taken away from under somebody's hands: they are offered it.
  const offer = () => {
    if (document.querySelector(".fresh")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button main fresh";
    button.textContent = "Something is new: show it";
    button.addEventListener("click", async () => {
      button.remove();
      await show();
      document.getElementById("main").focus();
    });
    live.after(button);
    say("Something is new.");
  };

  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: "application/json" } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) return;
      const seen = await answer.json();
      if (seen.mark === live.dataset.mark) return;
      if (isUsed()) offer();
      else await show();
    } catch {
      // The next look may reach the server.
    }
  };
  setInterval(look, PAUSE);
  document.addEventListener("visibilitychange", look);
})();
