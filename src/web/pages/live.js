// Renews the page when the server says that something changed: its content is fetched again and put in place of the old one. What was
// unfolded, scrolled and focused stays so. A page in the background holds no connection.
"use strict";
(() => {
  const feed = document.querySelector('link[type="text/event-stream"]');
  const status = document.getElementById("live");
  let seen = feed.title;
  let source;
  let late = false;

  const writing = () => document.activeElement?.matches("input, select, textarea");

  async function renew() {
    late = writing();
    if (late) return;
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const old = document.querySelector("main");
    for (const fold of old.querySelectorAll("details[id]")) {
      const twin = fresh.querySelector(`#${CSS.escape(fold.id)}`);
      if (twin) twin.open = fold.open;
    }
    const scrolled = [...old.querySelectorAll(".scroll[id]")].map((box) => [box.id, box.scrollLeft, box.scrollTop]);
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(fresh);
    for (const [id, left, top] of scrolled) document.getElementById(id)?.scrollTo(left, top);
    if (focused) again(fresh, focused)?.focus({ preventScroll: true });
    status.textContent = `Renewed at ${new Date().toLocaleTimeString()}.`;
  }

  function again(fresh, focused) {
    if (focused.id) return document.getElementById(focused.id);
    const href = focused.getAttribute("href");
    if (href) return fresh.querySelector(`[href="${CSS.escape(href)}"]`);
    const fold = focused.closest("details[id]");
    return fold ? fresh.querySelector(`#${CSS.escape(fold.id)} > summary`) : fresh;
  }

  function listen() {
    source?.close();
    if (document.hidden) return;
    source = new EventSource(`${feed.href}?seen=${encodeURIComponent(seen)}`);
    source.addEventListener("changed", (event) => {
      seen = event.data;
      renew();
    });
    source.onopen = () => {
      if (!status.textContent || status.dataset.lost) status.textContent = "This page renews itself.";
      delete status.dataset.lost;
    };
    source.onerror = () => {
      status.textContent = "The server does not answer: this page may be out of date.";
      status.dataset.lost = "yes";
    };
  }

  document.addEventListener("visibilitychange", listen);
  document.addEventListener("focusout", () => setTimeout(() => late && renew()));
  addEventListener("pagehide", () => source?.close());
  listen();
})();
