/* Staff pages only: give each rich-text editor the name of its field, for screen readers. */
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  if (label) editor.view.dom.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
});
