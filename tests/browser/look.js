// What a look measures on a page, for test_look.py. Each function gives a list of sentences, empty where all is well.
window.look = (() => {
  const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const colours = new Map()
  // Any colour of CSS as [red, green, blue, opacity], up to 255 and 1.
  const rgba = (colour) => {
    if (!colours.has(colour)) {
      ink.clearRect(0, 0, 1, 1)
      ink.fillStyle = colour
      ink.fillRect(0, 0, 1, 1)
      const [red, green, blue, alpha] = ink.getImageData(0, 0, 1, 1).data
      colours.set(colour, [red, green, blue, alpha / 255])
    }
    return colours.get(colour)
  }
  const over = ([r, g, b, a], [r2, g2, b2]) => [r * a + r2 * (1 - a), g * a + g2 * (1 - a), b * a + b2 * (1 - a), 1]
  const luminance = (colour) => {
    const parts = colour.slice(0, 3).map((value) => value / 255)
    const [red, green, blue] = parts.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  // What lies behind an element: the backgrounds of all that it stands in, the page's last.
  // An element that does not reach to the place (x, y) is not behind it.
  const behind = (node, place) => {
    const layers = []
    for (let each = node; each; each = each.parentElement) {
      const { left, right, top, bottom } = each.getBoundingClientRect()
      const [x, y] = place ?? [left, top]
      if (x >= left && x <= right && y >= top && y <= bottom)
        layers.push(rgba(getComputedStyle(each).backgroundColor))
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1])
  }
  const faded = (node) => {
    let opacity = 1
    for (let each = node; each; each = each.parentElement) opacity *= Number(getComputedStyle(each).opacity)
    return opacity
  }
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  // Letters of a node: those of its own, and where they lie, cut off where an element around them cuts them off.
  const texts = (root) => {
    const found = []
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let part = walker.nextNode(); part; part = walker.nextNode()) {
      const node = part.parentElement
      const text = part.data.trim()
      if (!text || !seen(node) || node.closest("style, script, option, .modebar, .hoverlayer, .dl-spoken, title")) continue
      const range = document.createRange()
      range.selectNodeContents(part)
      let box = range.getBoundingClientRect()
      let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom]
      for (let each = node; each && each !== document.body; each = each.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(each)
        if (each instanceof SVGElement || (overflowX === "visible" && overflowY === "visible")) continue
        box = each.getBoundingClientRect()
        left = Math.max(left, box.left)
        top = Math.max(top, box.top)
        right = Math.min(right, box.right)
        bottom = Math.min(bottom, box.bottom)
      }
      if (right - left > 1 && bottom - top > 1) found.push({ node, text, left, top, right, bottom })
    }
    return found
  }
  const MARKS = ".dl-chip, .dl-key-run, .dl-tick, .dl-rail, .dl-state progress, .x-head i, .x-legend i, .xp-curve > *"
  const inks = ({ stroke, fill }) => [stroke, fill].filter((colour) => colour !== "none" && rgba(colour)[3])
  const LEADING = 0.18 // of the height of a line of letters is empty, above and below
  const apart = (one, other) => {
    const [first, second] = [one, other].map(({ top, bottom }) => (bottom - top) * LEADING)
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left)
    const down = Math.min(one.bottom - first, other.bottom - second) - Math.max(one.top + first, other.top + second)
    return across < 2 || down < 1
  }
  return {
    overlaps: () =>
      [...document.querySelectorAll(".dl-card, .dl-state, .dl-footer")].filter(seen).flatMap((card) => {
        const all = texts(card)
        const label = card.dataset.testid ?? card.className
        return all.flatMap((one, index) =>
          all
            .slice(index + 1)
            .filter((other) => other.node !== one.node)
            .filter((other) => !apart(one, other))
            .map((other) => `${label}: "${one.text}" lies on "${other.text}"`),
        )
      }),
    low: () =>
      [...document.querySelectorAll(".dl-root .js-plotly-plot")]
        .filter((plot) => seen(plot) && plot.clientHeight && plot._fullLayout._size.h < 140)
        .map((plot) => `${plot.closest("section").dataset.testid}: a plot of ${Math.round(plot._fullLayout._size.h)} px`),
    small: () =>
      texts(document.querySelector(".dl-root"))
        .filter(({ node }) => parseFloat(getComputedStyle(node).fontSize) < 14)
        .map(({ node, text }) => `"${text}" has ${getComputedStyle(node).fontSize}`),
    pale: (least) =>
      texts(document.body).flatMap(({ node, text, left, right, top, bottom }) => {
        if (node.closest(":disabled, [aria-disabled=true]")) return []
        const ground = behind(node, [(left + right) / 2, (top + bottom) / 2])
        const style = getComputedStyle(node)
        const [red, green, blue, alpha] = rgba(node instanceof SVGElement ? style.fill : style.color)
        const letters = over([red, green, blue, alpha * faded(node)], ground)
        const found = ratio(letters, ground)
        return found < (node.closest("[data-testid=stIconMaterial]") ? 3 : least) ? [`"${text.slice(0, 40)}" (${node.closest("[class]")?.getAttribute("class")}) ${found.toFixed(2)}`] : []
      }),
    faint: (least) =>
      [...document.querySelectorAll(MARKS)].filter(seen).flatMap((node) => {
        const mark = getComputedStyle(node, node.matches(".dl-chip, i, svg *") ? null : "::before")
        const [drawn] = node instanceof SVGElement ? inks(mark) : [mark.borderTopColor, mark.backgroundColor].filter(
          (colour, index) => (index || parseFloat(mark.borderTopWidth)) && rgba(colour)[3],
        )
        if (!drawn) return []
        const ground = behind(node.matches(".dl-rail") ? node : node.parentElement)
        const found = ratio(over(rgba(drawn), ground), ground)
        return found < least ? [`${node.getAttribute("class")} ${node.dataset.kind ?? node.parentElement.dataset.name ?? node.parentElement.textContent}: ${drawn} ${found.toFixed(2)}`] : []
      }),
    // Plots have the size of their places.
    settled: () =>
      [...document.querySelectorAll(".dl-root .js-plotly-plot")]
        .filter((plot) => seen(plot) && plot.clientHeight)
        .every(({ clientWidth, clientHeight, _fullLayout: { width, height } }) => width === clientWidth && height === clientHeight),
  }
})()
