"use strict";
// Names for what the theme and sphinx-gallery show without one, for those who do not see it.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".sphx-glr-thumbcontainer")) {
    const title = box.querySelector(".sphx-glr-thumbnail-title");
    if (title) box.querySelector("a").setAttribute("aria-label", title.textContent);
  }
  for (const toggle of document.querySelectorAll(".bd-sidebar summary")) {
    const page = toggle.closest("li").querySelector("a");
    toggle.setAttribute("aria-label", `Pages below ${page.textContent.trim()}`);
  }
  // Its name is what can be read on it where there is room.
  for (const button of document.querySelectorAll(".search-button-field")) {
    button.setAttribute("aria-label", button.textContent.replace(/\s+/g, " ").trim());
  }
  // Boxes that scroll can be reached by keyboard.
  for (const box of document.querySelectorAll(".output_subarea, .bd-article pre")) box.setAttribute("tabindex", "0");
});
