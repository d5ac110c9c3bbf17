// A walk to scrub through and to play: the frame, the nearest training image, and curves with a mark that goes along.
//
// data: {film, near: {film, place, image}, n_frames, n_steps, size: [w, h], columns, names, loop, fps, at, serial,
// facts: [{name, values, beside}], events: [{frame, kind, text}], jump, charts: [{title, axis, legend, svg,
// span: [left, right, top, bottom, low, high], points: [[x, height, text]]}], chart_size, finding,
// palette, rules, waits}
// A film is one picture of all frames, row by row. state "at": {frame}, sent where a person stops; `serial` tells
// that the link asks for another frame.

const players = new WeakMap()
const SVG = "http://www.w3.org/2000/svg"

export default function ({ data, parentElement, setStateValue }) {
  const player = mounted(parentElement)
  const before = player.data
  player.data = data
  player.send = setStateValue
  player.root.style.cssText = data.palette
  player.colours.textContent = data.rules
  player.root.style.setProperty("--ratio", `${data.size[0]} / ${data.size[1]}`)
  if (before?.serial !== data.serial) player.frame = data.at
  player.frame = Math.min(player.frame, data.n_frames - 1)
  player.finding.textContent = data.finding ?? ""
  load(player, "film", data.film)
  load(player, "near", data.near?.film ?? "")
  if (!before || before.n_frames !== data.n_frames || before.n_steps !== data.n_steps || before.loop !== data.loop
      || before.film !== data.film || before.near?.film !== data.near?.film || before.jump !== data.jump) {
    rail(player)
    player.pair = null
  }
  if (JSON.stringify(before?.charts) !== JSON.stringify(data.charts)) charts(player)
  show(player)
  return () => stop(player, false)
}

function mounted(parent) {
  if (players.has(parent)) return players.get(parent)
  const player = { root: element("div", "player"), frame: 0, pair: null, timer: 0, data: null, charts: [] }
  const { root } = player
  player.colours = element("style", "")
  player.big = picture("now", "Frame")
  player.twin = picture("twin", "Nearest training image")
  player.readout = element("div", "readout")
  player.where = element("p", "where")
  player.event = element("p", "event")
  player.facts = element("dl", "facts")
  player.readout.append(player.where, player.facts, player.event)
  const stage = element("div", "stage")
  stage.append(player.big.figure, player.twin.figure, player.readout)

  player.back = button("step", "Previous frame", "M15 5 8 12l7 7", () => step(player, -1))
  player.play = button("play", "Play", "", () => (player.timer ? stop(player) : start(player)))
  player.next = button("step", "Next frame", "m9 5 7 7-7 7", () => step(player, 1))
  player.range = element("input", "range")
  Object.assign(player.range, { type: "range", min: 0, step: 1 })
  player.range.setAttribute("aria-label", "Frame")
  player.range.addEventListener("input", () => { stop(player, false); go(player, Number(player.range.value)) })
  player.range.addEventListener("change", () => report(player))
  player.key = element("ul", "key")
  player.key.setAttribute("aria-label", "Marks above the slider")
  player.marks = element("div", "marks")
  player.thumbs = element("div", "thumbs")
  const lane = element("div", "lane")
  lane.append(player.key, player.marks, player.range, player.thumbs)
  const transport = element("div", "transport")
  const buttons = element("div", "buttons")
  buttons.append(player.back, player.play, player.next)
  transport.append(buttons, lane)

  player.strip = element("div", "strip")
  player.strip.tabIndex = -1
  player.strip.addEventListener("scroll", () => hint(player), { passive: true })
  new ResizeObserver(() => hint(player)).observe(player.strip)
  player.finding = element("p", "finding")
  player.grid = element("div", "charts")
  root.append(player.colours, stage, transport, player.strip, player.finding, player.grid)
  root.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button")) return
    event.preventDefault()
    player.timer ? stop(player) : start(player)
  })
  parent.append(root)
  players.set(parent, player)
  return player
}

