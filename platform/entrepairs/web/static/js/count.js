// Says how many signs are left under a field marked data-count.
export function countSigns() {
  for (const field of document.querySelectorAll("[data-count]")) {
    const line = document.getElementById(`${field.id}-count`);
    if (!line) continue;
    const show = () => {
      const left = Number(field.dataset.count) - field.value.length;
      line.textContent = line.dataset.left.replace("{n}", String(left));
    };
    field.addEventListener("input", show);
    if (field.value) show();
  }
}
