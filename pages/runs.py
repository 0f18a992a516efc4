"""Runs: every run of the lab, to be found, compared, named, stopped and deleted."""

from core.web import styles
from core.web.runs import page

styles.of_page("runs")
page.draw()
