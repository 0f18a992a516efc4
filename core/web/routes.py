"""What the browser fetches besides Streamlit's own: events of a run, and the files of the live dashboard. GET only."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.engine import client
from core.spec import shortened
from core.web import static
from core.web.train import findings, opened, recordings


def events(request: Request) -> Response:
    """``/api/runs/<id>/events?after=SEQ``: what happened after that cursor, and how the run stands.

    From 0, its Recording comes (at most 2,000 points a trace); after that, each event as it was.
    """
    run_id = request.path_params["run_id"]
    after = request.query_params.get("after", "0")
    if not after.isdigit():
        return JSONResponse({"error": f"after={shortened(after)!r} is not a cursor: send the last seq you have."}, 400)
    if run_id.startswith(opened.MARK):
        told = opened.answer(run_id, int(after))
        if told is None:
            return JSONResponse({"error": "This recording is not open any more: open its file once more."}, 404)
        return Response(told, media_type="application/json")
    try:
        run = client.run(run_id)
        if run is None:
            return JSONResponse({"error": f"There is no run {shortened(run_id)!r}."}, 404)
        return Response(recordings.answer(client.store(), run, int(after)), media_type="application/json")
    except client.EngineError as refusal:
        return JSONResponse({"error": str(refusal)}, 503)


def said(request: Request) -> Response:
    """``/api/findings?runs=ID,ID&step=N&gradient=NAME&signals=NAME&flow=NAME&ledger=N``: what may be said of runs."""
    try:
        return Response(findings.answer(request.query_params), media_type="application/json")
    except findings.MissingError as missing:
        return JSONResponse({"error": str(missing)}, 404)
    except findings.QueryError as refusal:
        return JSONResponse({"error": str(refusal)}, 400)
    except client.EngineError as refusal:
        return JSONResponse({"error": str(refusal)}, 503)


def asset(request: Request) -> Response:
    """``/api/static/<digest>/<name>``: gzipped once, cached by the browser for as long as the content is the same."""
    body = static.gzipped(request.path_params["name"])
    if body is None:
        return JSONResponse({"error": "There is no such file."}, 404)
    fresh = request.path_params["digest"] == static.digest()
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if fresh else "no-cache",
        "Content-Encoding": "gzip",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, headers=headers, media_type=static.media_type(request.path_params["name"]))


ROUTES = [
    Route(f"{static.base_path()}/api/runs/{{run_id}}/events", events, methods=["GET"]),
    Route(f"{static.base_path()}/api/findings", said, methods=["GET"]),
    Route(f"{static.base_path()}/api/static/{{digest}}/{{name:path}}", asset, methods=["GET"]),
]
