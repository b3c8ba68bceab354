// [data-confirm="Question?"] on a form or its submit button: asks first, in a <dialog>. data-confirm-yes: the words of the answer.
// Listens before anyone else (capture), so that htmx too waits for the answer.
const agreed = new WeakSet();

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function ask(question, yes) {
  const stay = element("button", { className: "button button-soft", type: "submit", value: "", textContent: document.getElementById("words").dataset.stay });
  const go = element("button", { className: "button button-danger", type: "submit", value: "yes", textContent: yes });
  const words = element("h2", { id: "confirm-question", textContent: question });
  const answers = element("div", { className: "actions" }, stay, go);
  const dialog = element("dialog", {}, element("form", { method: "dialog", className: "stack" }, words, answers));
  dialog.setAttribute("aria-labelledby", "confirm-question");
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asker = event.submitter?.closest("[data-confirm]") ?? form.closest("[data-confirm]");
  if (!asker || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (await ask(asker.dataset.confirm, asker.dataset.confirmYes ?? document.getElementById("words").dataset.yes)) {
    agreed.add(form);
    form.requestSubmit(submitter);
  }
}, true);
