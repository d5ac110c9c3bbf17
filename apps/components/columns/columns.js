// Pictures in rows that belong together, column by column: the same sample before, after, and what differs.
//
// data: {label, narrow, names: [text], rows: [{label, note, isResult, cells: [{src, alt}]}]}
// A picture of the result is a button: as long as it is held, the one of the first row is in its place.

const places = new WeakMap()

export default function ({ data, parentElement }) {
  const place = mounted(parentElement)
  const shape = JSON.stringify([data.names, data.rows.map(({ label, isResult }) => [label, isResult])])
  if (shape !== place.shape) build(place, data)
  place.shape = shape
  place.data = data
  place.root.setAttribute("aria-label", data.label)
  data.rows.forEach(({ note, cells }, r) => {
    place.notes[r].textContent = note
    cells.forEach(({ src, alt }, c) => {
      const image = place.images[r][c]
      if (image.src !== src) image.src = src
      image.alt = alt
      image.parentElement.classList.remove("held")
    })
  })
}

function mounted(parent) {
  if (places.has(parent)) return places.get(parent)
  const root = element("div", "columns")
  root.setAttribute("role", "group")
  parent.append(root)
  const place = { root, images: [], notes: [], shape: "", data: null }
  places.set(parent, place)
  return place
}

function build(place, data) {
  const rows = element("div", "rows")
  rows.style.setProperty("--count", data.names.length)
  rows.style.setProperty("--narrow", data.narrow)
  place.images = []
  place.notes = []
  data.rows.forEach(({ label, isResult, cells }, r) => {
    const row = element("div", isResult ? "row result" : "row")
    row.style.setProperty("--order", r)
    const head = element("div", "label")
    const note = element("span", "note")
    head.append(element("b", "", label), note)
    row.append(head)
    place.notes.push(note)
    place.images.push(cells.map((_, c) => {
      const cell = element(isResult ? "button" : "div", isResult ? "cell hold" : "cell")
      const image = element("img", "")
      cell.append(image)
      if (isResult) holdable(place, cell, image, r, c)
      row.append(cell)
      return image
    }))
    rows.append(row)
  })
  const names = element("div", "row names")
  names.setAttribute("aria-hidden", "true") // the pictures' own texts say it, too
  names.style.setProperty("--order", data.rows.length)
  names.append(element("div", "label"), ...data.names.map((name) => element("div", "cell", name)))
  rows.append(names)
  place.root.replaceChildren(rows)
}

function holdable(place, button, image, r, c) {
  button.type = "button"
  const show = (isHeld) => {
    const { src, alt } = place.data.rows[isHeld ? 0 : r].cells[c]
    button.classList.toggle("held", isHeld)
    image.src = src
    image.alt = alt
  }
  button.addEventListener("pointerdown", () => show(true))
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
    button.addEventListener(end, () => show(false))
  }
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return
    event.preventDefault()
    show(true)
  })
  button.addEventListener("keyup", () => show(false))
}
