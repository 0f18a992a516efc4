// plotly.js, a script of its own (core/web/static.py); what goes in and out of it is plain data.
declare const Plotly: any

interface Window {
  Plotly?: unknown
}
