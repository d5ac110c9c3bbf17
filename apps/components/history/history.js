// One step of the browser's history for a change of page. Streamlit takes two: the page's bare address first,
// and once the page has run the address of what is seen, so that going back would show a state that never was.

export default function () {
  if (window.dcganVizHistory) return
  window.dcganVizHistory = true
  let isNew = false // the page has changed, and nobody has touched it yet
  const push = window.history.pushState.bind(window.history)
  window.history.pushState = (state, title, url) => {
    const isSamePage = new URL(url, window.location.href).pathname === window.location.pathname
    if (isSamePage && isNew) window.history.replaceState(state, title, url)
    else push(state, title, url)
    if (!isSamePage) isNew = true // and stays so: a page may find out more of what is seen
  }
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { isNew = false }, { capture: true })
  }
}
