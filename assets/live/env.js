// What views may ask of the dashboard.
import { clamp } from "../shared/numbers.js"
import { download } from "./export.js"
import { hurry } from "./poller.js"

/** @import { Dashboard } from "./dashboard.js" */
/** @import { Env } from "./types.js" */

/** @param {Dashboard} dashboard @returns {Env} */
export const environment = (dashboard) => ({
  figures: dashboard.figures,
  view: { ...dashboard.view },
  command: (command) => {
    const id = `${Date.now()}-${Math.random()}`
    dashboard.send("command", { ...command, id })
    hurry()
    queueMicrotask(() => dashboard.keyboard?.keep())
    return id
  },
  attempt: dashboard.names.tries ? (attempt) => dashboard.send("attempt", attempt) : null,
  note: dashboard.names.notes
    ? (note) => {
        const id = `${Date.now()}-${Math.random()}`
        dashboard.send("note", { ...note, view: dashboard.address.query(["run", "with"]), id })
        return id
      }
    : null,
  enlarge: (view) => dashboard.enlarge(dashboard.grid.large === view ? null : view),
  download: (view, format) => {
    const context = dashboard.context()
    void download(view, { ...context, playing: false }, format)
    view.stale = true
    dashboard.grid.drawCard(view, context)
  },
  choose: (view, change) => {
    Object.assign(dashboard.view, change)
    dashboard.look++
    dashboard.keep()
    view.stale = true
    dashboard.grid.drawCard(view, dashboard.context())
    dashboard.ask()
  },
  setUnit: (unit) => dashboard.set({ unit }),
  setLossAxis: (lossAxis) => dashboard.set({ lossAxis }),
  setCursor: (step) => {
    dashboard.scrubber.player.pause()
    dashboard.seek(step)
  },
  seek: (step) => dashboard.seek(step),
  point: (id) => dashboard.grid.named(id)?.card.point(),
  present: (pair) => {
    dashboard.view.present = pair
    dashboard.stage()
    dashboard.keep()
    dashboard.look++
    dashboard.draw(true)
  },
  setPlaying: (playing, pace) => dashboard.setPlaying(playing, pace),
  setLoop: (part) => dashboard.set(part),
  setSpeed: (speed) => dashboard.set({ speed }),
  setPicked: (layer, layers) => dashboard.set({ picked: clamp(layer / (layers - 1), 0, 1) }),
  stepAt: (position) => dashboard.runs.longest.stepAt(position, dashboard.view.unit),
  positionOf: (step) => dashboard.runs.longest.at(step, dashboard.view.unit),
  styleOf: (store) => dashboard.runs.styleOf(store, dashboard.view),
  leads: (store) => dashboard.runs.leads(store),
  labelOf: (store) => dashboard.runs.named(store).label,
  hides: (store) => dashboard.runs.hides(store, dashboard.view),
  hide: (store) => {
    const { runs, view } = dashboard
    const hidden = runs.toggled(store, view)
    dashboard.set({ hidden, base: runs.bases(store, view) ? "" : view.base }) // nothing differs from what is not shown
  },
  bases: (store) => dashboard.runs.bases(store, dashboard.view),
  base: (store) => dashboard.set({ base: dashboard.runs.based(store, dashboard.view) }),
  several: dashboard.runs.stores.length > 1,
})