function picture(className, label) {
  const figure = element("figure", className)
  const canvas = element("canvas", "picture")
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", label)
  const caption = element("figcaption", "", label)
  figure.append(canvas, caption)
  return { figure, canvas, caption }
}

function button(className, label, path, press) {
  const made = element("button", className)
  made.setAttribute("aria-label", label)
  made.title = label
  icon(made, path)
  made.addEventListener("click", press)
  return made
}

function icon(node, path, isFilled = false) {
  const fill = isFilled ? `fill="currentColor"` : `fill="none" stroke="currentColor" stroke-width="2"`
  node.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}" ${fill}/></svg>`
}

function load(player, name, source) {
  if (player[name]?.source === source) return
  if (!source) { player[name] = null; return }
  const image = new Image()
  player[name] = { source, image, isReady: false }
  image.onload = () => {
    if (player[name]?.image !== image) return
    player[name].isReady = true
    rail(player)
    player.pair = null
    show(player)
  }
  image.src = source
}

function paint(player, canvas, film, number) {
  const [width, height] = player.data.size
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  if (!film?.isReady) return
  const { columns } = player.data
  const x = (number % columns) * width
  const y = Math.floor(number / columns) * height
  const context = canvas.getContext("2d")
  context.imageSmoothingEnabled = false
  context.drawImage(film.image, x, y, width, height, 0, 0, width, height)
}

// Which pair of waypoints a frame is in, and how far: a waypoint begins its pair, the last one ends it.
function place(player, frame) {
  const { n_steps: steps, n_frames: n } = player.data
  const pair = Math.min(Math.floor(frame / steps), Math.max(0, (n - 1) / steps - 1))
  return { pair, step: frame - pair * steps }
}

const waypoint = (player, k) => k % player.data.names.length

function words(player, frame) {
  const { pair, step } = place(player, frame)
  const steps = player.data.n_steps
  if (step % steps === 0) {
    const k = waypoint(player, pair + step / steps)
    return `Waypoint ${k}, ${player.data.names[k]}`
  }
  return `Between waypoints ${pair} and ${waypoint(player, pair + 1)}, step ${step} of ${steps}`
}

function show(player) {
  const { data, frame } = player
  const last = data.n_frames - 1
  player.range.max = last
  player.range.value = frame
  player.range.setAttribute("aria-valuetext", `Frame ${frame} of ${last}. ${words(player, frame)}`)
  paint(player, player.big.canvas, player.film, frame)
  player.big.canvas.setAttribute("aria-label", `Frame ${frame}: ${words(player, frame)}`)
  player.big.caption.textContent = `Frame ${frame} of ${last}`
  player.twin.figure.hidden = !data.near
  if (data.near) {
    paint(player, player.twin.canvas, player.near, data.near.place[frame])
    player.twin.caption.textContent = "Nearest training image"
    player.twin.canvas.setAttribute("aria-label", `Training image ${data.near.image[frame]}, the nearest to frame ${frame}`)
  }
  player.where.textContent = words(player, frame)
  const happens = (data.events ?? []).filter((event) => event.frame === frame).map((event) => event.text)
  if (data.jump + 1 === frame) happens.push("largest step of the walk")
  player.event.textContent = happens.join(", ")
  facts(player)
  strip(player)
  mark(player)
  Array.from(player.thumbs.children).forEach((thumb, k) => {
    thumb.setAttribute("aria-current", String(k * data.n_steps === frame))
  })
  if (!player.timer) icon(player.play, "M7 4.5v15l13-7.5z", true)
}

function facts(player) {
  const { facts: all = [], waits } = player.data
  const count = all.length
  if (player.facts.children.length !== count) {
    player.facts.replaceChildren(...all.map(() => {
      const row = element("div", "fact")
      row.append(element("dt", ""), element("dd", ""), element("dd", "beside"))
      return row
    }))
  }
  all.forEach(({ name, values, beside }, k) => {
    const [term, value, other] = player.facts.children[k].children
    term.textContent = name
    value.textContent = values[player.frame]
    other.textContent = beside
  })
  player.readout.classList.toggle("waits", waits)
}

