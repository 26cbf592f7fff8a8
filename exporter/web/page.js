// Keeps the page up to date without moving what is being read: what has changed is changed in its place, and everything else stays
// the node that it was, with the focus, the selection and the details that somebody opened. Without this script the page stays as it was.
(() => {
  // A node is known by what it is; a text, such as the blanks between two parts, by what it follows.
  const key = (node) => node.nodeName + (node.attributes ? node.id || node.dataset.part || node.getAttribute("class") : node.previousSibling && key(node.previousSibling));

  // Only the characters that differ are replaced: a selection of the others stays.
  function retype(text, next) {
    const least = Math.min(text.length, next.length);
    let head = 0, tail = 0;
    while (head < least && text.data[head] === next[head]) head++;
    while (tail < least - head && text.data[text.length - 1 - tail] === next[next.length - 1 - tail]) tail++;
    text.replaceData(head, text.length - head - tail, next.slice(head, next.length - tail));
  }

  // Which details are open is up to the reader.
  function turn(live, fresh) {
    if (live.isEqualNode(fresh)) return;
    if (!live.attributes) return retype(live, fresh.data);
    const ours = ({ name }) => name !== "open";
    [...live.attributes].filter(ours).forEach(({ name }) => { if (!fresh.hasAttribute(name)) live.removeAttribute(name); });
    [...fresh.attributes].filter(ours).forEach(({ name, value }) => { if (live.getAttribute(name) !== value) live.setAttribute(name, value); });
    const left = {};
    live.childNodes.forEach((child) => (left[key(child)] ??= []).push(child));
    const children = [...fresh.childNodes].map((child) => {
      const same = left[key(child)]?.shift();
      if (same) turn(same, child);
      return same ?? child;
    });
    Object.values(left).flat().forEach((child) => child.remove());
    children.forEach((child, i) => { if (live.childNodes[i] !== child) live.insertBefore(child, live.childNodes[i] ?? null); });
  }

  function show(page) {
    const mark = [...document.querySelectorAll("[data-part]")].find((part) => part.getBoundingClientRect().bottom > 0), top = mark?.getBoundingClientRect().top;
    const focused = document.activeElement;
    ["header", "main", "footer"].forEach((name) => turn(document.querySelector(name), page.querySelector(name)));
    document.title = page.title;
    if (focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
    if (mark?.isConnected && scrollY > 0) scrollBy(0, mark.getBoundingClientRect().top - top);
  }

  // While the exporter does not answer, the page does not claim to be up to date.
  function answers(well) {
    document.querySelector(".lost").hidden = well;
    document.documentElement.classList.toggle("live", well);
  }

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("main [data-part]")) throw new Error("another page");
      show(page);
      answers(true);
    } catch {
      answers(false);
    }
  }
  answers(true);
  const again = () => setTimeout(() => look().finally(again), document.querySelector(".card.waiting") ? 5000 : 30000);
  again();
  document.addEventListener("visibilitychange", look);
})();
