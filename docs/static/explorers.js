// Explorers without a kernel: controls above pictures that Python drew when the site was built.
// tools/prerender.py writes one script a picture; it comes when the reader is near, and
// until then, or without JavaScript, the stored picture stands there.
(() => {
  const scripts = new URL("live/", document.currentScript.src);
  const places = new Map(); // name: the element that waits for its pictures

  window.rnncourseLive = (name, data) => build(places.get(name), data);

  function control(known, n, moved) {
    const label = document.createElement("label");
    const words = document.createElement("span");
    words.textContent = known.label;
    let input = document.createElement(known.kind === "select" ? "select" : "input");
    if (known.kind === "select") {
      for (const word of known.words) input.add(new Option(word));
      input.position = () => input.selectedIndex;
      input.place = (to) => (input.selectedIndex = to);
    } else if (known.kind === "checkbox") {
      input.type = "checkbox";
      input.position = () => Number(input.checked);
      input.place = (to) => (input.checked = to === 1);
    } else {
      input.type = "range";
      input.min = 0;
      input.max = known.words.length - 1;
      const value = document.createElement("output");
      input.position = () => Number(input.value);
      input.place = (to) => {
        input.value = to;
        input.tell();
      };
      input.tell = () => {
        value.textContent = known.words[input.position()];
        input.setAttribute("aria-valuetext", value.textContent);
      };
      label.append(words, input, value);
    }
    if (known.kind === "select") label.append(words, input);
    if (known.kind === "checkbox") label.append(input, words);
    input.place(known.start);
    input.addEventListener("input", () => {
      input.tell?.();
      moved(n, input.position());
    });
    return [label, input];
  }

  function build(place, data) {
    const picture = document.createElement("div");
    picture.className = "live-picture";
    const draw = () => {
      const at = data.controls.reduce((sum, c, n) => sum * c.words.length + inputs[n].position(), 0);
      picture.innerHTML = data.frames[at].map((k) => data.pieces[k]).join("");
    };
    const moved = (n, position) => {
      for (const [from, other, to] of data.moves) if (from === n) inputs[other].place(to[position]);
      draw();
    };
    const made = data.controls.map((known, n) => control(known, n, moved));
    const inputs = made.map(([, input]) => input);
    const controls = document.createElement("div");
    controls.className = "live-controls";
    controls.append(...made.map(([label]) => label));
    const note = document.createElement("p");
    note.className = "live-note";
    note.textContent = data.note;
    draw();
    place.replaceChildren(controls, picture, ...(data.note ? [note] : []));
    place.dataset.ready = "true";
  }

  function fetchFor(place) {
    const name = place.dataset.live;
    if (places.has(name)) return;
    places.set(name, place);
    const script = document.createElement("script"); // not fetch(), which file:// does not allow
    script.src = new URL(`${name}.js`, scripts);
    document.head.append(script);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const near = new IntersectionObserver(
      (seen) => seen.forEach((s) => s.isIntersecting && fetchFor(s.target)),
      { rootMargin: "1500px" },
    );
    document.querySelectorAll("[data-live]").forEach((place) => near.observe(place));
  });
})();
