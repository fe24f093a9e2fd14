// Warns when a free text seems to hold the name or the number of a person. The server has the last word.
const TITLE = /(?:^|[\s(])(?:M\.|Mr\.?|Mme|Mlle|Dr\.?|Monsieur|Madame)\s+[\p{Lu}][\p{L}.-]*/u;
const SOCIAL = /\b[12]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?\b/;

export function warnOfNames() {
  for (const field of document.querySelectorAll("[data-names]")) {
    const line = document.getElementById(`${field.id}-names`);
    if (!line) continue;
    const look = () => {
      const found = TITLE.test(field.value) || SOCIAL.test(field.value);
      const text = found ? line.dataset.text : "";
      if (line.textContent !== text) line.textContent = text;
    };
    field.addEventListener("input", look);
    look();
  }
}
