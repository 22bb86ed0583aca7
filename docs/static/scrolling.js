// What scrolls sideways (a wide formula, table, picture or line of code) can be reached by keyboard.
(() => {
  const WIDE = "mjx-container[display], .bd-article table, .live-picture, .cell_output > .output";
  const mark = () =>
    document.querySelectorAll(WIDE).forEach((element) => {
      if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
    });
  // Formulas change widths when they are drawn, pictures when the window does.
  window.addEventListener("load", () => {
    const ready = window.MathJax?.startup?.promise ?? Promise.resolve();
    ready.then(mark);
  });
  window.addEventListener("resize", mark);
})();
