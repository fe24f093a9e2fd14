// A button marked data-copy="#id" copies the text or value of that element and says so in data-copied.
export function copyOnClick() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.querySelector(button.dataset.copy);
      await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  }
}
