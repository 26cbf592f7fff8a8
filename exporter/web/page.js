// Keeps the page up to date without moving what is being read: only parts that have changed are replaced, and none in which
// something is selected or has the focus. Without this script the page stays as it was.
(() => {
  const parts = (page) => [...page.querySelectorAll("[data-part]")];
  const names = (page) => parts(page).map((part) => part.dataset.part).join("\n");
  const busy = (part) => {
    const selection = getSelection();
    return part.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(part, true));
  };
  const open = (part) => [...part.querySelectorAll("details")].map((one) => one.open);

  function replace(part, fresh) {
    const was = open(part);
    fresh.querySelectorAll("details").forEach((one, i) => { if (i < was.length) one.open = was[i]; });
    if (!part.isEqualNode(fresh) && !busy(part)) part.replaceWith(document.adoptNode(fresh));
  }

  function show(page) {
    const seen = () => parts(document).find((part) => part.getBoundingClientRect().bottom > 0);
    const mark = seen(), name = mark?.dataset.part, top = mark?.getBoundingClientRect().top;
    const live = document.querySelector("main"), fresh = page.querySelector("main");
    if (names(live) === names(fresh)) {
      const other = parts(page);
      parts(document).forEach((part, i) => replace(part, other[i]));
    } else if (!busy(live)) {
      replace(live, fresh);
      parts(document).filter((part) => !part.closest("main")).forEach((part) => {
        const other = parts(page).find((one) => one.dataset.part === part.dataset.part);
        if (other) replace(part, other);
      });
    }
    document.title = page.title;
    const now = parts(document).find((part) => part.dataset.part === name);
    if (now && scrollY > 0) scrollBy(0, now.getBoundingClientRect().top - top);
  }

  async function look() {
    if (document.hidden) return;
    const lost = document.querySelector(".lost");
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("main [data-part]")) throw new Error("another page");
      show(page);
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  }
  document.documentElement.classList.add("live");
  const again = () => setTimeout(() => look().finally(again), document.querySelector(".card.waiting") ? 5000 : 30000);
  again();
  document.addEventListener("visibilitychange", look);
})();
