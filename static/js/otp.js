// <input data-code-input>: takes a code however it is pasted ("123 456", "Code: 123456") and sends it once it is whole.
function digits(text) {
  return text.replace(/\D/g, "").slice(0, 6);
}

function settle(input) {
  const code = digits(input.value);
  if (input.value !== code) input.value = code;
  if (code.length === 6 && input.dataset.sent !== code) {
    input.dataset.sent = code;
    input.form?.requestSubmit();
  }
}

for (const input of document.querySelectorAll("[data-code-input]")) {
  input.addEventListener("paste", (event) => {
    event.preventDefault();
    input.value = digits(event.clipboardData.getData("text"));
    settle(input);
  });
  input.addEventListener("input", () => settle(input));
}
