// Filters in full. data: {palette, rules, cards: [{title, dead} or {title, pictures, panel}], below: [panel]}, a panel
// being {title, legend, svg}. The HTML is the library's own; nothing in it is a person's.

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".portraits")
  if (!root) {
    root = element("div", "portraits")
    parentElement.append(root)
  }
  root.style.cssText = data.palette
  const colours = element("style", "", data.rules)
  root.replaceChildren(colours, ...data.cards.map(card), ...data.below.map((one) => panel(one, true)))
}

function card({ title, dead, pictures, panel: beside }) {
  const box = element("article", beside ? "card" : "card alone")
  box.append(element("h3", "", title))
  if (dead) {
    box.append(element("p", "dead", dead))
    return box
  }
  const left = element("div", "pictures")
  left.innerHTML = pictures
  box.append(left)
  if (beside) box.append(panel(beside, false))
  return box
}

function panel({ title, legend, svg }, isTitled) {
  const box = element("section", "panel")
  if (isTitled) box.append(element("h3", "", title))
  const marks = element("div", "")
  marks.innerHTML = legend
  const drawing = element("div", "drawing")
  drawing.innerHTML = svg
  box.append(marks, drawing)
  return box
}