// The waypoints under the rail, and what happens above it.
function rail(player) {
  const { data } = player
  const last = data.n_frames - 1
  const at = (frame) => `${100 * frame / last}%`
  const marks = (data.events ?? []).map(({ frame, kind, text }) => {
    const dot = element("i", kind)
    dot.style.left = at(frame)
    dot.title = `${text}, frame ${frame}`
    return dot
  })
  if (data.jump !== undefined) {
    const bar = element("i", "jump")
    bar.style.left = at(data.jump + 0.5)
    bar.title = `largest step, from frame ${data.jump} to ${data.jump + 1}`
    marks.push(bar)
  }
  player.marks.replaceChildren(...marks)
  const kinds = [["appears", "an object appears"], ["vanishes", "an object vanishes"], ["jump", "largest step"]]
  player.key.replaceChildren(...kinds.filter(([kind]) => marks.some((mark) => mark.className === kind)).map(([kind, word]) => {
    const entry = element("li", "")
    entry.append(element("i", kind), element("span", "", word))
    return entry
  }))
  const count = last / data.n_steps + 1
  player.thumbs.style.setProperty("--share", `${100 / Math.max(1, count - 1)}%`)
  player.thumbs.replaceChildren(...Array.from({ length: count }, (_, k) => {
    const thumb = element("button", "thumb")
    thumb.style.left = at(k * data.n_steps)
    thumb.tabIndex = -1 // the rail itself is there for the keyboard
    thumb.setAttribute("aria-label", `Go to waypoint ${waypoint(player, k)}`)
    const canvas = element("canvas", "picture")
    paint(player, canvas, player.film, k * data.n_steps)
    thumb.append(canvas, element("span", "", String(waypoint(player, k))))
    thumb.addEventListener("click", () => { stop(player, false); go(player, k * data.n_steps); report(player) })
    return thumb
  }))
}

// The frames of the pair that is shown, above their nearest training images.
function strip(player) {
  const { data, frame } = player
  const { pair, step } = place(player, frame)
  const name = `${pair} of ${data.n_frames}`
  if (player.pair !== name) {
    player.pair = name
    const cells = Array.from({ length: data.n_steps + 1 }, (_, k) => {
      const number = pair * data.n_steps + k
      const cell = element("button", "cell")
      cell.setAttribute("aria-label", `Frame ${number}`)
      const canvas = element("canvas", "picture")
      paint(player, canvas, player.film, number)
      cell.append(canvas)
      if (data.near) {
        const twin = element("canvas", "picture")
        paint(player, twin, player.near, data.near.place[number])
        cell.append(twin)
      }
      const isWaypoint = k % data.n_steps === 0
      cell.append(element("span", "", isWaypoint ? `waypoint ${waypoint(player, pair + k / data.n_steps)}` : String(k)))
      cell.classList.toggle("jump", data.jump === number || data.jump + 1 === number)
      cell.addEventListener("click", () => { stop(player, false); go(player, number); report(player) })
      return cell
    })
    player.strip.style.setProperty("--count", cells.length)
    player.strip.replaceChildren(...cells)
  }
  Array.from(player.strip.children).forEach((cell, k) => cell.setAttribute("aria-current", String(k === step)))
  const now = player.strip.children[step]
  if (now && player.strip.scrollWidth > player.strip.clientWidth) {
    player.strip.scrollLeft = now.offsetLeft - (player.strip.clientWidth - now.offsetWidth) / 2
  }
  hint(player)
}

// Where the strip goes on beyond its ends.
function hint({ strip }) {
  const left = strip.scrollLeft > 1
  const right = strip.scrollLeft < strip.scrollWidth - strip.clientWidth - 1
  strip.classList.toggle("more-left", left)
  strip.classList.toggle("more-right", right)
}

