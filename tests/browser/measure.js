// What tests ask of a page. Runs before any of the page's own scripts.
(() => {
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) =>
    (element.getAttribute("aria-label") || [...(element.labels || [])].map((label) => label.innerText).join(" ") ||
      element.innerText || element.getAttribute("href") || element.localName).replace(/\s+/g, " ").trim();
  const isHiddenFromSight = (element) => element.closest(".visually-hidden, .skip:not(:focus)") ||
    getComputedStyle(element.closest("th") || element).clipPath === "inset(50%)";

  // Each visible line of text: its node, its words and the middle half of its height, which no neighbour may touch.
  const lines = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const words = node.data.trim();
      if (!words || !isShown(node.parentElement) || isHiddenFromSight(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width < 2) continue;
        const quarter = box.height / 4;
        found.push({ node, words, left: box.left + 1, right: box.right - 1, top: box.top + quarter, bottom: box.bottom - quarter });
      }
    }
    return found;
  };

  window.measure = {
    violations: [],
    shift: 0,

    // Let every fade come to its end.
    async settle() {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      for (const animation of document.getAnimations()) animation.finish();
    },

    // What has the focus: its name, and whether a person can see that it has.
    focus() {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      const isRing = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const shape = element.querySelector("path");
      const isOutlined = element instanceof SVGElement && shape && getComputedStyle(shape).stroke !== "none";
      return {
        id: element.id,
        kind: element.localName,
        name: element === document.body ? "the page" : name(element),
        group: element.closest("fieldset")?.querySelector("legend")?.innerText || "",
        isChecked: Boolean(element.checked),
        isSeen: isRing(getComputedStyle(element)) || isOutlined,
        isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      };
    },

    // What this document loaded, and the bytes of each body as they travelled.
    loaded: () => performance.getEntriesByType("resource").map((entry) => ({ url: entry.name, bytes: entry.encodedBodySize })),

    colour: (element) => getComputedStyle(element).color,

    // What a colour's name in tokens.css stands for just now.
    token(name) {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      const colour = getComputedStyle(probe).color;
      probe.remove();
      return colour;
    },

    width: () => document.scrollingElement.scrollWidth,

    // Elements that reach beyond the right edge: why a page scrolls sideways.
    beyondTheEdge: () =>
      [...document.body.querySelectorAll("*")]
        .filter((element) => isShown(element) && element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 120)),

    // Elements that cut off their own text.
    clipped: () =>
      [...document.body.querySelectorAll("*")]
        .filter((element) => {
          const style = getComputedStyle(element);
          return isShown(element) && !isHiddenFromSight(element) && /hidden|clip/.test(style.overflow) &&
            element.innerText?.trim() &&
            (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
        })
        .map((element) => element.outerHTML.slice(0, 120)),

    // Pairs of texts that lie on each other.
    overlaps() {
      const found = new Set();
      const all = lines().sort((a, b) => a.top - b.top);
      all.forEach((a, index) => {
        for (let next = index + 1; next < all.length && all[next].top < a.bottom; next++) {
          const b = all[next];
          if (a.node !== b.node && a.left < b.right && b.left < a.right) found.add(`“${a.words.slice(0, 50)}” and “${b.words.slice(0, 50)}”`);
        }
      });
      return [...found];
    },

    // Links and controls smaller than 24 by 24 px. A link inside a sentence is exempt (WCAG 2.5.8).
    smallTargets() {
      const isInSentence = (element) =>
        element.localName === "a" && getComputedStyle(element).display.startsWith("inline") &&
        [...(element.closest("p, li, dd, td, label")?.childNodes || [])].some((node) => node.nodeType === 3 && /\w/.test(node.data));
      return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
        .filter((element) => isShown(element) && !isHiddenFromSight(element))
        .map((element) => [element, (element.closest("label") || element).getBoundingClientRect()])
        .filter(([element, box]) => (box.width < 24 || box.height < 24) && !isInSentence(element))
        .map(([element, box]) => `${name(element)} ${Math.round(box.width)} x ${Math.round(box.height)}`);
    },
  };

  document.addEventListener("securitypolicyviolation", (event) =>
    measure.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) measure.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
})();
