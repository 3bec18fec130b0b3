// The editor of challenges: saves without leaving the page, keeps the place, and warns before words are lost.
// Without this script every button works as a plain form.
"use strict";

(() => {
  let typed = false;
  const form = () => document.querySelector("form[data-editor]");

  document.addEventListener("input", (event) => {
    if (form()?.contains(event.target)) typed = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });

  // The preview shows what is saved.
  const refresh = (old) => {
    document.querySelectorAll("[data-live]").forEach((part) => {
      part.open = old;
    });
  };

  // After a button of a list, writing goes on in the row that is new, or where it was.
  const focus = (pressed, anchor, id) => {
    const list = anchor && pressed.startsWith("add:") ? [...document.querySelectorAll(`[id^="${anchor}."]`)] : [];
    const rows = list.filter((one) => one.matches(".row-card, .row-line"));
    const last = rows[rows.length - 1];
    const target = last?.querySelector("input:not([type='hidden']), textarea, select") || document.getElementById(id);
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };

  const show = (text, url, pressed, id) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const [fresh, now] = [page.getElementById("editor"), document.getElementById("editor")];
    if (!fresh || !now || page.querySelector("#editor form[data-editor]") === null) return false;
    const wasOpen = document.querySelector("[data-live]")?.open || false;
    const top = window.scrollY;
    now.replaceWith(fresh);
    for (const part of [".editor-steps", "#toasts", ".title-row"]) {
      const [from, to] = [page.querySelector(part), document.querySelector(part)];
      if (from && to) to.replaceWith(from);
    }
    window.scrollTo(0, top);
    refresh(wasOpen);
    focus(pressed, new URL(url).hash.slice(1) || (pressed.split(":")[1] ?? ""), id);
    return true;
  };

  const send = async (event) => {
    const sent = event.target;
    if (!(sent instanceof HTMLFormElement) || !("editor" in sent.dataset)) return;
    const pressed = event.submitter?.value || "save";
    if (pressed === "next") {
      typed = false;
      return;
    }
    event.preventDefault();
    const id = document.activeElement?.id || "";
    const data = new FormData(sent);
    data.set("do", pressed);
    try {
      const answer = await fetch(location.href.split("#")[0], { method: "POST", body: new URLSearchParams(data), credentials: "same-origin" });
      const text = await answer.text();
      if (answer.status === 409 || !show(text, answer.url, pressed, id)) {
        throw new Error("another page");
      }
      typed = answer.status >= 400;
    } catch {
      // The plain form says what happened, and loses nothing.
      typed = false;
      const again = document.createElement("input");
      again.type = "hidden";
      again.name = "do";
      again.value = pressed;
      sent.append(again);
      sent.submit();
    }
  };
  document.addEventListener("submit", send);
})();
