// The fields of an answer as the draft sees them, each with a name, its text and the element that changes: lines and
// texts as they are, an ordering as one line of item keys. Orderings get arrows and a handle here.
"use strict";

(() => {
  // ---- Orderings: the lists of places stay the truth, so that the form sends them also without this script.
  const rowsOf = (box) => [...box.querySelectorAll(".item")];
  const placeOf = (row) => Number(row.querySelector("select").value.split(":")[1]) || 0;
  const isSet = (box) => {
    const places = rowsOf(box).map(placeOf).sort((one, other) => one - other);
    return places.every((place, index) => place === index + 1);
  };
  // As the server writes it (services/orders.py): finished as keys, unfinished as key:place in the order of the items.
  const orderText = (box) => {
    const byPlace = [...rowsOf(box)].sort((one, other) => placeOf(one) - placeOf(other));
    if (isSet(box)) return byPlace.map((row) => row.dataset.item).join(" ");
    const chosen = Object.fromEntries(rowsOf(box).map((row) => [row.dataset.item, row.querySelector("select").value]));
    return box.dataset.order.split(" ").map((item) => chosen[item]).filter(Boolean).join(" ");
  };
  const placesIn = (text) =>
    Object.fromEntries(
      text.split(" ").filter(Boolean).map((word, index) => {
        const [item, place] = word.split(":");
        return [item, Number(place || index + 1)];
      }),
    );
  const putOrder = (box, text) => {
    const places = placesIn(text);
    rowsOf(box).forEach((row) => {
      const { item } = row.dataset;
      row.querySelector("select").value = places[item] ? `${item}:${places[item]}` : "";
    });
    const items = box.dataset.order.split(" ");
    const rank = (row) => (placeOf(row) || items.length + 1) * items.length + items.indexOf(row.dataset.item);
    const list = box.querySelector(".items");
    rowsOf(box).sort((one, other) => rank(one) - rank(other)).forEach((row) => list.append(row));
    number(box);
  };
  const orderInWords = (box, text) => {
    const places = placesIn(text);
    const names = Object.fromEntries(rowsOf(box).map((row) => [row.dataset.item, row.dataset.label]));
    return Object.keys(names)
      .sort((one, other) => (places[one] || 1e9) - (places[other] || 1e9))
      .map((item) => `${places[item] || "–"}. ${names[item]}`)
      .join("\n");
  };

  const number = (box) => {
    const settled = isSet(box);
    const rows = rowsOf(box);
    rows.forEach((row, index) => {
      row.querySelector("[data-place]").textContent = settled ? index + 1 : "–";
      const [up, down] = row.querySelectorAll("[data-move]");
      up.setAttribute("aria-disabled", String(index === 0));
      down.setAttribute("aria-disabled", String(index === rows.length - 1));
    });
    box.querySelector("[data-order-unset]").hidden = settled;
  };
  // From here on the list as it stands is the answer.
  const settle = (box) => {
    rowsOf(box).forEach((row, index) => {
      row.querySelector("select").value = `${row.dataset.item}:${index + 1}`;
    });
    number(box);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const say = (box, row) => {
    const rows = rowsOf(box);
    box.querySelector("[data-order-said]").textContent = box.dataset.saysMoved
      .replace("{item}", row.dataset.label)
      .replace("{place}", rows.indexOf(row) + 1)
      .replace("{count}", rows.length);
  };

  const moveBy = (box, button) => {
    const row = button.closest(".item");
    const rows = rowsOf(box);
    const target = rows[rows.indexOf(row) + Number(button.dataset.move)];
    if (target && Number(button.dataset.move) < 0) target.before(row);
    else if (target) target.after(row);
    settle(box);
    button.focus(); // moving a row takes the focus from what is in it
    say(box, row);
    row.scrollIntoView({ block: "nearest" });
  };

  const drag = (box, handle, start) => {
    const row = handle.closest(".item");
    const edge = 48;
    // Held by the list: a row that is moved loses what it holds.
    const list = box.querySelector(".items");
    list.setPointerCapture(start.pointerId);
    box.classList.add("ordering-drag");
    row.classList.add("item-held");
    const moved = (event) => {
      if (event.clientY < edge) window.scrollBy(0, -12);
      else if (event.clientY > window.innerHeight - edge) window.scrollBy(0, 12);
      const over = rowsOf(box).find((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return each !== row && event.clientY > top && event.clientY < bottom;
      });
      if (!over) return;
      const { top, height } = over.getBoundingClientRect();
      if (event.clientY < top + height / 2) over.before(row);
      else over.after(row);
    };
    const ended = () => {
      list.removeEventListener("pointermove", moved);
      box.classList.remove("ordering-drag");
      row.classList.remove("item-held");
      settle(box);
      say(box, row);
    };
    list.addEventListener("pointermove", moved);
    list.addEventListener("lostpointercapture", ended, { once: true });
  };

  const makeMovable = (box) => {
    box.querySelectorAll("[data-moves], [data-place], [data-order-moving]").forEach((each) => {
      each.hidden = false;
    });
    box.querySelectorAll(".item-select, [data-order-plain]").forEach((each) => {
      each.hidden = true;
    });
    const fold = box.querySelector("[data-order-fold]");
    const messages = [...box.querySelectorAll(".item > details")];
    fold.hidden = !messages.length;
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) moveBy(box, button);
      if (event.target.closest("[data-order-keep]")) {
        settle(box);
        rowsOf(box)[0].querySelector("[data-move]").focus();
      }
      if (event.target.closest("[data-order-fold]")) {
        const open = !messages.some((each) => each.open);
        messages.forEach((each) => {
          each.open = open;
        });
        fold.textContent = open ? fold.dataset.folded : fold.dataset.open;
      }
    });
    box.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-handle]");
      if (!handle) return;
      event.preventDefault();
      drag(box, handle, event);
    });
    number(box);
  };
  document.querySelectorAll("[data-order]").forEach(makeMovable);

  // ---- Previews: the frame is asked for again once the draft is saved.
  document.querySelectorAll("[data-preview]").forEach((section) => {
    const form = section.closest("form");
    const frame = section.querySelector("iframe");
    let shown = null;
    const typed = () => section.dataset.preview.split(" ").map((name) => form.elements[`answer-${name}`].value).join("\0");
    shown = typed();
    section.querySelector("[data-show]").addEventListener("click", (event) => {
      event.preventDefault();
      shown = null;
      form.dispatchEvent(new Event("answers:save"));
    });
    form.addEventListener("answers:saved", () => {
      if (shown === typed()) return;
      shown = typed();
      frame.src = frame.getAttribute("src");
    });
  });

  const plain = (element) => ({
    name: element.dataset.answer,
    element,
    get: () => element.value,
    set: (text) => {
      element.value = text;
      element.dispatchEvent(new Event("answers:set"));
    },
    inWords: (text) => {
      const file = element.closest("[data-file]");
      return file && text ? file.dataset.saysEarlier : text;
    },
  });
  const ordering = (box) => ({
    name: box.dataset.answer,
    element: box,
    get: () => orderText(box),
    set: (text) => putOrder(box, text),
    inWords: (text) => orderInWords(box, text),
  });
  window.winnowAnswers = (form) =>
    [...form.querySelectorAll("[data-answer]")].map((each) => (each.dataset.order ? ordering(each) : plain(each)));
})();
