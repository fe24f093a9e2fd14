// A form marked data-confirm asks its question first, in a dialog with two buttons of the same weight.
export function askBefore() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("form[data-confirm]") || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopPropagation();
      const submitter = event.submitter;
      const dialog = makeDialog(form.dataset);
      dialog.addEventListener("close", () => {
        const yes = dialog.returnValue === "yes";
        dialog.remove();
        submitter?.focus();
        if (!yes) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter);
        delete form.dataset.confirmed;
      });
      document.body.append(dialog);
      dialog.showModal();
    },
    true,
  );
}

function makeDialog({ confirm, confirmYes, confirmNo }) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const question = document.createElement("p");
  question.id = "ask-question";
  question.textContent = confirm;
  dialog.setAttribute("aria-labelledby", question.id);
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "ask-actions";
  buttons.append(makeButton(confirmNo, "no"), makeButton(confirmYes, "yes"));
  dialog.append(question, buttons);
  return dialog;
}

function makeButton(text, value) {
  const button = document.createElement("button");
  button.className = "btn btn-equal";
  button.value = value;
  button.textContent = text;
  return button;
}