function charts(player) {
  player.charts = (player.data.charts ?? []).map((chart) => {
    const box = element("section", "chart")
    const head = element("header", "")
    const value = element("output", "")
    head.append(element("h4", "", chart.title), value)
    const legend = element("div", "")
    legend.innerHTML = chart.legend
    const drawing = element("div", "drawing")
    drawing.innerHTML = chart.svg
    const svg = drawing.firstElementChild
    const line = document.createElementNS(SVG, "line")
    const dot = document.createElementNS(SVG, "circle")
    line.setAttribute("class", "cursor")
    dot.setAttribute("class", "cursor")
    dot.setAttribute("r", 4.5)
    svg.append(line, dot)
    drawing.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return
      drawing.setPointerCapture(event.pointerId)
      player.held = drawing
      stop(player, false)
      follow(player, svg, chart, event)
    })
    drawing.addEventListener("pointermove", (event) => { if (player.held === drawing) follow(player, svg, chart, event) })
    for (const end of ["pointerup", "pointercancel"]) {
      drawing.addEventListener(end, () => { if (player.held === drawing) { player.held = null; report(player) } })
    }
    box.append(head, legend, element("p", "axis", chart.axis), drawing)
    return { chart, box, line, dot, value }
  })
  player.grid.replaceChildren(...player.charts.map((one) => one.box))
}

function follow(player, svg, { span: [left, right, , , low, high] }, event) {
  const frame = svg.getBoundingClientRect()
  const x = (event.clientX - frame.left) / frame.width * player.data.chart_size[0]
  const waypoints = low + (x - left) / (right - left) * (high - low)
  go(player, Math.max(0, Math.min(player.data.n_frames - 1, Math.round(waypoints * player.data.n_steps))))
}

// A mark at the frame; of steps, which lie between frames, the one that led here.
function mark(player) {
  const x = player.frame / player.data.n_steps
  for (const { chart, line, dot, value } of player.charts) {
    const [left, right, top, bottom, low, high] = chart.span
    const at = (place) => left + (place - low) / (high - low) * (right - left)
    let point = chart.points[0]
    for (const one of chart.points) if (one[0] <= x + 1e-9) point = one
    for (const [name, position] of [["x1", at(x)], ["x2", at(x)], ["y1", top], ["y2", bottom]]) line.setAttribute(name, position)
    if (!point) continue
    dot.setAttribute("cx", at(point[0]))
    dot.setAttribute("cy", point[1])
    value.textContent = point[2]
  }
}

function go(player, frame) {
  player.frame = frame
  show(player)
}

function step(player, by) {
  stop(player, false)
  const n = player.data.n_frames
  go(player, (player.frame + by + n) % n)
  report(player)
}

function start(player) {
  icon(player.play, "M6 5h4v14H6zM14 5h4v14h-4z", true)
  player.play.setAttribute("aria-label", "Pause")
  player.play.title = "Pause"
  let due = performance.now()
  const tick = (now) => {
    const pause = 1000 / player.data.fps
    if (now >= due) {
      due = Math.max(due + pause, now - pause)
      const n = player.data.n_frames - (player.data.loop ? 1 : 0) // of a loop the last frame is the first again
      go(player, (player.frame + 1) % n)
    }
    player.timer = requestAnimationFrame(tick)
  }
  player.timer = requestAnimationFrame(tick)
}

function stop(player, isTold = true) {
  if (!player.timer) return
  cancelAnimationFrame(player.timer)
  player.timer = 0
  icon(player.play, "M7 4.5v15l13-7.5z", true)
  player.play.setAttribute("aria-label", "Play")
  player.play.title = "Play"
  if (isTold) report(player)
}

// Where a person stopped goes into the link; keys and clicks in quick succession once.
function report(player) {
  clearTimeout(player.later)
  player.later = setTimeout(() => player.send("at", { frame: player.frame }), 300)
}
